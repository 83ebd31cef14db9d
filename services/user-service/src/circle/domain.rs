//! What an invitation is still good for.

use chrono::{DateTime, Utc};

/// The facts of an invitation's row, and what its bearer did before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) is_own: bool,
    pub(super) is_member: bool,
    pub(super) is_used_by_bearer: bool,
    pub(super) is_revoked: bool,
    pub(super) uses_left: i32,
    pub(super) expires_at: DateTime<Utc>,
}

/// What comes of showing an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// Come in.
    Open,
    /// The bearer is in the circle.
    Inside,
    /// It is the bearer's own circle.
    Own,
    /// It has been taken back, is used up, over, or was used by the bearer, who has left since.
    Closed,
}

/// Judges an invitation.
pub(super) fn judge(offer: Offer, now: DateTime<Utc>) -> Entrance {
    match offer {
        Offer { is_own: true, .. } => Entrance::Own,
        Offer { is_member: true, .. } => Entrance::Inside,
        Offer { is_revoked: true, .. } | Offer { is_used_by_bearer: true, .. } => Entrance::Closed,
        Offer { uses_left, expires_at, .. } if uses_left > 0 && now < expires_at => Entrance::Open,
        Offer { .. } => Entrance::Closed,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_invitation_has_its_boundaries() {
        let now = contracts::clock::now();
        let offer = Offer {
            is_own: false,
            is_member: false,
            is_used_by_bearer: false,
            is_revoked: false,
            uses_left: 1,
            expires_at: now + TimeDelta::microseconds(1),
        };
        assert_eq!(judge(offer, now), Entrance::Open);
        assert_eq!(judge(Offer { expires_at: now, ..offer }, now), Entrance::Closed);
        assert_eq!(judge(Offer { uses_left: 0, ..offer }, now), Entrance::Closed);
        assert_eq!(judge(Offer { is_revoked: true, ..offer }, now), Entrance::Closed);
        assert_eq!(judge(Offer { is_used_by_bearer: true, ..offer }, now), Entrance::Closed);
        // Whoever is inside stays so, whatever became of the invitation.
        assert_eq!(judge(Offer { is_member: true, is_revoked: true, ..offer }, now), Entrance::Inside);
        assert_eq!(judge(Offer { is_own: true, ..offer }, now), Entrance::Own);
    }
}
