//! Who may see what, and who may show what to whom. Pure rules.

use contracts::{Role, Visibility};
use http_kit::{ApiError, Caller};
use uuid::Uuid;

/// Whether a thing of `owner` may be seen. Who may not see it is told that it does not exist.
pub(crate) fn may_see(viewer: Option<&Caller>, owner: Uuid, visibility: Visibility) -> bool {
    match visibility {
        Visibility::Public => true,
        Visibility::Shared | Visibility::Personal => viewer.is_some_and(|viewer| viewer.may_change(owner)),
    }
}

/// Refuses to show a thing to more people than the caller's role allows: `public` is for librarians and admins.
pub(crate) fn require_reach(caller: &Caller, visibility: Visibility) -> Result<(), ApiError> {
    if visibility == Visibility::Public && caller.role == Role::User {
        return Err(ApiError::forbidden("Only librarians may publish to everyone."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_and_admins_see_what_is_personal() {
        let caller = |role| Caller { user_id: Uuid::from_u128(1), role, session_id: Uuid::nil() };
        let (mine, others) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(may_see(Some(&caller(Role::User)), mine, Visibility::Personal));
        assert!(!may_see(Some(&caller(Role::User)), others, Visibility::Personal));
        assert!(!may_see(Some(&caller(Role::Librarian)), others, Visibility::Personal));
        assert!(may_see(Some(&caller(Role::Admin)), others, Visibility::Personal));
        assert!(!may_see(None, others, Visibility::Shared));
        assert!(may_see(None, others, Visibility::Public));
    }
}
