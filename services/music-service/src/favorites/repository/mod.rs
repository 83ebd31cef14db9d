//! Rows of favourites.

mod albums;
mod tracks;

pub(crate) use albums::{
    FavoriteAlbum, FavoriteAlbumChanges, LikedAlbum, count_plays as count_plays_of_albums, delete_album,
    find_album, follow_album, insert_album, list_albums, lock_album, refresh_completion, update_album,
};
pub(crate) use tracks::{
    FavoriteTrack, FavoriteTrackChanges, LikedTrack, average_rating, count_plays as count_plays_of_tracks,
    delete_track, find_track, insert_track, list_tracks, lock_track, update_track,
};

diesel::define_sql_function! {
    #[sql_name = "coalesce"]
    /// A small number, or another where there is none.
    fn small_or(value: diesel::sql_types::Nullable<diesel::sql_types::SmallInt>, other: diesel::sql_types::SmallInt) -> diesel::sql_types::SmallInt;
}

diesel::define_sql_function! {
    #[sql_name = "coalesce"]
    /// An instant, or another where there is none.
    fn time_or(value: diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>, other: diesel::sql_types::Timestamptz) -> diesel::sql_types::Timestamptz;
}
