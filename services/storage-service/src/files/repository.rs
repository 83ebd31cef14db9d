//! Rows of files.

use chrono::{DateTime, Utc};
use contracts::storage::{FileResponse, Media, UpdateFileRequest};
use contracts::{FileCategory, FileStatus};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::domain::Search;
use crate::quotas::repository as quotas;
use crate::schema::stg_files;
use crate::versions::repository::Version;

/// A row of `stg_files`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stg_files, check_for_backend(diesel::pg::Pg))]
pub(crate) struct File {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) original_name: String,
    pub(crate) category: AsText<FileCategory>,
    pub(crate) content_type: String,
    pub(crate) file_size: i64,
    pub(crate) checksum: String,
    // Only of a purged file is there none, and those are never read as files.
    #[diesel(select_expression = stg_files::current_version_id.assume_not_null())]
    pub(crate) current_version_id: Uuid,
    pub(crate) version_counter: i32,
    pub(crate) tags: Vec<String>,
    pub(crate) is_public: bool,
    pub(crate) status: AsText<FileStatus>,
    pub(crate) media: Option<AsJson<Media>>,
    pub(crate) uploaded_at: DateTime<Utc>,
    pub(crate) last_modified: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) current_version: i32,
    pub(crate) orphaned_at: Option<DateTime<Utc>>,
    pub(crate) delete_after: Option<DateTime<Utc>>,
    pub(crate) metadata: AsJson<Map<String, Value>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) created_by: Option<Uuid>,
}

impl File {
    /// Whether its time is over.
    pub(crate) fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl From<File> for FileResponse {
    fn from(file: File) -> Self {
        Self {
            id: file.id,
            user_id: file.user_id,
            original_name: file.original_name,
            category: file.category.0,
            content_type: file.content_type,
            file_size: file.file_size,
            checksum: file.checksum,
            current_version: file.current_version,
            is_public: file.is_public,
            tags: file.tags,
            status: file.status.0,
            media: file.media.map(|media| media.0),
            uploaded_at: file.uploaded_at,
            last_modified: file.last_modified,
            orphaned_at: file.orphaned_at,
            deleted_at: file.deleted_at,
            delete_after: file.delete_after,
            metadata: file.metadata.0,
            expires_at: file.expires_at,
            created_by: file.created_by,
        }
    }
}

/// Stores a new file, and counts it.
pub(crate) async fn insert(connection: &mut AsyncPgConnection, file: &File) -> QueryResult<usize> {
    diesel::insert_into(stg_files::table).values(file).execute(connection).await?;
    quotas::count_file(connection, file.user_id).await
}

/// A live file, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<File>> {
    live().filter(stg_files::id.eq(id)).select(File::as_select()).first(&mut connection).await.optional()
}

/// The owner of a file, deleted or not, by primary key.
pub(crate) async fn find_owner(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Uuid>> {
    stg_files::table.find(id).select(stg_files::user_id).first(&mut connection).await.optional()
}

/// A live file, held until the transaction ends.
pub(crate) async fn lock(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<File>> {
    let file = live().filter(stg_files::id.eq(id)).select(File::as_select());
    file.for_no_key_update().first(connection).await.optional()
}

/// A person's files before the one named `after`, the newest first; served by `stg_files_of_user`, `stg_files_by_checksum`,
/// `stg_files_deleted_of_user`. What else is asked for is looked for along them.
pub(super) async fn list_of_user(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    search: &Search,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<File>> {
    // Boxed: each filter has its own index and so its own plan.
    let mut files = stg_files::table
        .filter(stg_files::user_id.eq(user_id))
        .filter(stg_files::id.lt(after.unwrap_or(Uuid::max())))
        .order(stg_files::id.desc())
        .limit(limit)
        .select(File::as_select())
        .into_boxed();
    // In words, not as parameters: a plan that is made for all parameters could not use the partial indexes.
    files = match search.status {
        Some(FileStatus::Deleted) => {
            files.filter(dsl::sql::<Bool>("stg_files.status = 'deleted' AND stg_files.purged_at IS NULL"))
        }
        Some(status) => {
            files.filter(stg_files::deleted_at.is_null()).filter(stg_files::status.eq(AsText(status)))
        }
        None => files.filter(stg_files::deleted_at.is_null()),
    };
    if let Some(category) = search.category {
        files = files.filter(stg_files::category.eq(AsText(category)));
    }
    if let Some(checksum) = &search.checksum {
        files = files.filter(stg_files::checksum.eq(checksum));
    }
    for pattern in search.names.iter() {
        files = files.filter(stg_files::original_name.ilike(pattern));
    }
    if let Some(tag) = &search.tag {
        files = files.filter(stg_files::tags.contains(vec![tag]));
    }
    if let Some(pattern) = &search.content_type {
        files = files.filter(stg_files::content_type.like(pattern));
    }
    let (sizes, times) = (&search.sizes, &search.times);
    files = files.filter(stg_files::file_size.between(sizes.0, sizes.1));
    if let Some(from) = times.0 {
        files = files.filter(stg_files::uploaded_at.ge(from));
    }
    if let Some(to) = times.1 {
        files = files.filter(stg_files::uploaded_at.lt(to));
    }
    files.load(&mut connection).await
}

/// A person's files that can be read, before the one named `after`, the newest first; served by `stg_files_of_user`.
pub(crate) async fn list_live_of_user(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<File>> {
    live()
        .filter(stg_files::user_id.eq(user_id))
        .filter(stg_files::id.lt(after.unwrap_or(Uuid::max())))
        .filter(stg_files::expires_at.is_null().or(stg_files::expires_at.gt(dsl::now)))
        .order(stg_files::id.desc())
        .limit(limit)
        .select(File::as_select())
        .load(&mut connection)
        .await
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = stg_files)]
pub(super) struct FileChanges {
    original_name: Option<String>,
    tags: Option<Vec<String>>,
    is_public: Option<bool>,
    pub(super) expires_at: Option<Option<DateTime<Utc>>>,
    metadata: Option<AsJson<Map<String, Value>>>,
}

impl From<UpdateFileRequest> for FileChanges {
    fn from(request: UpdateFileRequest) -> Self {
        Self {
            original_name: request.original_name,
            tags: request.tags,
            is_public: request.is_public,
            expires_at: request.expires_at,
            metadata: request.metadata.map(AsJson),
        }
    }
}

/// Changes what is said of a file that the caller holds.
pub(super) async fn update(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    changes: &FileChanges,
) -> QueryResult<File> {
    let file = diesel::update(stg_files::table.find(id)).set((changes, stg_files::updated_at.eq(dsl::now)));
    file.returning(File::as_returning()).get_result(connection).await
}

/// What changes of a file when it gets other bytes.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = stg_files, treat_none_as_null = true)]
pub(crate) struct Content {
    content_type: String,
    file_size: i64,
    checksum: String,
    current_version_id: Uuid,
    current_version: i32,
    media: Option<AsJson<Media>>,
    last_modified: DateTime<Utc>,
}

impl Content {
    pub(crate) fn of(version: &Version, media: Option<Media>) -> Self {
        Self {
            content_type: version.content_type.clone(),
            file_size: version.file_size,
            checksum: version.checksum.clone(),
            current_version_id: version.id,
            current_version: version.version_number,
            media: media.map(AsJson),
            last_modified: version.created_at,
        }
    }
}

/// Gives a file that the caller holds other bytes.
pub(crate) async fn set_content(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    content: Content,
) -> QueryResult<File> {
    diesel::update(stg_files::table.find(id))
        .set((content, stg_files::updated_at.eq(dsl::now)))
        .returning(File::as_returning())
        .get_result(connection)
        .await
}

/// Gives out the next `count` version numbers of a file that the caller holds, up to the one returned.
pub(crate) async fn take_numbers(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    count: i32,
) -> QueryResult<i32> {
    diesel::update(stg_files::table.find(id))
        .set(stg_files::version_counter.eq(stg_files::version_counter + count))
        .returning(stg_files::version_counter)
        .get_result(connection)
        .await
}

/// Sets what is known of the media of a file that the caller holds.
pub(crate) async fn set_media(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    media: &Media,
) -> QueryResult<usize> {
    diesel::update(stg_files::table.find(id))
        .set((stg_files::media.eq(AsJson(media.clone())), stg_files::updated_at.eq(dsl::now)))
        .execute(connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
pub(crate) fn live() -> _ {
    stg_files::table.filter(stg_files::deleted_at.is_null())
}
