//! What a refresh token that comes in means.

use chrono::{DateTime, TimeDelta, Utc};

/// How long a refresh token is good for.
pub(super) const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long a token that was replaced gets the same answer again: two tabs, or an answer that was lost.
pub(super) const GRACE: TimeDelta = TimeDelta::seconds(10);

/// The facts of a token's row.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenState {
    pub(super) replaced_at: Option<DateTime<Utc>>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) is_revoked: bool,
}

/// What to do with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is the last of its chain: replace it.
    Rotate,
    /// It was replaced a moment ago: answer as then.
    Repeat,
    /// It was replaced long ago: somebody has a copy.
    Reused,
    /// Its session was ended, or its time is over.
    Refuse,
}

/// Judges a token by its row.
pub(super) fn judge(token: TokenState, now: DateTime<Utc>) -> Judgement {
    match token.replaced_at {
        _ if token.is_revoked => Judgement::Refuse,
        Some(replaced_at) if now - replaced_at <= GRACE => Judgement::Repeat,
        Some(_) => Judgement::Reused,
        None if now >= token.expires_at => Judgement::Refuse,
        None => Judgement::Rotate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_have_their_boundaries() {
        let now = contracts::clock::now();
        let token =
            TokenState { replaced_at: None, expires_at: now + TimeDelta::seconds(1), is_revoked: false };
        assert_eq!(judge(token, now), Judgement::Rotate);
        assert_eq!(judge(TokenState { expires_at: now, ..token }, now), Judgement::Refuse);
        assert_eq!(judge(TokenState { is_revoked: true, ..token }, now), Judgement::Refuse);
        let replaced = |ago| TokenState { replaced_at: Some(now - ago), ..token };
        assert_eq!(judge(replaced(GRACE), now), Judgement::Repeat);
        assert_eq!(judge(replaced(GRACE + TimeDelta::microseconds(1)), now), Judgement::Reused);
        // A clock that was set back makes a replacement of the future.
        assert_eq!(judge(replaced(TimeDelta::seconds(-5)), now), Judgement::Repeat);
    }
}
