//! Rows of books and of all that belongs to them. Whoever writes them holds the owner's turn.

mod chapters;
mod illustrations;
mod library;
mod lists;

pub(crate) use chapters::{
    Chapter, ChapterChanges, NewChapter, delete as delete_chapter, find as find_chapter,
    insert as insert_chapter, list as list_chapters, list_page as list_page_of_chapters, move_entry_count,
    put_in_order as put_chapters_in_order, unlock, unlock_due, update as update_chapter,
};
pub(crate) use illustrations::{
    Illustration, IllustrationChanges, NewIllustration, Place, delete as delete_illustration,
    find as find_illustration, insert as insert_illustration, list as list_illustrations,
    list_with as list_illustrations_with, set_sizes, update as update_illustration,
};
pub(crate) use library::{
    find as find_progress, list as list_library, share_of_entry, upsert as upsert_progress,
};
pub(crate) use lists::{
    Book, BookChanges, Filter, NewBook, delete, find, insert, list, move_counts, set_status, update,
};
