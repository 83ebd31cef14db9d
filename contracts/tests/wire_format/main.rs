//! What crosses a process, as it is written. The `.json` files hold one example of every type: a change of the wire
//! format is a change of these files, and clients see it in the diff.
#![cfg(test)]

mod accounts;
mod books;
mod examples;
mod lyrics;
mod people_and_files;
mod refusals;
