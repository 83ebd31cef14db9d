//! Rows of wishes for a new password.

use chrono::{DateTime, TimeDelta, Utc};
use database::{Database, DatabaseError, statement};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::usr_password_resets;

/// How long a wish is good for.
pub(super) const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How long it is kept afterwards.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Writes a wish down.
pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    email: &str,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(usr_password_resets::table)
        .values((
            usr_password_resets::id.eq(contracts::ids::new_id()),
            usr_password_resets::email.eq(email),
            usr_password_resets::attempts.eq(0),
            usr_password_resets::next_attempt_at.eq(now),
            usr_password_resets::requested_at.eq(now),
            usr_password_resets::expires_at.eq(now + LIFETIME),
        ))
        .execute(connection)
        .await
}

/// A wish whose turn it is.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) expires_at: DateTime<Utc>,
}

/// Takes the wish that waits longest; it comes again, later each time, until it is settled. Served by
/// `usr_password_resets_waiting`.
pub(super) async fn claim(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
) -> QueryResult<Option<Due>> {
    let claim = statement::<(SqlUuid, Text, Timestamptz)>(
        "UPDATE usr_password_resets SET attempts = attempts + 1,
             next_attempt_at = $1 + least(interval '20 seconds' * 2 ^ least(attempts, 10), interval '10 minutes')
         WHERE id = (SELECT id FROM usr_password_resets WHERE next_attempt_at <= $1
                     ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, email::text, expires_at",
    );
    let due: Option<(Uuid, String, DateTime<Utc>)> =
        claim.bind::<Timestamptz, _>(now).get_result(connection).await.optional()?;
    Ok(due.map(|(id, email, expires_at)| Due { id, email, expires_at }))
}

/// How many mails an account got since an instant; served by `usr_password_resets_of_user`.
pub(super) async fn count_sent(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    since: DateTime<Utc>,
) -> QueryResult<i64> {
    usr_password_resets::table
        .filter(usr_password_resets::user_id.eq(user_id))
        .filter(usr_password_resets::sent_at.gt(since))
        .count()
        .get_result(&mut connection)
        .await
}

/// Notes whose wish it is and the token that is about to be sent, in place of one that may have been sent before.
pub(super) async fn prepare(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (user_id, token_hash): (Uuid, &[u8]),
) -> QueryResult<usize> {
    diesel::update(usr_password_resets::table.find(id))
        .set((usr_password_resets::user_id.eq(user_id), usr_password_resets::token_hash.eq(token_hash)))
        .execute(connection)
        .await
}

/// Notes that the mail left.
pub(super) async fn mark_sent(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(usr_password_resets::table.find(id))
        .set((
            usr_password_resets::sent_at.eq(now),
            usr_password_resets::next_attempt_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(connection)
        .await
}

/// Lets go of a wish that leads nowhere.
pub(super) async fn delete(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<usize> {
    diesel::delete(usr_password_resets::table.find(id)).execute(connection).await
}

/// What is known of a token: until when it is good, and since when it is not.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
) -> QueryResult<Option<(DateTime<Utc>, Option<DateTime<Utc>>)>> {
    usr_password_resets::table
        .filter(usr_password_resets::token_hash.eq(token_hash))
        .select((usr_password_resets::expires_at, usr_password_resets::used_at))
        .first(&mut connection)
        .await
        .optional()
}

/// Uses a token up, if it is good, and gives the account; of many at once one does. Served by
/// `usr_password_resets_token_key`.
pub(super) async fn consume(
    connection: &mut AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> QueryResult<Option<Uuid>> {
    let token = usr_password_resets::table
        .filter(usr_password_resets::token_hash.eq(token_hash))
        .filter(usr_password_resets::used_at.is_null())
        .filter(usr_password_resets::expires_at.gt(now));
    diesel::update(token)
        .set(usr_password_resets::used_at.eq(now))
        .returning(usr_password_resets::user_id)
        .get_result(connection)
        .await
        .optional()
        .map(Option::flatten)
}

/// Uses up the other tokens of an account; served by `usr_password_resets_of_user`.
pub(super) async fn consume_all(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let tokens = usr_password_resets::table
        .filter(usr_password_resets::user_id.eq(user_id))
        .filter(usr_password_resets::used_at.is_null());
    diesel::update(tokens)
        .set((
            usr_password_resets::used_at.eq(now),
            usr_password_resets::next_attempt_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(connection)
        .await
}

/// A job: wishes that are over for a day; served by `usr_password_resets_by_age`.
pub(crate) async fn delete_old(database: Database) -> Result<String, DatabaseError> {
    let mut connection = database.connection().await?;
    let old =
        usr_password_resets::table.filter(usr_password_resets::expires_at.lt(contracts::clock::now() - KEPT));
    let forgotten = diesel::delete(old).execute(&mut connection).await?;
    Ok(format!("{forgotten} wishes for a password forgotten"))
}
