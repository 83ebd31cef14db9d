//! Rows of profiles.

use chrono::{DateTime, Utc};
use contracts::user::{ProfileResponse, UpdateProfileRequest};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{usr_accounts, usr_profiles};

/// A row of `usr_profiles` with the name of its account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = usr_profiles, check_for_backend(diesel::pg::Pg))]
pub(super) struct Profile {
    pub(super) user_id: Uuid,
    bio: Option<String>,
    onboarding_initialized: bool,
    last_visited_route: Option<String>,
    pub(super) last_updated: DateTime<Utc>,
    total_entries: i64,
    total_insights: i32,
    total_reflections: i32,
    current_streak_days: i32,
    longest_streak_days: i32,
    #[diesel(select_expression = usr_accounts::display_name)]
    display_name: String,
}

impl From<Profile> for ProfileResponse {
    fn from(profile: Profile) -> Self {
        Self {
            user_id: profile.user_id,
            display_name: profile.display_name,
            bio: profile.bio,
            onboarding_initialized: profile.onboarding_initialized,
            last_visited_route: profile.last_visited_route,
            total_entries: profile.total_entries,
            total_insights: profile.total_insights,
            total_reflections: profile.total_reflections,
            current_streak_days: profile.current_streak_days,
            longest_streak_days: profile.longest_streak_days,
            last_updated: profile.last_updated,
        }
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = usr_profiles)]
pub(super) struct ProfileChanges {
    bio: Option<Option<String>>,
    onboarding_initialized: Option<bool>,
    last_visited_route: Option<Option<String>>,
    last_updated: DateTime<Utc>,
}

impl ProfileChanges {
    pub(super) fn from_request(request: UpdateProfileRequest, now: DateTime<Utc>) -> Self {
        let UpdateProfileRequest { bio, onboarding_initialized, last_visited_route } = request;
        Self { bio, onboarding_initialized, last_visited_route, last_updated: now }
    }
}

/// A profile, by the primary keys of the two tables.
pub(super) async fn find(mut connection: &AsyncPgConnection, user_id: Uuid) -> QueryResult<Option<Profile>> {
    usr_profiles::table
        .inner_join(usr_accounts::table.on(usr_accounts::id.eq(usr_profiles::user_id)))
        .filter(usr_profiles::user_id.eq(user_id))
        .select(Profile::as_select())
        .first(&mut connection)
        .await
        .optional()
}

/// Holds a profile until the transaction ends, and tells when it was last changed. Whoever changes a person's books or entries
/// holds it first: it is the person's turn.
pub(crate) async fn lock(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<Option<DateTime<Utc>>> {
    let profile = usr_profiles::table.find(user_id).select(usr_profiles::last_updated);
    profile.for_no_key_update().first(connection).await.optional()
}

/// Changes a profile that the caller holds.
pub(super) async fn update(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    changes: &ProfileChanges,
) -> QueryResult<usize> {
    diesel::update(usr_profiles::table.find(user_id)).set(changes).execute(connection).await
}
