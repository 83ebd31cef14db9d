//! `refrain`, the all-in-one: the three services in one process on one port, over a PostgreSQL of its own, and the
//! commands around them.

mod all_in_one;
mod audit;
mod backup;
pub mod cli;
mod data_dir;
mod environment;
mod import;
mod reconcile;
mod users;

pub use all_in_one::AllInOne;
