//! Which track an entry of another player's playlist is.

use std::collections::{HashMap, HashSet};

use contracts::ImportOutcome;
use uuid::Uuid;

use super::Entry;

/// How far the lengths of one recording differ between players, in seconds.
const SAME_LENGTH: f64 = 2.0;

/// A track that may be meant.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) id: Uuid,
    pub(crate) is_own: bool,
    /// The title as searches compare it.
    pub(crate) folded: String,
    pub(crate) duration: f64,
    pub(crate) artist: Option<String>,
}

/// The track that an entry names by its id: `urn:uuid:...`, or an address that ends in one.
pub(crate) fn named_id(entry: &Entry) -> Option<Uuid> {
    let identifier = entry.identifier.as_deref().and_then(|text| text.strip_prefix("urn:uuid:"));
    let location = entry.location.as_deref().and_then(|text| text.rsplit('/').next());
    identifier.or(location).and_then(|text| text.parse().ok())
}

/// The outcome of each entry. `folded` are the entries' titles as searches compare them.
pub(crate) fn judge(
    entries: &[Entry],
    folded: &[String],
    visible: &HashSet<Uuid>,
    candidates: &[Candidate],
) -> Vec<(ImportOutcome, Option<Uuid>)> {
    let mut by_title: HashMap<&str, Vec<&Candidate>> = HashMap::new();
    for candidate in candidates {
        by_title.entry(&candidate.folded).or_default().push(candidate);
    }
    let mut taken = HashSet::new();
    let of_entry = |(entry, folded): (&Entry, &String)| {
        let named = named_id(entry).filter(|id| visible.contains(id));
        let found = named.map_or_else(|| find(entry, by_title.get(folded.as_str())), Ok);
        match found {
            Ok(id) if taken.insert(id) => (ImportOutcome::Matched, Some(id)),
            Ok(id) => (ImportOutcome::Duplicate, Some(id)),
            Err(outcome) => (outcome, None),
        }
    };
    entries.iter().zip(folded).map(of_entry).collect()
}

fn find(entry: &Entry, titled: Option<&Vec<&Candidate>>) -> Result<Uuid, ImportOutcome> {
    let mut left = titled.cloned().unwrap_or_default();
    if let Some(duration) = entry.duration {
        left.retain(|candidate| (candidate.duration - duration).abs() <= SAME_LENGTH);
    }
    if let Some(artist) = entry.artist.as_deref().map(str::to_lowercase) {
        // A track of no known artist may be by anyone.
        left.retain(|candidate| candidate.artist.as_ref().is_none_or(|known| known.to_lowercase() == artist));
    }
    if left.len() > 1 && left.iter().any(|candidate| candidate.is_own) {
        left.retain(|candidate| candidate.is_own);
    }
    match left.as_slice() {
        [] => Err(ImportOutcome::Missing),
        [one] => Ok(one.id),
        _ => Err(ImportOutcome::Ambiguous),
    }
}
