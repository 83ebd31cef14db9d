//! Makes a guest's things an account's. Where both have one, the account's word counts.

use chrono::{DateTime, Utc};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::entries::repository as entries;
use crate::privacy::repository::take_time;
use crate::profiling::listening::repository as listening;
use crate::profiling::repository as profiling;

/// What both have: `$1` is the guest, `$2` the account. Derived things of both are the account's until its next analysis.
const OVERLAPS: [&str; 29] = [
    // A title of a live book is unique: the guest's gets a number.
    "UPDATE lib_books AS guest SET updated_at = now(), title = (
         SELECT candidate FROM (SELECT left(guest.title, 245) || ' (' || n || ')' AS candidate
                                FROM generate_series(2, 10000) AS n) AS candidates
         WHERE NOT EXISTS (SELECT FROM lib_books AS other WHERE other.user_id IN ($1, $2)
             AND other.deleted_at IS NULL AND lower(other.title) = lower(candidate)) LIMIT 1)
     WHERE guest.user_id = $1 AND guest.deleted_at IS NULL AND EXISTS (
         SELECT FROM lib_books AS own WHERE own.user_id = $2 AND own.deleted_at IS NULL
             AND lower(own.title) = lower(guest.title))",
    // Of two places in a book the later one is where the reader is; the furthest share stays.
    "UPDATE lib_user_library AS own SET
         last_chapter_id = CASE WHEN guest.last_accessed_at > own.last_accessed_at THEN guest.last_chapter_id ELSE own.last_chapter_id END,
         last_entry_id = CASE WHEN guest.last_accessed_at > own.last_accessed_at THEN guest.last_entry_id ELSE own.last_entry_id END,
         reading_progress = greatest(own.reading_progress, guest.reading_progress),
         last_accessed_at = greatest(own.last_accessed_at, guest.last_accessed_at),
         completed_at = least(own.completed_at, guest.completed_at)
     FROM lib_user_library AS guest
     WHERE own.user_id = $2 AND guest.user_id = $1 AND guest.book_id = own.book_id",
    "DELETE FROM lib_user_library WHERE user_id = $1
         AND book_id IN (SELECT book_id FROM lib_user_library WHERE user_id = $2)",
    // One run at a time.
    "UPDATE usr_analysis_runs SET status = 'failed', finished_at = now(), error = 'the guest became part of an account'
     WHERE user_id = $1 AND status = 'running'",
    "UPDATE usr_profile_theme_frequencies AS own SET count = own.count + guest.count,
         first_seen = least(own.first_seen, guest.first_seen), last_seen = greatest(own.last_seen, guest.last_seen)
     FROM usr_profile_theme_frequencies AS guest
     WHERE own.user_id = $2 AND guest.user_id = $1 AND guest.theme = own.theme",
    "DELETE FROM usr_profile_theme_frequencies WHERE user_id = $1
         AND theme IN (SELECT theme FROM usr_profile_theme_frequencies WHERE user_id = $2)",
    // A pattern that both have is the account's, with what the guest thought of it where the account thought nothing.
    "DELETE FROM usr_pattern_reactions AS reaction USING usr_user_patterns AS guest, usr_user_patterns AS own
     WHERE reaction.user_id = $1 AND guest.id = reaction.pattern_id AND own.user_id = $2
         AND (own.pattern_type, own.pattern_key) = (guest.pattern_type, guest.pattern_key)
         AND EXISTS (SELECT FROM usr_pattern_reactions AS said WHERE said.user_id = $2 AND said.pattern_id = own.id)",
    "UPDATE usr_pattern_reactions AS reaction SET pattern_id = own.id
     FROM usr_user_patterns AS guest, usr_user_patterns AS own
     WHERE reaction.user_id = $1 AND guest.id = reaction.pattern_id AND guest.user_id = $1 AND own.user_id = $2
         AND (own.pattern_type, own.pattern_key) = (guest.pattern_type, guest.pattern_key)",
    "UPDATE usr_insights AS insight SET pattern_id = own.id, withdrawn_at = coalesce(withdrawn_at, now())
     FROM usr_user_patterns AS guest, usr_user_patterns AS own
     WHERE insight.user_id = $1 AND guest.id = insight.pattern_id AND own.user_id = $2
         AND (own.pattern_type, own.pattern_key) = (guest.pattern_type, guest.pattern_key)",
    "UPDATE usr_reflections AS reflection SET pattern_id = own.id
     FROM usr_user_patterns AS guest, usr_user_patterns AS own
     WHERE reflection.user_id = $1 AND guest.id = reflection.pattern_id AND own.user_id = $2
         AND (own.pattern_type, own.pattern_key) = (guest.pattern_type, guest.pattern_key)",
    "UPDATE usr_mood_checkins AS checkin SET pattern_connection_id = own.id
     FROM usr_user_patterns AS guest, usr_user_patterns AS own
     WHERE checkin.user_id = $1 AND guest.id = checkin.pattern_connection_id AND own.user_id = $2
         AND (own.pattern_type, own.pattern_key) = (guest.pattern_type, guest.pattern_key)",
    "DELETE FROM usr_user_patterns AS guest USING usr_user_patterns AS own
     WHERE guest.user_id = $1 AND own.user_id = $2
         AND (own.pattern_type, own.pattern_key) = (guest.pattern_type, guest.pattern_key)",
    "DELETE FROM usr_profile_metrics WHERE user_id = $1
         AND period IN (SELECT period FROM usr_profile_metrics WHERE user_id = $2)",
    "DELETE FROM usr_profile_analytics AS guest USING usr_profile_analytics AS own
     WHERE guest.user_id = $1 AND own.user_id = $2
         AND (own.analysis_type, own.timeframe, own.valid_from) = (guest.analysis_type, guest.timeframe, guest.valid_from)",
    "DELETE FROM usr_user_personas WHERE user_id = $1
         AND EXISTS (SELECT FROM usr_user_personas WHERE user_id = $2)",
    "DELETE FROM usr_heard_plays WHERE user_id = $1
         AND play_id IN (SELECT play_id FROM usr_heard_plays WHERE user_id = $2)",
    // Nobody is in their own circle, nor twice in another's; who used an invitation as both used it once.
    "DELETE FROM usr_creator_members WHERE (creator_id = $1 AND member_id = $2) OR (creator_id = $2 AND member_id = $1)",
    "UPDATE usr_creator_members AS own SET status = 'accepted', revoked_at = NULL, accepted_at = guest.accepted_at,
         invitation_id = guest.invitation_id
     FROM usr_creator_members AS guest
     WHERE own.status = 'revoked' AND guest.status = 'accepted'
         AND ((own.member_id = $2 AND guest.member_id = $1 AND own.creator_id = guest.creator_id)
           OR (own.creator_id = $2 AND guest.creator_id = $1 AND own.member_id = guest.member_id))",
    "DELETE FROM usr_creator_members WHERE
         (member_id = $1 AND creator_id IN (SELECT creator_id FROM usr_creator_members WHERE member_id = $2))
         OR (creator_id = $1 AND member_id IN (SELECT member_id FROM usr_creator_members WHERE creator_id = $2))",
    "UPDATE usr_creator_members SET creator_id = CASE WHEN creator_id = $1 THEN $2 ELSE creator_id END,
         member_id = CASE WHEN member_id = $1 THEN $2 ELSE member_id END WHERE creator_id = $1 OR member_id = $1",
    "WITH twice AS (
         DELETE FROM usr_invitation_uses WHERE member_id = $1 AND invitation_id IN (
             SELECT invitation_id FROM usr_invitation_uses WHERE member_id = $2) RETURNING invitation_id)
     UPDATE usr_invitations SET use_count = use_count - 1 FROM twice WHERE id = twice.invitation_id",
    "UPDATE usr_invitation_uses SET member_id = $2 WHERE member_id = $1",
    "UPDATE usr_invitations SET creator_id = $2 WHERE creator_id = $1",
    // What a guest asked for is answered.
    "DELETE FROM usr_idempotency_keys WHERE user_id = $1",
    // The account's decisions hold.
    "UPDATE usr_consent_records AS guest SET withdrawn_at = now()
     WHERE guest.user_id = $1 AND guest.withdrawn_at IS NULL AND EXISTS (
         SELECT FROM usr_consent_records AS own
         WHERE own.user_id = $2 AND own.purpose = guest.purpose AND own.withdrawn_at IS NULL)",
    "UPDATE usr_data_requests SET status = 'failed', run_after = NULL, error = 'the guest became part of an account',
         expires_at = now() + interval '365 days'
     WHERE user_id = $1 AND status IN ('pending', 'running')",
    "UPDATE usr_data_requests SET user_id = $2, person_hash = sha256(convert_to($2::text, 'UTF8')) WHERE user_id = $1",
    "UPDATE usr_profiles AS own SET bio = coalesce(own.bio, guest.bio),
         onboarding_initialized = own.onboarding_initialized OR guest.onboarding_initialized,
         last_visited_route = coalesce(own.last_visited_route, guest.last_visited_route),
         total_reflections = own.total_reflections + guest.total_reflections, last_updated = now()
     FROM usr_profiles AS guest WHERE own.user_id = $2 AND guest.user_id = $1",
    "UPDATE usr_accounts AS own SET avatar_file_id = coalesce(own.avatar_file_id, guest.avatar_file_id),
         preferences = guest.preferences || own.preferences, updated_at = now(), updated_by = own.id
     FROM usr_accounts AS guest WHERE own.id = $2 AND guest.id = $1",
];

/// Columns that simply change hands.
const HANDS: [(&str, &str); 27] = [
    ("lib_books", "user_id"),
    ("lib_chapters", "user_id"),
    ("lib_entries", "user_id"),
    ("lib_entry_themes", "user_id"),
    ("lib_illustrations", "user_id"),
    ("lib_user_library", "user_id"),
    ("usr_mood_checkins", "user_id"),
    ("usr_reflections", "user_id"),
    ("usr_reflection_turns", "user_id"),
    ("usr_user_personas", "user_id"),
    ("usr_insights", "validated_by"),
    ("usr_analysis_runs", "user_id"),
    ("usr_profile_theme_frequencies", "user_id"),
    ("usr_user_patterns", "user_id"),
    ("usr_pattern_reactions", "user_id"),
    ("usr_insights", "user_id"),
    ("usr_profile_metrics", "user_id"),
    ("usr_profile_analytics", "user_id"),
    ("usr_heard_plays", "user_id"),
    ("usr_consent_records", "user_id"),
    ("usr_api_keys", "user_id"),
    ("usr_user_sessions", "user_id"),
    ("usr_token_blacklist", "user_id"),
    ("usr_password_resets", "user_id"),
    ("usr_guest_merges", "user_id"),
    ("usr_audit_logs", "user_id"),
    ("usr_audit_logs", "actor_id"),
];

/// The guest itself, of which nothing is left.
const END: [&str; 2] =
    ["DELETE FROM usr_profiles WHERE user_id = $1", "DELETE FROM usr_accounts WHERE id = $1"];

/// Moves everything of a guest to an account, both held by the caller's transaction.
pub(super) async fn merge(
    connection: &mut AsyncPgConnection,
    (guest, account): (Uuid, Uuid),
    now: DateTime<Utc>,
) -> QueryResult<()> {
    take_time(connection).await?;
    run(connection, (guest, account), OVERLAPS.map(str::to_owned)).await?;
    let hands = HANDS.map(|(table, column)| format!("UPDATE {table} SET {column} = $2 WHERE {column} = $1"));
    run(connection, (guest, account), hands).await?;
    listening::merge(connection, (guest, account)).await?;
    entries::refresh_person(connection, account, now).await?;
    profiling::refresh_insight_total(connection, account).await?;
    run(connection, (guest, account), END.map(str::to_owned)).await?;
    statement::<()>("INSERT INTO usr_guest_merges (guest_id, user_id, merged_at) VALUES ($1, $2, $3)")
        .bind::<SqlUuid, _>(guest)
        .bind::<SqlUuid, _>(account)
        .bind::<Timestamptz, _>(now)
        .execute(connection)
        .await
        .map(drop)
}

async fn run(
    connection: &mut AsyncPgConnection,
    (guest, account): (Uuid, Uuid),
    statements: impl IntoIterator<Item = String>,
) -> QueryResult<()> {
    for text in statements {
        let step = statement::<()>(text).bind::<SqlUuid, _>(guest).bind::<SqlUuid, _>(account);
        step.execute(connection).await?;
    }
    Ok(())
}
