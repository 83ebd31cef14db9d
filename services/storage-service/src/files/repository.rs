//! Rows of files.

use chrono::{DateTime, Utc};
use contracts::storage::{FileResponse, Media};
use contracts::{FileCategory, FileStatus};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

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
        }
    }
}

pub(crate) async fn insert(connection: &mut AsyncPgConnection, file: &File) -> QueryResult<usize> {
    diesel::insert_into(stg_files::table).values(file).execute(connection).await
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

/// A person's live files before the one named `after`, the newest first, of one category or with one checksum where these
/// are named; served by `stg_files_of_user`, `stg_files_by_checksum`.
pub(super) async fn list_of_user(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (category, checksum): (Option<FileCategory>, Option<String>),
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<File>> {
    // Boxed: each filter has its own index and so its own plan.
    let mut files = live()
        .filter(stg_files::user_id.eq(user_id))
        .filter(stg_files::id.lt(after.unwrap_or(Uuid::max())))
        .order(stg_files::id.desc())
        .limit(limit)
        .select(File::as_select())
        .into_boxed();
    if let Some(category) = category {
        files = files.filter(stg_files::category.eq(AsText(category)));
    }
    if let Some(checksum) = checksum {
        files = files.filter(stg_files::checksum.eq(checksum));
    }
    files.load(&mut connection).await
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

/// Marks a file that the caller holds as deleted.
pub(super) async fn delete(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(stg_files::table.find(id))
        .set((
            stg_files::status.eq(AsText(FileStatus::Deleted)),
            stg_files::deleted_at.eq(now),
            stg_files::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
fn live() -> _ {
    stg_files::table.filter(stg_files::deleted_at.is_null())
}
