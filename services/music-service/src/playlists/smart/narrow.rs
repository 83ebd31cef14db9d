//! What rules can only hold for: tracks that the owner has heard, or favourites. A search then begins with these, which are few, in place
//! of the whole catalogue.

use contracts::music::rules::{Condition, Field, NumberOp, Predicate, Test};

/// What every track that holds a condition is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Narrow {
    pub(super) heard: bool,
    pub(super) liked: bool,
}

impl Narrow {
    pub(super) fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Test(test) => Self::of_test(test),
            Condition::All(conditions) => conditions.iter().map(Self::of).fold(Self::default(), Self::either),
            // What only one alternative needs is not needed.
            Condition::Any(conditions) => {
                conditions.iter().map(Self::of).reduce(Self::both).unwrap_or_default()
            }
            Condition::Not(_) => Self::default(),
        }
    }

    fn either(self, other: Self) -> Self {
        Self { heard: self.heard || other.heard, liked: self.liked || other.liked }
    }

    fn both(self, other: Self) -> Self {
        Self { heard: self.heard && other.heard, liked: self.liked && other.liked }
    }

    fn of_test(test: &Test) -> Self {
        let needs_something = !holds_for_nothing(test);
        match test.field {
            Field::PlayCount
            | Field::LastPlayed
            | Field::Completion
            | Field::SkipCount
            | Field::Device
            | Field::ContextSource
            | Field::HourOfDay => Self { heard: needs_something, liked: false },
            Field::Rating | Field::Liked | Field::Notes | Field::PersonalTag => {
                Self { heard: false, liked: needs_something }
            }
            _ => Self::default(),
        }
    }
}

/// Whether a test holds where nothing is: no play, no favourite. A number is 0 there, a text and a time are not there.
fn holds_for_nothing(test: &Test) -> bool {
    match &test.predicate {
        Predicate::Number { op, value } => {
            let per_play = matches!(test.field, Field::HourOfDay);
            match op {
                // Of several plays: none of them is it, which holds for no play at all.
                NumberOp::IsNot if per_play => true,
                _ if per_play => false,
                NumberOp::Is => *value == 0.0,
                NumberOp::IsNot => *value != 0.0,
                NumberOp::Gt => 0.0 > *value,
                NumberOp::Gte => 0.0 >= *value,
                NumberOp::Lt => 0.0 < *value,
                NumberOp::Lte => 0.0 <= *value,
            }
        }
        Predicate::Range(from, to) => !matches!(test.field, Field::HourOfDay) && *from <= 0.0 && 0.0 <= *to,
        Predicate::Bool(value) => !value,
        Predicate::Text { negated, .. } | Predicate::InTheLast { negated, .. } => *negated,
        Predicate::Before(_) | Predicate::After(_) => false,
        // A count of nothing is a number too, and so is present.
        Predicate::Present(present) => {
            !present
                || matches!(
                    test.field,
                    Field::PlayCount | Field::Completion | Field::SkipCount | Field::Rating | Field::Liked
                )
        }
        Predicate::OnPlaylist { .. } => true,
    }
}
