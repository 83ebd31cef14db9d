//! Which files of storage-service a service uses, told as a whole: all files of one thing in the transaction of its change, and
//! again where storage-service knows otherwise. It does of things from before this was told, and when something was lost.

use contracts::client::{ClientError, StorageClient};
use contracts::events::{BATCH, FileReference, FilesReferenced};
use contracts::storage::CompareReferencesRequest;
use contracts::{EventType, FileOwner, FileRole};
use database::{Database, DatabaseError, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use identity::Service;
use uuid::Uuid;

use crate::Outbox;

/// A kind of thing that uses files.
#[derive(Debug, Clone, Copy)]
pub struct FileUsers {
    /// The kind.
    pub kind: FileOwner,
    /// What its files are for.
    pub roles: [FileRole; 2],
    /// A query, up to and with its conditions, for the things of a table named `thing`: the id, and a file or null for each role.
    /// Things that use none, deleted ones too, are among them: what storage-service holds for them is to go.
    pub rows: &'static str,
}

#[derive(Queryable)]
struct Row {
    id: Uuid,
    first: Option<Uuid>,
    second: Option<Uuid>,
}

/// Why a look broke off.
#[derive(Debug, thiserror::Error)]
enum BrokenOff {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("storage-service did not answer")]
    Storage(#[from] ClientError),
}

impl From<diesel::result::Error> for BrokenOff {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Outbox {
    /// Tells which files things use now, in the transaction of the change. The caller holds the things.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tell_files(
        &self,
        connection: &mut AsyncPgConnection,
        things: Vec<FilesReferenced>,
    ) -> QueryResult<()> {
        let kind = match self.service {
            Service::Music => EventType::MusicFilesReferenced,
            _ => EventType::UserFilesReferenced,
        };
        let events = things.into_iter().map(|thing| (thing.owner_id, thing)).collect();
        self.enqueue(connection, kind, events).await
    }

    /// Tells again what storage-service knows otherwise. Where nothing is, it writes nothing.
    ///
    /// # Errors
    /// When the database is away or refuses; when storage-service is away, it says so and leaves it for the next time.
    pub async fn tell_unknown_files(
        self,
        database: Database,
        storage: StorageClient,
        users: &[FileUsers],
    ) -> Result<String, DatabaseError> {
        let mut told = 0;
        for users in users {
            match self.check(&database, &storage, users).await {
                Ok(count) => told += count,
                Err(BrokenOff::Database(error)) => return Err(error),
                Err(error @ BrokenOff::Storage(_)) => {
                    tracing::warn!(
                        cause = telemetry::error_chain(&error),
                        "references could not be compared"
                    );
                    return Ok(format!("{told} things told again, then broken off: {error}"));
                }
            }
        }
        Ok(format!("{told} things told again"))
    }

    async fn check(
        &self,
        database: &Database,
        storage: &StorageClient,
        users: &FileUsers,
    ) -> Result<usize, BrokenOff> {
        let (mut after, mut told) = (Uuid::nil(), 0);
        loop {
            let connection = database.connection().await?;
            let owners = users.list(&connection, after).await?;
            // Not held while storage-service is asked.
            drop(connection);
            let Some(last) = owners.last() else { return Ok(told) };
            after = last.owner_id;
            let differing = storage.compare_references(&CompareReferencesRequest { owners }).await?.differing;
            if differing.is_empty() {
                continue;
            }
            // As they are by now, under their locks: a change that comes after is told after.
            let mut connection = database.connection().await?;
            told += connection
                .transaction(async |connection| {
                    let things = users.lock(connection, &differing).await?;
                    let count = things.len();
                    self.tell_files(connection, things).await?;
                    Ok::<_, DatabaseError>(count)
                })
                .await?;
        }
    }
}

impl FileUsers {
    /// A thing and its files, those that it has.
    #[must_use]
    pub fn thing(&self, id: Uuid, files: [Option<Uuid>; 2]) -> FilesReferenced {
        let reference = |(file, role): (Option<Uuid>, FileRole)| Some(FileReference { file_id: file?, role });
        let files = files.into_iter().zip(self.roles).filter_map(reference).collect();
        FilesReferenced { owner_kind: self.kind, owner_id: id, files }
    }

    /// The next things after one of them, by primary key.
    async fn list(
        &self,
        mut connection: &AsyncPgConnection,
        after: Uuid,
    ) -> QueryResult<Vec<FilesReferenced>> {
        let page = statement::<(SqlUuid, Nullable<SqlUuid>, Nullable<SqlUuid>)>(format!(
            "{} AND thing.id > $1 ORDER BY thing.id LIMIT $2",
            self.rows
        ));
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let rows: Vec<Row> =
            page.bind::<SqlUuid, _>(after).bind::<BigInt, _>(limit).load(&mut connection).await?;
        Ok(rows.into_iter().map(|row| self.thing(row.id, [row.first, row.second])).collect())
    }

    /// Things as they are, held until the transaction ends.
    async fn lock(
        &self,
        connection: &mut AsyncPgConnection,
        ids: &[Uuid],
    ) -> QueryResult<Vec<FilesReferenced>> {
        let held = statement::<(SqlUuid, Nullable<SqlUuid>, Nullable<SqlUuid>)>(format!(
            "{} AND thing.id = ANY ($1) ORDER BY thing.id FOR NO KEY UPDATE OF thing",
            self.rows
        ));
        let rows: Vec<Row> = held.bind::<Array<SqlUuid>, _>(ids).load(connection).await?;
        Ok(rows.into_iter().map(|row| self.thing(row.id, [row.first, row.second])).collect())
    }
}
