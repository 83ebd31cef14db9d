//! Rows of plays, to be read. They are written in [`super::batch`] alone.

use chrono::{DateTime, Utc};
use contracts::music::{PlayContext, PlayResponse, RecentPlayResponse};
use contracts::{CompletionSource, DeviceSource, DeviceType};
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{mus_albums, mus_recently_played, mus_tracks};

/// A row of `mus_recently_played`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_recently_played, check_for_backend(diesel::pg::Pg))]
pub(super) struct Play {
    pub(super) id: Uuid,
    play_id: Uuid,
    track_id: Uuid,
    album_id: Option<Uuid>,
    creator_id: Uuid,
    pub(super) played_at: DateTime<Utc>,
    utc_offset_minutes: Option<i16>,
    duration: Option<f64>,
    completion_rate: Option<f64>,
    completion_source: Option<AsText<CompletionSource>>,
    context: AsJson<PlayContext>,
    device_type: AsText<DeviceType>,
    device_source: AsText<DeviceSource>,
    session_id: Option<String>,
    skipped: bool,
    client: Option<String>,
    pub(super) request_digest: Vec<u8>,
    result_id: Option<Uuid>,
    playlist_id: Option<Uuid>,
}

/// A play with what is needed to show it in a list.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct RecentPlay {
    #[diesel(embed)]
    pub(super) play: Play,
    #[diesel(select_expression = mus_tracks::title.nullable())]
    track_title: Option<String>,
    #[diesel(select_expression = mus_albums::title.nullable())]
    album_title: Option<String>,
}

impl From<Play> for PlayResponse {
    fn from(play: Play) -> Self {
        Self {
            id: play.id,
            play_id: play.play_id,
            track_id: play.track_id,
            album_id: play.album_id,
            result_id: play.result_id,
            playlist_id: play.playlist_id,
            creator_id: play.creator_id,
            played_at: play.played_at,
            utc_offset_minutes: play.utc_offset_minutes,
            duration: play.duration,
            completion_rate: play.completion_rate,
            completion_source: play.completion_source.map(|source| source.0),
            context: play.context.0,
            device_type: play.device_type.0,
            device_source: play.device_source.0,
            session_id: play.session_id,
            skipped: play.skipped,
            client: play.client,
        }
    }
}

impl From<RecentPlay> for RecentPlayResponse {
    fn from(recent: RecentPlay) -> Self {
        Self { play: recent.play.into(), track_title: recent.track_title, album_title: recent.album_title }
    }
}

/// A play of a person, by primary key.
pub(super) async fn find(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    play_id: Uuid,
) -> QueryResult<Option<Play>> {
    let play = mus_recently_played::table.find((user_id, play_id)).select(Play::as_select());
    play.first(&mut connection).await.optional()
}

/// Keeps a play from being deleted until the transaction ends. Returns whether there is one.
pub(crate) async fn hold(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    play_id: Uuid,
) -> QueryResult<bool> {
    let play = mus_recently_played::table.find((user_id, play_id)).select(mus_recently_played::id);
    let held: Option<Uuid> = play.for_key_share().first(connection).await.optional()?;
    Ok(held.is_some())
}

/// A person's play as it is answered, by primary key.
pub(crate) async fn find_response(
    connection: &AsyncPgConnection,
    user_id: Uuid,
    play_id: Uuid,
) -> QueryResult<Option<PlayResponse>> {
    Ok(find(connection, user_id, play_id).await?.map(PlayResponse::from))
}

/// A person's oldest plays from before an instant, by their keys; served by `mus_recently_played_by_time`.
pub(super) async fn list_oldest(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    before: DateTime<Utc>,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    use mus_recently_played as plays;
    plays::table
        .filter(plays::user_id.eq(user_id))
        .filter(plays::played_at.lt(before))
        .order(plays::played_at)
        .limit(limit)
        .select(plays::play_id)
        .load(&mut connection)
        .await
}

/// A person's plays before one of them, the latest first; served by `mus_recently_played_by_time`.
pub(super) async fn list_before(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (played_at, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<RecentPlay>> {
    use mus_recently_played as plays;
    plays::table
        .left_join(mus_tracks::table.on(mus_tracks::id.eq(plays::track_id)))
        .left_join(mus_albums::table.on(mus_albums::id.nullable().eq(plays::album_id)))
        .filter(plays::user_id.eq(user_id))
        // The first condition is the index's; the second drops those of the same instant that were on the page before.
        .filter(plays::played_at.le(played_at))
        .filter(plays::played_at.lt(played_at).or(plays::id.lt(id)))
        .order((plays::played_at.desc(), plays::id.desc()))
        .limit(limit)
        .select(RecentPlay::as_select())
        .load(&mut connection)
        .await
}

/// A person's latest play of each track, of those before one of them, the latest first; served by `mus_recently_played_by_time`, and
/// for whether there is a later one by `_by_track`.
pub(super) async fn list_tracks_before(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (played_at, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<RecentPlay>> {
    use mus_recently_played as plays;
    let later = diesel::alias!(mus_recently_played as later);
    let (again, its_id) = (later.field(plays::played_at), later.field(plays::id));
    let is_later = again.gt(plays::played_at).or(again.eq(plays::played_at).and(its_id.gt(plays::id)));
    let played_later = later
        .filter(later.field(plays::user_id).eq(user_id))
        .filter(later.field(plays::track_id).eq(plays::track_id))
        .filter(is_later);
    plays::table
        .left_join(mus_tracks::table.on(mus_tracks::id.eq(plays::track_id)))
        .left_join(mus_albums::table.on(mus_albums::id.nullable().eq(plays::album_id)))
        .filter(plays::user_id.eq(user_id))
        .filter(plays::played_at.le(played_at))
        .filter(plays::played_at.lt(played_at).or(plays::id.lt(id)))
        .filter(diesel::dsl::not(diesel::dsl::exists(played_later)))
        .order((plays::played_at.desc(), plays::id.desc()))
        .limit(limit)
        .select(RecentPlay::as_select())
        .load(&mut connection)
        .await
}
