//! Rows of guests and of those that are none any more.

use std::collections::{HashMap, HashSet};

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
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
/// became part of one, each with whose their things are now. The turns of `changing`, and of the accounts that they became part
/// of, are held too, and before any account: as an erasure and a merge hold them, so that nobody waits in a circle. Who is not
/// among them waits for no turn. Served by primary keys.
pub(crate) async fn heirs(
    connection: &mut AsyncPgConnection,
    people: &[Uuid],
    changing: &[Uuid],
) -> QueryResult<HashMap<Uuid, Uuid>> {
    let mut merged = list_merged(connection, people).await?;
    loop {
        let tried = connection.transaction(async |connection| {
            hold_turns(connection, &with_heirs(changing, &merged)).await?;
            let held = hold(connection, &with_heirs(people, &merged)).await?;
            // Looked for again once all have been waited for: a merge that was under way is over by now.
            let now = list_merged(connection, people).await?;
            // Whose heir was not known is let go of with all the others, whom it may come before in the order.
            if now == merged { Ok(held) } else { Err(Raced::Merged(now)) }
        });
        let held = match tried.await {
            Ok(held) => held,
            // Each time it is one guest more at least, and a guest is merged once.
            Err(Raced::Merged(now)) => {
                merged = now;
                continue;
            }
            Err(Raced::Database(error)) => return Err(error),
        };
        let heir = |id: &Uuid| merged.get(id).copied().unwrap_or(*id);
        let heirs = people.iter().map(|id| (*id, heir(id))).filter(|(_, heir)| held.contains(heir));
        return Ok(heirs.collect());
    }
}

/// Why people could not be held as they were known.
enum Raced {
    /// Some became part of an account in the meantime; these are all.
    Merged(HashMap<Uuid, Uuid>),
    Database(diesel::result::Error),
}

impl From<diesel::result::Error> for Raced {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

/// People and the accounts that they became part of.
fn with_heirs(people: &[Uuid], merged: &HashMap<Uuid, Uuid>) -> Vec<Uuid> {
    people.iter().flat_map(|id| [Some(*id), merged.get(id).copied()]).flatten().collect()
}

/// The guests among some people, each with the account that it became part of.
async fn list_merged(
    connection: &mut AsyncPgConnection,
    people: &[Uuid],
) -> QueryResult<HashMap<Uuid, Uuid>> {
    let merged: Vec<(Uuid, Uuid)> = usr_guest_merges::table
        .filter(usr_guest_merges::guest_id.eq_any(people))
        .select((usr_guest_merges::guest_id, usr_guest_merges::user_id))
        .load(connection)
        .await?;
    Ok(merged.into_iter().collect())
}

/// Holds the turns of some people until the transaction ends, in the order of the ids.
async fn hold_turns(connection: &mut AsyncPgConnection, people: &[Uuid]) -> QueryResult<()> {
    if people.is_empty() {
        return Ok(());
    }
    let turns = statement::<SqlUuid>(
        "SELECT user_id FROM usr_profiles WHERE user_id = ANY ($1) ORDER BY user_id FOR NO KEY UPDATE",
    );
    let _: Vec<Uuid> = turns.bind::<Array<SqlUuid>, _>(people).load(connection).await?;
    Ok(())
}

/// Those of some people who have an account, held against its end until the transaction ends, in the order of the ids.
async fn hold(connection: &mut AsyncPgConnection, people: &[Uuid]) -> QueryResult<HashSet<Uuid>> {
    let held =
        statement::<SqlUuid>("SELECT id FROM usr_accounts WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE");
    let held: Vec<Uuid> = held.bind::<Array<SqlUuid>, _>(people).load(connection).await?;
    Ok(held.into_iter().collect())
}
