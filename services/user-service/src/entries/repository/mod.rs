//! Rows of entries. Whoever writes them holds the owner's turn.

mod read;
mod rows;
mod themes;
mod write;

pub(crate) use read::{
    Filter, find, list, list_before, list_failed, list_ids, list_of_book, list_of_chapter,
};
pub(crate) use rows::{Entry, EntryChanges, NewEntry};
pub(crate) use write::{Which, delete, insert, move_to, put_in_order, refresh_person, update};
