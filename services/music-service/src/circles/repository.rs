//! Rows of circles.

use chrono::{DateTime, Utc};
use contracts::events::CircleChanged;
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::mus_creator_members;

/// Somebody joined a circle.
pub(crate) async fn join(
    connection: &mut AsyncPgConnection,
    circle: &CircleChanged,
    joined_at: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(mus_creator_members::table)
        .values((
            mus_creator_members::creator_id.eq(circle.creator_id),
            mus_creator_members::member_id.eq(circle.member_id),
            mus_creator_members::joined_at.eq(joined_at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await
}

/// Somebody left a circle.
pub(crate) async fn leave(connection: &mut AsyncPgConnection, circle: &CircleChanged) -> QueryResult<usize> {
    let member = mus_creator_members::table.find((circle.creator_id, circle.member_id));
    diesel::delete(member).execute(connection).await
}

/// Which of some people are in the circles of some creators; by primary key.
pub(crate) async fn list_among(
    mut connection: &AsyncPgConnection,
    creators: &[Uuid],
    people: &[Uuid],
) -> QueryResult<Vec<(Uuid, Uuid)>> {
    mus_creator_members::table
        .filter(mus_creator_members::creator_id.eq_any(creators))
        .filter(mus_creator_members::member_id.eq_any(people))
        .select((mus_creator_members::creator_id, mus_creator_members::member_id))
        .load(&mut connection)
        .await
}

/// Whether somebody is in a creator's circle, by primary key.
pub(crate) async fn exists(
    mut connection: &AsyncPgConnection,
    creator_id: Uuid,
    member_id: Uuid,
) -> QueryResult<bool> {
    let member = mus_creator_members::table.find((creator_id, member_id));
    diesel::select(dsl::exists(member)).get_result(&mut connection).await
}
