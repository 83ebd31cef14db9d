//! New passwords for who forgot theirs, by mail. A wish is written down and answered before anybody looks whether there is
//! such an account, so that neither the answer nor its time tells. The mail room works wishes off; a token is good once.

mod handlers;
mod mail_room;
mod repository;

pub(crate) use handlers::configure;
pub(crate) use mail_room::open;
pub(crate) use repository::delete_old;
