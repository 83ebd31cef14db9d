//! A person's data as a whole: a copy of it, or its end. Both are requests that a saga works off, step by step, whoever dies
//! in between: a copy is gathered from the three services into a file of the person's; an erasure removes what is here in one
//! transaction, tells the other services, and is done when they have said what they removed. The request outlives the account,
//! as the receipt.

mod domain;
mod gather;
mod handlers;
pub(crate) mod repository;
mod saga;

pub(crate) use gather::Gatherer;
pub(crate) use handlers::configure;
pub(crate) use saga::{answered, begin};
