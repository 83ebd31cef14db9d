//! Rules with the playlists that they refer to: all that a query needs to know.

use std::collections::HashMap;

use contracts::FieldError;
use contracts::music::rules::{Predicate, Rules};
use uuid::Uuid;

/// How many playlists may refer to each other in a row.
pub(super) const MAX_NESTED: usize = 5;

/// What is known of a playlist that rules refer to.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) owner: Uuid,
    pub(crate) is_public: bool,
    /// Who else may see it: its collaborators, and when it is shared those of its owner's circle who own other playlists here.
    pub(crate) seen_by: Vec<Uuid>,
    /// Of a smart or hybrid one.
    pub(crate) rules: Option<Rules>,
}

/// Rules, ready to be compiled.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(super) rules: Rules,
    pub(super) owner: Uuid,
    /// The playlist whose tracks come first and are left out of what the rules give.
    pub(super) pins_of: Option<Uuid>,
    pub(super) referred: HashMap<Uuid, Reference>,
}

/// What a playlist that rules refer to stands for.
#[derive(Debug, Clone)]
pub(super) enum Reference {
    /// The tracks that people put on it, and those that its own rules give.
    Tracks { id: Uuid, rules: Option<Box<Program>> },
    /// Nothing: it is gone, hidden from the owner of the rules, or refers back to them.
    Nothing,
}

impl Program {
    /// Links rules with what is known of the playlists they refer to. References that lead nowhere stand for nothing.
    pub(crate) fn link(rules: Rules, owner: Uuid, id: Option<Uuid>, known: &HashMap<Uuid, Known>) -> Self {
        let mut path = path_of(id);
        Self::linked(rules, owner, id, known, &mut path)
    }

    fn linked(
        rules: Rules,
        owner: Uuid,
        id: Option<Uuid>,
        known: &HashMap<Uuid, Known>,
        path: &mut Vec<Uuid>,
    ) -> Self {
        let mut referred = HashMap::new();
        for target in targets(&rules) {
            let reference = match judge(target, owner, known, path) {
                Ok(playlist) => {
                    path.push(target);
                    let nested = playlist.rules.clone();
                    let rules = nested.map(|rules| {
                        Box::new(Self::linked(rules, playlist.owner, Some(target), known, path))
                    });
                    path.pop();
                    Reference::Tracks { id: target, rules }
                }
                Err(_) => Reference::Nothing,
            };
            referred.insert(target, reference);
        }
        Self { rules, owner, pins_of: id, referred }
    }

    /// The rules.
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The playlist that they are of; nil for rules that are tried out.
    pub(crate) fn id(&self) -> Uuid {
        self.pins_of.unwrap_or_default()
    }

    /// Refuses rules that refer to what is not there, to what their owner may not see, or, over however many others, to
    /// themselves.
    pub(crate) fn check(
        rules: &Rules,
        owner: Uuid,
        id: Option<Uuid>,
        known: &HashMap<Uuid, Known>,
    ) -> Result<(), Vec<FieldError>> {
        let path = path_of(id);
        let mut faults = Vec::new();
        for test in rules.condition.tests() {
            if let Predicate::OnPlaylist { id: target, .. } = &test.predicate
                && let Err(fault) = check_target(*target, owner, known, &path)
            {
                faults.push(FieldError::new(format!("/rules{}/value", test.pointer), fault));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Where a walk over references begins. Rules that are tried out may refer as deep as those of a playlist, and no deeper.
fn path_of(id: Option<Uuid>) -> Vec<Uuid> {
    vec![id.unwrap_or_default()]
}

/// The playlists that rules refer to.
pub(crate) fn targets(rules: &Rules) -> Vec<Uuid> {
    let tests = rules.condition.tests();
    let named = tests.iter().filter_map(|test| match &test.predicate {
        Predicate::OnPlaylist { id, .. } => Some(*id),
        _ => None,
    });
    named.collect()
}

fn check_target(
    target: Uuid,
    owner: Uuid,
    known: &HashMap<Uuid, Known>,
    path: &[Uuid],
) -> Result<(), &'static str> {
    let playlist = judge(target, owner, known, path)?;
    let mut path = path.to_vec();
    path.push(target);
    for next in playlist.rules.as_ref().map(targets).unwrap_or_default() {
        // What the other playlist's owner may not see is nothing there; a circle is one here as well.
        if let Err(fault) = check_target(next, playlist.owner, known, &path)
            && [CYCLE, TOO_DEEP].contains(&fault)
        {
            return Err(fault);
        }
    }
    Ok(())
}

const CYCLE: &str = "it refers back to this playlist";
const TOO_DEEP: &str = "too many playlists refer to each other in a row";

fn judge<'a>(
    target: Uuid,
    owner: Uuid,
    known: &'a HashMap<Uuid, Known>,
    path: &[Uuid],
) -> Result<&'a Known, &'static str> {
    if path.contains(&target) {
        return Err(CYCLE);
    }
    if path.len() >= MAX_NESTED {
        return Err(TOO_DEEP);
    }
    let playlist = known.get(&target).filter(|playlist| {
        playlist.is_public || playlist.owner == owner || playlist.seen_by.contains(&owner)
    });
    playlist.ok_or("there is no such playlist that its owner may see")
}
