//! Rows that are looked for: what everybody may see, or what is one's own.

use contracts::CatalogSort;
use database::{AsText, plan_by_value};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::domain::{Place, Search};
use crate::albums::repository::Album;
use crate::schema::{mus_albums, mus_tracks};
use crate::search::has_words;
use crate::tracks::repository::Track;

/// In words, not as parameters: a plan that is made for all parameters could not use the partial indexes.
const LISTED: &str = "visibility = 'public' AND status IN ('active', 'published') AND deleted_at IS NULL";

/// Tracks that everybody may see, or one person's; served by `mus_tracks_public`, `_public_by_title`, `_by_words` and `_by_genre`, or
/// by `mus_tracks_of_user`, `_of_user_by_title`, `_of_album`, `_of_file`, `_of_variant_group` and `_of_play_date`.
pub(crate) async fn list_tracks(
    connection: &mut AsyncPgConnection,
    search: &Search,
    limit: i64,
) -> QueryResult<Vec<Track>> {
    if search.words.is_none() {
        return find_tracks(connection, search, limit).await;
    }
    let transaction = connection.transaction(async |connection| {
        plan_by_value(connection).await?;
        find_tracks(connection, search, limit).await
    });
    transaction.await
}

async fn find_tracks(
    connection: &mut AsyncPgConnection,
    search: &Search,
    limit: i64,
) -> QueryResult<Vec<Track>> {
    // Boxed: each order and each filter has a plan of its own.
    let mut tracks = mus_tracks::table.limit(limit).select(Track::as_select()).into_boxed();
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
    if let Some(words) = &search.words {
        tracks = tracks.filter(has_words("title", words));
    }
    if let Some(genre) = &search.genre {
        tracks = tracks.filter(mus_tracks::genres.contains(vec![genre.clone()]));
    }
    if let Some(language) = &search.language {
        tracks = tracks.filter(mus_tracks::language.eq(language));
    }
    if let Some(mood) = &search.mood {
        tracks = tracks.filter(mus_tracks::mood.eq(mood));
    }
    tracks = match &search.after {
        None => tracks,
        Some(Place::Newest(id)) => tracks.filter(mus_tracks::id.lt(*id)),
        Some(Place::Title(title, id)) => tracks
            .filter(after_title().bind::<Text, _>(title.clone()).sql("), ").bind::<SqlUuid, _>(*id).sql(")")),
    };
    tracks = match search.sort() {
        CatalogSort::Newest => tracks.order(mus_tracks::id.desc()),
        CatalogSort::Title => tracks.order((dsl::sql::<Text>("mus_fold(title)"), mus_tracks::id.asc())),
    };
    tracks.load(connection).await
}

/// Albums that everybody may see, or one person's; served by `mus_albums_public`, `_public_by_title`, `_by_words` and `_by_genre`, or
/// by `mus_albums_of_user`, `_by_title` and `_of_chapter`.
pub(crate) async fn list_albums(
    connection: &mut AsyncPgConnection,
    search: &Search,
    limit: i64,
) -> QueryResult<Vec<Album>> {
    if search.words.is_none() {
        return find_albums(connection, search, limit).await;
    }
    let transaction = connection.transaction(async |connection| {
        plan_by_value(connection).await?;
        find_albums(connection, search, limit).await
    });
    transaction.await
}

async fn find_albums(
    connection: &mut AsyncPgConnection,
    search: &Search,
    limit: i64,
) -> QueryResult<Vec<Album>> {
    // Boxed: each order and each filter has a plan of its own.
    let mut albums = mus_albums::table.limit(limit).select(Album::as_select()).into_boxed();
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
    if let Some(words) = &search.words {
        albums = albums.filter(has_words("title", words));
    }
    if let Some(genre) = &search.genre {
        albums = albums.filter(mus_albums::genres.contains(vec![genre.clone()]));
    }
    if let Some(language) = &search.language {
        albums = albums.filter(mus_albums::language.eq(language));
    }
    if let Some(mood) = &search.mood {
        albums = albums.filter(mus_albums::mood.eq(mood));
    }
    albums = match &search.after {
        None => albums,
        Some(Place::Newest(id)) => albums.filter(mus_albums::id.lt(*id)),
        Some(Place::Title(title, id)) => albums
            .filter(after_title().bind::<Text, _>(title.clone()).sql("), ").bind::<SqlUuid, _>(*id).sql(")")),
    };
    albums = match search.sort() {
        CatalogSort::Newest => albums.order(mus_albums::id.desc()),
        CatalogSort::Title => albums.order((dsl::sql::<Text>("mus_fold(title)"), mus_albums::id.asc())),
    };
    albums.load(connection).await
}

fn after_title() -> diesel::expression::SqlLiteral<Bool> {
    dsl::sql::<Bool>("(mus_fold(title), id) > (mus_fold(")
}
