//! Rows that are looked for: what everybody may see, or what is one's own.

use contracts::CatalogSort;
use database::AsText;
use diesel::define_sql_function;
use diesel::dsl::{self, AsExprOf};
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::domain::{Place, Search};
use crate::albums::repository::Album;
use crate::schema::{mus_albums, mus_tracks};
use crate::search::{has_words, has_words_unindexed};
use crate::tracks::repository::Track;

/// In words, not as parameters: a plan that is made for all parameters could not use the partial indexes.
const LISTED: &str = "visibility = 'public' AND status IN ('active', 'published') AND deleted_at IS NULL";

/// Words that many rows have are found among the first of these in the wanted order. Only words that are rarer are looked up in the index
/// of words, which gives every row that has them, before any order.
const NEAR: i64 = 4000;

define_sql_function! {
    /// Where the first of those that are near are, or before everything when they are all there is.
    #[sql_name = "coalesce"]
    fn or_first(near: Nullable<SqlUuid>, first: SqlUuid) -> SqlUuid;
}

define_sql_function! {
    /// The same for titles.
    #[sql_name = "coalesce"]
    fn or_last(near: Nullable<Text>, last: Text) -> Text;
}

define_sql_function! {
    /// Without letter case.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

type IsOfGenre = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, Text>>>;

/// Whether a word for the genre is among the facets, which have no case.
fn is_of_genre(facets: &str, genre: &str) -> IsOfGenre {
    let has = format!("{facets} @> ARRAY['genre:' || lower(");
    dsl::sql::<Bool>(&has).bind::<Text, _>(genre.to_owned()).sql(")]")
}

/// Tracks that everybody may see, or one person's; served by `mus_tracks_public`, `_public_by_title`, `_by_words` and `_by_facets`, or
/// by `mus_tracks_of_user`, `_of_user_by_title`, `_of_album`, `_of_file`, `_of_variant_group` and `_of_play_date`.
pub(crate) async fn list_tracks(
    mut connection: &AsyncPgConnection,
    search: &Search,
    limit: i64,
) -> QueryResult<Vec<Track>> {
    if let Some(words) = &search.words {
        let near = tracks(search).offset(NEAR - 1).limit(1);
        let near = match search.sort() {
            CatalogSort::Newest => tracks(search)
                .filter(mus_tracks::id.ge(or_first(near.select(mus_tracks::id).single_value(), Uuid::nil()))),
            CatalogSort::Title => tracks(search)
                .filter(folded().le(or_last(near.select(folded()).single_value(), char::MAX.to_string()))),
        };
        let found = near.filter(has_words_unindexed("title", words)).limit(limit);
        let found: Vec<Track> = found.select(Track::as_select()).load(&mut connection).await?;
        if i64::try_from(found.len()).is_ok_and(|count| count >= limit) {
            return Ok(found);
        }
    }
    let mut tracks = tracks(search);
    if let Some(words) = &search.words {
        tracks = tracks.filter(has_words("title", words));
    }
    tracks.limit(limit).select(Track::as_select()).load(&mut connection).await
}

/// Where a track is on its album: disc, number, id. What has no disc is on the first, what has no number comes last.
type PlaceOnAlbum = (i32, i32, Uuid);

/// Where a track is on its album.
pub(super) fn place_on_album(track: &Track) -> PlaceOnAlbum {
    (track.disc_number.unwrap_or(1), track.track_number.unwrap_or(i32::MAX), track.id)
}

/// Tracks of an album that everybody may see, after one of them, in the album's order; served by `mus_tracks_of_album`.
pub(super) async fn list_of_album(
    mut connection: &AsyncPgConnection,
    album_id: Uuid,
    (disc, number, id): PlaceOnAlbum,
    limit: i64,
) -> QueryResult<Vec<Track>> {
    const PLACE: &str = "coalesce(disc_number, 1), coalesce(track_number, 2147483647), id";
    let after = dsl::sql::<Bool>(&format!("({PLACE}) > (")).bind::<Integer, _>(disc).sql(", ");
    mus_tracks::table
        .filter(mus_tracks::album_id.eq(album_id))
        .filter(dsl::sql::<Bool>(LISTED))
        .filter(after.bind::<Integer, _>(number).sql(", ").bind::<SqlUuid, _>(id).sql(")"))
        .order(dsl::sql::<Bool>(PLACE))
        .limit(limit)
        .select(Track::as_select())
        .load(&mut connection)
        .await
}

/// The tracks without regard to words, in their order. Boxed: each order and each filter has a plan of its own.
fn tracks(search: &Search) -> mus_tracks::BoxedQuery<'_, Pg> {
    let mut tracks = mus_tracks::table.into_boxed();
    tracks = match search.owner {
        Some(owner) => tracks.filter(mus_tracks::user_id.eq(owner)).filter(mus_tracks::deleted_at.is_null()),
        None => tracks.filter(dsl::sql::<Bool>(LISTED)),
    };
    if let Some(visibility) = search.visibility {
        tracks = tracks.filter(mus_tracks::visibility.eq(AsText(visibility)));
    }
    if let Some(album_id) = search.album_id {
        tracks = tracks.filter(mus_tracks::album_id.eq(album_id));
    }
    if let Some(file_id) = search.file_id {
        tracks = tracks.filter(mus_tracks::file_id.eq(file_id));
    }
    if let Some(group) = search.variant_group_id {
        tracks = tracks.filter(mus_tracks::variant_group_id.eq(group));
    }
    if let Some(date) = search.play_on_date {
        tracks = tracks.filter(mus_tracks::play_on_date.eq(date));
    }
    if let Some(genre) = &search.genre {
        tracks = tracks.filter(is_of_genre("facets", genre));
    }
    if let Some(language) = &search.language {
        tracks = tracks.filter(lower(mus_tracks::language).eq(lower(language)));
    }
    if let Some(mood) = &search.mood {
        tracks = tracks.filter(lower(mus_tracks::mood).eq(lower(mood)));
    }
    tracks = match &search.after {
        None => tracks,
        Some(Place::Newest(id)) => tracks.filter(mus_tracks::id.lt(*id)),
        Some(Place::Title(title, id)) => tracks
            .filter(after_title().bind::<Text, _>(title.clone()).sql("), ").bind::<SqlUuid, _>(*id).sql(")")),
    };
    tracks_in_order(search, tracks)
}

/// Albums that everybody may see, or one person's; served by `mus_albums_public`, `_public_by_title`, `_by_words` and `_by_genre`, or
/// by `mus_albums_of_user`, `_by_title` and `_of_chapter`.
pub(crate) async fn list_albums(
    mut connection: &AsyncPgConnection,
    search: &Search,
    limit: i64,
) -> QueryResult<Vec<Album>> {
    if let Some(words) = &search.words {
        let near = albums(search).offset(NEAR - 1).limit(1);
        let near = match search.sort() {
            CatalogSort::Newest => albums(search)
                .filter(mus_albums::id.ge(or_first(near.select(mus_albums::id).single_value(), Uuid::nil()))),
            CatalogSort::Title => albums(search)
                .filter(folded().le(or_last(near.select(folded()).single_value(), char::MAX.to_string()))),
        };
        let found = near.filter(has_words_unindexed("title", words)).limit(limit);
        let found: Vec<Album> = found.select(Album::as_select()).load(&mut connection).await?;
        if i64::try_from(found.len()).is_ok_and(|count| count >= limit) {
            return Ok(found);
        }
    }
    let mut albums = albums(search);
    if let Some(words) = &search.words {
        albums = albums.filter(has_words("title", words));
    }
    albums.limit(limit).select(Album::as_select()).load(&mut connection).await
}

/// The albums without regard to words, in their order. Boxed: each order and each filter has a plan of its own.
fn albums(search: &Search) -> mus_albums::BoxedQuery<'_, Pg> {
    let mut albums = mus_albums::table.into_boxed();
    albums = match search.owner {
        Some(owner) => albums.filter(mus_albums::user_id.eq(owner)).filter(mus_albums::deleted_at.is_null()),
        None => albums.filter(dsl::sql::<Bool>(LISTED)),
    };
    if let Some(visibility) = search.visibility {
        albums = albums.filter(mus_albums::visibility.eq(AsText(visibility)));
    }
    if let Some(title) = &search.title {
        albums = albums.filter(mus_albums::title.eq(title));
    }
    if let Some(chapter_id) = search.chapter_id {
        albums = albums.filter(mus_albums::chapter_id.eq(chapter_id));
    }
    if let Some(genre) = &search.genre {
        albums = albums.filter(is_of_genre("mus_facets(genres, '{}', NULL, NULL, NULL)", genre));
    }
    if let Some(language) = &search.language {
        albums = albums.filter(lower(mus_albums::language).eq(lower(language)));
    }
    if let Some(mood) = &search.mood {
        albums = albums.filter(lower(mus_albums::mood).eq(lower(mood)));
    }
    albums = match &search.after {
        None => albums,
        Some(Place::Newest(id)) => albums.filter(mus_albums::id.lt(*id)),
        Some(Place::Title(title, id)) => albums
            .filter(after_title().bind::<Text, _>(title.clone()).sql("), ").bind::<SqlUuid, _>(*id).sql(")")),
    };
    albums_in_order(search, albums)
}

fn after_title() -> SqlLiteral<Bool> {
    dsl::sql::<Bool>("(mus_fold(title), id) > (mus_fold(")
}

fn folded() -> SqlLiteral<Text> {
    dsl::sql::<Text>("mus_fold(title)")
}

fn tracks_in_order<'a>(
    search: &Search,
    tracks: mus_tracks::BoxedQuery<'a, Pg>,
) -> mus_tracks::BoxedQuery<'a, Pg> {
    match search.sort() {
        CatalogSort::Newest => tracks.order(mus_tracks::id.desc()),
        CatalogSort::Title => tracks.order((folded(), mus_tracks::id.asc())),
    }
}

fn albums_in_order<'a>(
    search: &Search,
    albums: mus_albums::BoxedQuery<'a, Pg>,
) -> mus_albums::BoxedQuery<'a, Pg> {
    match search.sort() {
        CatalogSort::Newest => albums.order(mus_albums::id.desc()),
        CatalogSort::Title => albums.order((folded(), mus_albums::id.asc())),
    }
}
