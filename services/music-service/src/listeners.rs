//! Turns of a person. A favourite or a follow begins with the plays that are in the log, and from then on the recorder
//! counts for it: a play that is recorded just then must be in one of the two, and in one only. So who begins or ends
//! such a thing has the person's turn alone, and recorders, which look for all of them anew after they got it, share it.

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Has a person's turn alone until the transaction ends.
pub(crate) async fn hold(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<usize> {
    let turn = statement::<()>("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
    turn.bind::<Text, _>(user_id.to_string()).execute(connection).await
}

/// Shares the turns of people with other recorders until the transaction ends; taken in one order everywhere, so that two
/// recorders do not wait for each other.
pub(crate) async fn share(connection: &mut AsyncPgConnection, users: &[Uuid]) -> QueryResult<i64> {
    let turns = statement::<BigInt>(
        "SELECT count(*) FROM (
             SELECT pg_advisory_xact_lock_shared(key) FROM (
                 SELECT DISTINCT hashtextextended(id::text, 0) AS key FROM unnest($1) AS id ORDER BY key) AS keys
         ) AS turns",
    );
    turns.bind::<Array<SqlUuid>, _>(users).get_result(connection).await
}
