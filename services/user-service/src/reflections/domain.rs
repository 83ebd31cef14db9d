//! What is asked. Nothing here is known of the person but what the person just said.

use contracts::ThemeSource;

use crate::entries::analysis::Reading;

/// Questions of a reflection at most.
pub(super) const MOST: i32 = 10;
/// Follow-ups of one answer at most.
const FOLLOW_UPS: usize = 3;
/// How far a text is from neutral that has a tone; VADER's own bound.
const TONE: f64 = 0.05;

/// First questions that need no pattern.
const OPENINGS: [&str; 7] = [
    "What stays with you of today?",
    "What did you want to say lately and did not?",
    "When did you last lose track of time?",
    "What is heavier than it looks from outside?",
    "Which music was with you this week, and where were you?",
    "What would you like to remember of these days in a year?",
    "What are you waiting for?",
];

/// Questions that fit any answer.
const DEEPER: [&str; 9] = [
    "Can you say more about that?",
    "When did you first notice it?",
    "What did you feel in that moment?",
    "What would somebody who knows you well say to it?",
    "What do you know today that you did not know then?",
    "What part of it is in your hands?",
    "What would you tell a friend who said this?",
    "What do you want to keep of it?",
    "What will be the next small step?",
];

/// The first question of somebody who has had so many reflections: each of them in its turn.
pub(super) fn opening(reflections_before: i32) -> &'static str {
    let place = usize::try_from(reflections_before).unwrap_or(0) % OPENINGS.len();
    OPENINGS.get(place).copied().unwrap_or("What stays with you of today?")
}

/// What an answer raises, the next question first: what it spoke of most, how it sounded, and what fits any answer. Nothing is
/// asked twice in a reflection.
pub(super) fn follow_ups(reading: &Reading, asked: &[String]) -> Vec<String> {
    let mut themes: Vec<_> =
        reading.themes.iter().filter(|theme| theme.source == ThemeSource::Lexicon).collect();
    themes.sort_by(|one, other| other.weight.total_cmp(&one.weight).then(one.theme.cmp(&other.theme)));
    let of_theme =
        themes.first().map(|theme| format!("You speak of {}. What about it matters to you?", theme.theme));
    let of_tone = match reading.sentiment_score {
        Some(score) if score <= -TONE => Some("What would make it a little easier?"),
        Some(score) if score >= TONE => Some("What made that possible?"),
        _ => None,
    };
    let questions = of_theme.into_iter().chain(of_tone.into_iter().chain(DEEPER).map(str::to_owned));
    questions.filter(|question| !asked.contains(question)).take(FOLLOW_UPS).collect()
}

#[cfg(test)]
mod tests {
    use contracts::EntryType;
    use rstest::rstest;

    use super::*;
    use crate::entries::analysis::{Said, Text, Writer, read};

    fn reading(content: &str) -> Reading {
        let text = Text {
            content: content.to_owned(),
            entry_type: EntryType::Reflection,
            tags: vec![],
            writer: Writer { language: "en".to_owned(), history: Vec::new() },
        };
        read(&text, &Said::default())
    }

    #[rstest]
    #[case("The office again, and I hate the terrible meetings with my boss.", &[
        "You speak of work. What about it matters to you?", "What would make it a little easier?",
        "Can you say more about that?"])]
    #[case("We laughed and it was a wonderful, happy evening.", &[
        "You speak of joy. What about it matters to you?", "What made that possible?", "Can you say more about that?"])]
    // What says nothing, or cannot be read, is met by what fits any answer.
    #[case("It was on the table.", &[
        "Can you say more about that?", "When did you first notice it?", "What did you feel in that moment?"])]
    #[case("今朝、市場に行って母のためにパンを買いました。", &[
        "Can you say more about that?", "When did you first notice it?", "What did you feel in that moment?"])]
    fn an_answer_raises_what_it_says(#[case] content: &str, #[case] expected: &[&str]) {
        assert_eq!(follow_ups(&reading(content), &[]), expected);
    }

    #[test]
    fn nothing_is_asked_twice_and_every_reflection_ends() {
        let mut asked = vec![opening(0).to_owned()];
        while let Some(next) = follow_ups(&reading("The office again."), &asked).first() {
            assert!(!asked.contains(next));
            asked.push(next.clone());
        }
        assert_eq!(asked.len(), 2 + DEEPER.len());
        assert!(usize::try_from(MOST).is_ok_and(|most| asked.len() >= most));
    }

    #[test]
    fn first_questions_take_turns() {
        let asked: std::collections::BTreeSet<_> = (0..7).map(opening).collect();
        assert_eq!(asked.len(), 7);
        assert_eq!((opening(7), opening(-1)), (opening(0), opening(0)));
    }
}
