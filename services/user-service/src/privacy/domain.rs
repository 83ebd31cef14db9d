//! When what is done.

use aws_lc_rs::digest;
use chrono::TimeDelta;
use identity::Service;
use uuid::Uuid;

/// How long an erasure waits after the wish: by then every verifier has heard that the person's tokens are void, so that
/// nothing new comes of them.
pub(super) const QUIET: TimeDelta = TimeDelta::seconds(10);
/// How long a step belongs to whoever took it, without a sign of life.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(1);
/// When the other services are told again of an erasure that they have not answered.
pub(super) const PATIENCE: TimeDelta = TimeDelta::minutes(10);
/// How long the file of an export is kept.
pub(super) const FILE_KEPT: TimeDelta = TimeDelta::days(7);
/// How long a receipt is kept.
pub(super) const RECEIPT_KEPT: TimeDelta = TimeDelta::days(365);
/// An export that failed so often is given up; an erasure never is.
pub(super) const MOST_TRIES: i32 = 8;

/// Who has to say what it removed.
pub(super) const ANSWERING: [Service; 3] = [Service::User, Service::Music, Service::Storage];

/// What is kept of whose a request was: who knows the id finds it, who has the row does not know the id.
pub(crate) fn person_hash(user_id: Uuid) -> Vec<u8> {
    digest::digest(&digest::SHA256, user_id.to_string().as_bytes()).as_ref().to_vec()
}

/// How long to wait after so many tries that failed: five seconds, ten, twenty, ... ten minutes.
pub(super) fn pause(tries: i32) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(1, 8) - 1).unwrap_or_default();
    TimeDelta::seconds(5 * 2_i64.pow(doublings)).min(TimeDelta::minutes(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_ten_minutes() {
        let seconds = [0, 1, 2, 3, 7, 8, 100].map(|tries| pause(tries).num_seconds());
        assert_eq!(seconds, [5, 5, 10, 20, 320, 600, 600]);
    }

    #[test]
    fn the_hash_is_the_databases() {
        // SELECT sha256(convert_to('00000000-0000-0000-0000-000000000000', 'UTF8'))
        let known = "12b9377cbe7e5c94e8a70d9d23929523d14afa954793130f8a3959c7b849aca8";
        let hashed: String = person_hash(Uuid::nil()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hashed, known);
    }
}
