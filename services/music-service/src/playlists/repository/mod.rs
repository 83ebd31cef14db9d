//! Rows of playlists and of all that belongs to them.

mod activities;
mod collaborators;
mod engagement;
mod entries;
mod lists;
mod titles;

pub(crate) use activities::{list as list_activities, write as write_activity};
pub(crate) use collaborators::{
    delete as delete_collaborator, list as list_collaborators, role_of, upsert as upsert_collaborator,
};
pub(crate) use engagement::{
    Mark, delete as delete_mark, exists_mark, insert as insert_mark, list_followers,
};
pub(crate) use entries::{
    MAX_TRACKS, append, count_plays, exists_track, find_addable, insert_at, list as list_tracks, list_ids,
    list_seen, lock_holders, lock_holders_of, put_in_order, refresh as refresh_totals, refresh_all, remove,
    remove_everywhere, set_metadata,
};
pub(crate) use lists::{
    Filter, Playlist, PlaylistChanges, find, hold, insert, list, lock, lock_any, mark_deleted, move_counts,
    restore, update,
};
pub(crate) use titles::{fold_all, list_titled};
