//! What rules can only hold for: tracks that the owner has heard, favourites, tracks of a genre. A search then begins with these, which
//! are few, in place of the whole catalogue.

use contracts::music::rules::{Condition, Field, NumberOp, Predicate, Test, TextOp};

/// What every track that holds a condition is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Narrow {
    pub(super) heard: bool,
    pub(super) liked: bool,
    /// Of each of these it has at least one.
    pub(super) facets: Vec<Vec<Facet>>,
}

/// A word that a track has, as the function `mus_facets` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facet {
    pub(super) kind: &'static str,
    pub(super) word: String,
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

    /// Whether an index finds the tracks.
    pub(super) fn is_indexed(&self) -> bool {
        self.heard || self.liked || !self.facets.is_empty()
    }

    fn either(self, other: Self) -> Self {
        let facets = [self.facets, other.facets].concat();
        Self { heard: self.heard || other.heard, liked: self.liked || other.liked, facets }
    }

    fn both(self, other: Self) -> Self {
        let first = |narrow: Self| narrow.facets.into_iter().next();
        let (heard, liked) = (self.heard && other.heard, self.liked && other.liked);
        // One that all alternatives have: what they ask for, taken together.
        let facets = first(self).zip(first(other)).map(|(one, another)| [one, another].concat());
        Self { heard, liked, facets: facets.into_iter().collect() }
    }

    pub(super) fn of_test(test: &Test) -> Self {
        let needs_something = !holds_for_nothing(test);
        match test.field {
            Field::PlayCount
            | Field::LastPlayed
            | Field::Completion
            | Field::SkipCount
            | Field::Device
            | Field::ContextSource
            | Field::HourOfDay => Self { heard: needs_something, ..Self::default() },
            Field::Rating | Field::Liked | Field::Notes | Field::PersonalTag => {
                Self { liked: needs_something, ..Self::default() }
            }
            Field::Genre => Self::of_words("genre", &test.predicate),
            Field::Tag => Self::of_words("tag", &test.predicate),
            Field::Mood => Self::of_words("mood", &test.predicate),
            Field::Language => Self::of_words("language", &test.predicate),
            Field::Quality => Self::of_words("quality", &test.predicate),
            _ => Self::default(),
        }
    }

    fn of_words(kind: &'static str, predicate: &Predicate) -> Self {
        match predicate {
            Predicate::Text { op: TextOp::Is, value, negated: false } => {
                Self { facets: vec![vec![Facet { kind, word: value.clone() }]], ..Self::default() }
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
        Predicate::Present(present) => !present,
        Predicate::OnPlaylist { .. } => true,
    }
}
