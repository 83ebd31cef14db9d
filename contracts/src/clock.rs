//! The one place that reads the wall clock.

use chrono::{DateTime, SubsecRound, Utc};

/// The present instant, cut to the microseconds that PostgreSQL keeps, so that what is stored equals what is said.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock; everything else takes the time as a parameter"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
