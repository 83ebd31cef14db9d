//! What happened to accounts that matters for their security: written down in the transaction in which it happens, readable
//! by the person and by admins, never changed.

mod handlers;
mod repository;

pub(crate) use handlers::configure;
pub(crate) use repository::{Deed, Origin, record};
