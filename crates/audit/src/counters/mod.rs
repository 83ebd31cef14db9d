//! Counters against the rows that they count. Each service keeps a [`Ledger`] of its own; this is what reads it.

mod drift;
mod ledger;
mod unregistered;

pub use drift::{Drift, drift, repair};
pub use ledger::{Counter, Ledger, NotCounted};
pub use unregistered::unregistered;
