//! Rows of guests and of those that are none any more.

use std::collections::HashMap;

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::accounts::repository::Account;
use crate::schema::{usr_accounts, usr_guest_merges};

/// Holds the turns of two people and then their accounts against everything, each in the order of the ids: who writes
/// something of theirs has written it by then, or finds the guest gone.
pub(super) async fn hold_both(
    connection: &mut AsyncPgConnection,
    guest: Uuid,
    account: Uuid,
) -> QueryResult<(Option<Account>, Option<Account>)> {
    let turns = statement::<SqlUuid>(
        "SELECT user_id FROM usr_profiles WHERE user_id IN ($1, $2) ORDER BY user_id FOR UPDATE",
    );
    let _: Vec<Uuid> = turns.bind::<SqlUuid, _>(guest).bind::<SqlUuid, _>(account).load(connection).await?;
    let both: Vec<Account> = usr_accounts::table
        .filter(usr_accounts::id.eq_any([guest, account]))
        .order(usr_accounts::id)
        .select(Account::as_select())
        .for_update()
        .load(connection)
        .await?;
    let find = |id: Uuid| both.iter().find(|account| account.id == id).cloned();
    Ok((find(guest), find(account)))
}

/// Those of some people who have an account, held against its end until the transaction ends, and the guests among them who
/// became part of one, each with whose their things are now; served by primary keys.
pub(crate) async fn heirs(
    connection: &mut AsyncPgConnection,
    people: &[Uuid],
) -> QueryResult<HashMap<Uuid, Uuid>> {
    let held = hold(connection, people.to_vec()).await?;
    let mut heirs: HashMap<Uuid, Uuid> = held.into_iter().map(|id| (id, id)).collect();
    let gone: Vec<Uuid> = people.iter().filter(|id| !heirs.contains_key(id)).copied().collect();
    if gone.is_empty() {
        return Ok(heirs);
    }
    // Looked for once the guests have been waited for: a merge that was under way is over by now.
    let merged: Vec<(Uuid, Uuid)> = usr_guest_merges::table
        .filter(usr_guest_merges::guest_id.eq_any(gone))
        .select((usr_guest_merges::guest_id, usr_guest_merges::user_id))
        .load(connection)
        .await?;
    let held = hold(connection, merged.iter().map(|(_, heir)| *heir).collect()).await?;
    heirs.extend(merged.into_iter().filter(|(_, heir)| held.contains(heir)));
    Ok(heirs)
}

/// Those of some people who have an account, held against its end until the transaction ends, in the order of the ids.
async fn hold(connection: &mut AsyncPgConnection, people: Vec<Uuid>) -> QueryResult<Vec<Uuid>> {
    let held =
        statement::<SqlUuid>("SELECT id FROM usr_accounts WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE");
    held.bind::<Array<SqlUuid>, _>(people).load(connection).await
}
