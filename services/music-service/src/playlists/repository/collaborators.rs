//! Rows of people who work on somebody else's playlist.

use chrono::{DateTime, Utc};
use contracts::CollaboratorRole;
use contracts::music::CollaboratorResponse;
use database::AsText;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::mus_playlist_collaborators;

/// A row of `mus_playlist_collaborators`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_playlist_collaborators, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Collaborator {
    pub(crate) user_id: Uuid,
    role: AsText<CollaboratorRole>,
    added_by: Uuid,
    added_at: DateTime<Utc>,
}

impl From<Collaborator> for CollaboratorResponse {
    fn from(collaborator: Collaborator) -> Self {
        Self {
            user_id: collaborator.user_id,
            role: collaborator.role.0,
            added_by: collaborator.added_by,
            added_at: collaborator.added_at,
        }
    }
}

/// What a person is on a playlist, if anything; by primary key.
pub(crate) async fn role_of(
    mut connection: &AsyncPgConnection,
    playlist_id: Uuid,
    user_id: Uuid,
) -> QueryResult<Option<CollaboratorRole>> {
    let role = mus_playlist_collaborators::table.find((playlist_id, user_id));
    let role = role.select(mus_playlist_collaborators::role).first(&mut connection).await;
    role.optional().map(|role: Option<AsText<CollaboratorRole>>| role.map(|role| role.0))
}

/// Lets a person in, or changes the role of one who is.
pub(crate) async fn upsert(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    (user_id, role): (Uuid, CollaboratorRole),
    (added_by, added_at): (Uuid, DateTime<Utc>),
) -> QueryResult<Collaborator> {
    use mus_playlist_collaborators as collaborators;
    diesel::insert_into(collaborators::table)
        .values((
            collaborators::playlist_id.eq(playlist_id),
            collaborators::user_id.eq(user_id),
            collaborators::role.eq(AsText(role)),
            collaborators::added_by.eq(added_by),
            collaborators::added_at.eq(added_at),
        ))
        .on_conflict((collaborators::playlist_id, collaborators::user_id))
        .do_update()
        .set(collaborators::role.eq(AsText(role)))
        .returning(Collaborator::as_returning())
        .get_result(connection)
        .await
}

/// Ends a person's work on a playlist; `false` when there was none.
pub(crate) async fn delete(
    connection: &mut AsyncPgConnection,
    playlist_id: Uuid,
    user_id: Uuid,
) -> QueryResult<bool> {
    let deleted = diesel::delete(mus_playlist_collaborators::table.find((playlist_id, user_id)));
    Ok(deleted.execute(connection).await? == 1)
}

/// Who works on a playlist after the person named `after`, by their ids; by primary key.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    playlist_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Collaborator>> {
    mus_playlist_collaborators::table
        .filter(mus_playlist_collaborators::playlist_id.eq(playlist_id))
        .filter(mus_playlist_collaborators::user_id.gt(after.unwrap_or(Uuid::nil())))
        .order(mus_playlist_collaborators::user_id)
        .limit(limit)
        .select(Collaborator::as_select())
        .load(&mut connection)
        .await
}
