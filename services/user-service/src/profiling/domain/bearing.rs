//! What an insight is about, told by the pattern's type and key.

use contracts::{AnalysisType, PatternType};

/// What an insight is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Bearing {
    /// The side of the person's days.
    pub(in super::super) category: AnalysisType,
    /// Whether it is about what the person does, or when: moods and themes come, the rest can be done otherwise.
    pub(in super::super) actionable: bool,
}

impl Bearing {
    /// The bearing of what is told of a pattern.
    pub(in super::super) fn of(kind: PatternType, key: &str) -> Self {
        let category = match kind {
            PatternType::Emotional => AnalysisType::Mood,
            // Times of moods, or times of writing.
            PatternType::Temporal if key.starts_with("mood:") => AnalysisType::Mood,
            PatternType::Temporal | PatternType::Behavioral => AnalysisType::Writing,
            PatternType::Thematic => AnalysisType::Themes,
            PatternType::Musical => AnalysisType::Listening,
        };
        Self { category, actionable: !matches!(kind, PatternType::Emotional | PatternType::Thematic) }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(PatternType::Emotional, "mood:calm", AnalysisType::Mood, false)]
    #[case(PatternType::Temporal, "mood:tense:weekday:1", AnalysisType::Mood, true)]
    #[case(PatternType::Temporal, "writing:weekday:7", AnalysisType::Writing, true)]
    #[case(PatternType::Thematic, "theme:music", AnalysisType::Themes, false)]
    #[case(PatternType::Behavioral, "writing:silence", AnalysisType::Writing, true)]
    #[case(PatternType::Behavioral, "reflection:left", AnalysisType::Writing, true)]
    #[case(PatternType::Musical, "tone:night:lag1", AnalysisType::Listening, true)]
    fn an_insight_is_about_one_side_of_the_days(
        #[case] kind: PatternType,
        #[case] key: &str,
        #[case] category: AnalysisType,
        #[case] actionable: bool,
    ) {
        assert_eq!(Bearing::of(kind, key), Bearing { category, actionable });
    }
}
