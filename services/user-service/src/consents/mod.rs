//! Consents: what people agreed to, when, and to which wording. Decisions are kept; at most one holds for a purpose.

mod handlers;
mod repository;

pub(crate) use handlers::configure;
