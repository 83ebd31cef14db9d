//! A private PostgreSQL server, started and stopped as a child of this process.
//!
//! ```no_run
//! # async fn example() -> Result<(), embedded_postgres::Error> {
//! use embedded_postgres::{Cluster, ClusterOptions, Installation};
//!
//! let installation = Installation::find()?;
//! let cluster = Cluster::start(&installation, ClusterOptions::durable(".refrain/postgres")).await?;
//! println!("{}", cluster.url("postgres"));
//! cluster.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! What it promises:
//! - the server never outlives this process, however the process ends (see `guard`);
//! - a crash at any moment leaves either no cluster or a whole one, and the next start recovers it;
//! - as root it runs the server as an unprivileged account, because PostgreSQL refuses root;
//! - it listens on loopback only, behind a random password.

mod account;
mod cluster;
mod error;
mod guard;
mod home;
mod installation;
mod log;
mod orphan;
mod pid_file;
mod place;

pub use cluster::{Cluster, ClusterOptions, Durability, Endpoint};
pub use error::Error;
pub use installation::{Installation, Version};
