//! Takes a person out of every table.

use std::collections::BTreeMap;

use contracts::user::ReceiptPart;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{SECTIONS, take_time};

/// The person's turn, then the account against everything: who writes something of the person's has written it by then, or
/// finds the account gone.
const HOLD: [&str; 2] = [
    "SELECT user_id FROM usr_profiles WHERE user_id = $1 FOR UPDATE",
    "SELECT id FROM usr_accounts WHERE id = $1 FOR UPDATE",
];

/// Everything of the person's, in the order in which rows lean on each other.
const OWN: [&str; 24] = [
    "DELETE FROM usr_pattern_reactions WHERE user_id = $1",
    "DELETE FROM usr_insights WHERE user_id = $1",
    "DELETE FROM usr_mood_checkins WHERE user_id = $1",
    // With their turns.
    "DELETE FROM usr_reflections WHERE user_id = $1",
    "DELETE FROM usr_user_personas WHERE user_id = $1",
    "DELETE FROM usr_user_patterns WHERE user_id = $1",
    "DELETE FROM usr_analysis_runs WHERE user_id = $1",
    "DELETE FROM usr_profile_theme_frequencies WHERE user_id = $1",
    "DELETE FROM usr_profile_metrics WHERE user_id = $1",
    "DELETE FROM usr_profile_analytics WHERE user_id = $1",
    "DELETE FROM usr_heard_plays WHERE user_id = $1",
    "DELETE FROM usr_listening_days WHERE user_id = $1",
    // Others lose their place in the person's books.
    "DELETE FROM lib_user_library WHERE user_id = $1 OR book_id IN (SELECT id FROM lib_books WHERE user_id = $1)",
    "DELETE FROM lib_illustrations WHERE user_id = $1",
    "DELETE FROM lib_entry_themes WHERE user_id = $1",
    "DELETE FROM lib_entries WHERE user_id = $1",
    "DELETE FROM lib_chapters WHERE user_id = $1",
    "DELETE FROM lib_books WHERE user_id = $1",
    "DELETE FROM usr_consent_records WHERE user_id = $1",
    "DELETE FROM usr_api_keys WHERE user_id = $1",
    "DELETE FROM usr_user_sessions WHERE user_id = $1",
    // What others were answered about the person's things goes too.
    "DELETE FROM usr_idempotency_keys WHERE user_id = $1 OR body::text LIKE '%' || $1 || '%'",
    "DELETE FROM usr_guest_merges WHERE user_id = $1",
    "DELETE FROM usr_data_requests WHERE user_id = $1 AND kind = 'export'",
];

/// What ties the person to others. An invitation that the person used up does not become good again by it.
const TIES: [&str; 7] = [
    "DELETE FROM usr_creator_members WHERE creator_id = $1 OR member_id = $1",
    "WITH gone AS (DELETE FROM usr_invitation_uses WHERE member_id = $1 RETURNING invitation_id)
     UPDATE usr_invitations SET use_count = use_count - 1,
         revoked_at = CASE WHEN use_count >= max_uses THEN coalesce(revoked_at, now()) ELSE revoked_at END
     FROM gone WHERE id = gone.invitation_id",
    "DELETE FROM usr_invitation_uses WHERE invitation_id IN (SELECT id FROM usr_invitations WHERE creator_id = $1)",
    "DELETE FROM usr_invitations WHERE creator_id = $1",
    "DELETE FROM usr_password_resets WHERE user_id = $1 OR email = (SELECT email FROM usr_accounts WHERE id = $1)",
    "UPDATE usr_accounts SET updated_by = NULL WHERE updated_by = $1 AND id <> $1",
    "UPDATE usr_insights SET validated_at = NULL, validated_by = NULL WHERE validated_by = $1",
];

/// What is kept without the name: what happened when, and which sessions are void.
const TRAILS: [&str; 3] = [
    "UPDATE usr_audit_logs SET user_id = NULL, actor_id = NULL, ip_address = NULL, user_agent = NULL, details = '{}'
     WHERE user_id = $1",
    "UPDATE usr_audit_logs SET actor_id = NULL, ip_address = NULL, user_agent = NULL WHERE actor_id = $1",
    "UPDATE usr_token_blacklist SET user_id = NULL WHERE user_id = $1",
];

const ACCOUNT: [&str; 2] =
    ["DELETE FROM usr_profiles WHERE user_id = $1", "DELETE FROM usr_accounts WHERE id = $1"];

/// What was told of the person, but for guests' merging, which others need to know first.
const TOLD: [&str; 1] = ["DELETE FROM usr_outbox
     WHERE (subject = $1::text OR data::text LIKE '%' || $1 || '%') AND type <> 'user.account.merged'"];

/// The rest of it, when everybody has answered.
const ALL_TOLD: [&str; 1] =
    ["DELETE FROM usr_outbox WHERE subject = $1::text OR data::text LIKE '%' || $1 || '%'"];

/// Erases a person, in the caller's transaction, and says what went.
pub(in super::super) async fn erase(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<ReceiptPart> {
    take_time(connection).await?;
    run(connection, &HOLD, user_id).await?;
    let mut removed = count(connection, user_id).await?;
    // The log of what happened stays, without the name.
    let kept = removed.remove_entry("auditLog").into_iter().collect();
    for statements in [OWN.as_slice(), &TIES, &TRAILS, &ACCOUNT, &TOLD] {
        run(connection, statements, user_id).await?;
    }
    Ok(ReceiptPart { removed, kept })
}

/// Takes the person out of what was told.
pub(in super::super) async fn forget_events(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<()> {
    run(connection, &ALL_TOLD, user_id).await
}

/// What the person has, by the names of the export.
async fn count(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<BTreeMap<String, i64>> {
    let mut counts = BTreeMap::new();
    for section in &SECTIONS {
        let rows = statement::<BigInt>(format!("SELECT count(*) FROM ({}) AS rows", section.sql));
        let rows: i64 = rows.bind::<SqlUuid, _>(user_id).get_result(connection).await?;
        counts.insert(section.name.to_owned(), rows);
    }
    Ok(counts)
}

async fn run(
    connection: &mut AsyncPgConnection,
    statements: &[&'static str],
    user_id: Uuid,
) -> QueryResult<()> {
    for text in statements {
        statement::<()>(*text).bind::<SqlUuid, _>(user_id).execute(connection).await?;
    }
    Ok(())
}
