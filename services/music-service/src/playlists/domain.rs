//! Who may do what with a playlist, and in which order its tracks come to stand.

use std::collections::HashSet;

use contracts::FieldError;
use contracts::music::MoveTrack;
use contracts::music::rules::Rules;
use contracts::{CollaboratorRole, PlaylistCategory, PlaylistType, Role};
use http_kit::{ApiError, Caller};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::visibility::Shown;

/// How a caller stands to a playlist that the caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    is_in_charge: bool,
    sees_all: bool,
    pub(super) role: Option<CollaboratorRole>,
}

impl Standing {
    /// `None` for a playlist that is hidden from the caller: `is_seen` by its visibility, or by the role on it.
    pub(super) fn of(
        viewer: Option<&Caller>,
        playlist: Shown,
        role: Option<CollaboratorRole>,
        is_seen: bool,
    ) -> Option<Self> {
        let is_in_charge = viewer.is_some_and(|viewer| playlist.may_be_changed_by(viewer));
        let sees_all = viewer.is_some_and(|viewer| viewer.may_read(playlist.owner));
        (is_seen || role.is_some()).then_some(Self { is_in_charge, sees_all, role })
    }

    /// Refuses changes of the playlist itself to everybody but its owner, and admins where it is for everyone.
    pub(super) fn require_charge(self) -> Result<(), ApiError> {
        if self.is_in_charge {
            return Ok(());
        }
        Err(ApiError::forbidden("Only its owner may change a playlist."))
    }

    /// Refuses changes of its tracks to everybody but those in charge and its editors.
    pub(super) fn require_editor(self) -> Result<(), ApiError> {
        if self.is_in_charge || self.role == Some(CollaboratorRole::Editor) {
            return Ok(());
        }
        Err(ApiError::forbidden("Only its owner and its editors may change the tracks of a playlist."))
    }

    /// Refuses what is behind a playlist, who did what and why, to everybody but those who may edit it, and admins.
    pub(super) fn require_insight(self) -> Result<(), ApiError> {
        if self.sees_all {
            return Ok(());
        }
        self.require_editor()
    }
}

/// `featured` and `algorithm` are for librarians and admins.
pub(super) fn require_category(caller: &Caller, category: PlaylistCategory) -> Result<(), ApiError> {
    if category == PlaylistCategory::User || caller.role != Role::User {
        return Ok(());
    }
    Err(ApiError::forbidden("Only librarians make playlists of this category."))
}

/// A name for apps is for lists that come with the service.
pub(super) fn judge_smart_key((is_system, key): (bool, Option<&str>)) -> Result<(), ApiError> {
    match key {
        Some(_) if !is_system => {
            Err(ApiError::invalid("/smartKey", "only a list that comes with the service has one"))
        }
        _ => Ok(()),
    }
}

/// Rules go with the type: a manual playlist has none, the others need some. Gives them when they can be read.
pub(super) fn read_rules(
    playlist_type: PlaylistType,
    rules: Option<&Map<String, Value>>,
) -> Result<Option<Rules>, ApiError> {
    match (playlist_type, rules) {
        (PlaylistType::Manual, None) => Ok(None),
        (PlaylistType::Manual, Some(_)) => Err(ApiError::invalid("/rules", "a manual playlist has none")),
        (PlaylistType::Smart | PlaylistType::Hybrid, None) => {
            Err(ApiError::invalid("/rules", "a playlist of this type needs them"))
        }
        (PlaylistType::Smart | PlaylistType::Hybrid, Some(rules)) => parse_rules(rules).map(Some),
    }
}

/// Rules out of a request.
pub(super) fn parse_rules(rules: &Map<String, Value>) -> Result<Rules, ApiError> {
    Rules::parse(rules).map_err(|faults| {
        let placed =
            faults.into_iter().map(|fault| FieldError::new(format!("/rules{}", fault.pointer), fault.detail));
        ApiError::invalid_fields(placed.collect())
    })
}

/// On a smart playlist rules alone decide.
pub(super) fn require_by_hand(playlist_type: PlaylistType) -> Result<(), ApiError> {
    if playlist_type == PlaylistType::Smart {
        return Err(ApiError::conflict("Rules decide what is on a smart playlist."));
    }
    Ok(())
}

/// Applies moves, one after the other. `Err` names the index of a move of a track that is not there.
pub(super) fn moved(mut order: Vec<Uuid>, moves: &[MoveTrack]) -> Result<Vec<Uuid>, usize> {
    for (index, MoveTrack { track_id, to }) in moves.iter().enumerate() {
        let from = order.iter().position(|id| id == track_id).ok_or(index)?;
        order.remove(from);
        let to = usize::try_from(*to).unwrap_or(0).min(order.len());
        order.insert(to, *track_id);
    }
    Ok(order)
}

/// An order with the tracks that were `seen` in another: they share the places that they had, and the rest stays where it is.
pub(super) fn woven(order: Vec<Uuid>, seen: &[Uuid], ordered: Vec<Uuid>) -> Vec<Uuid> {
    let seen: HashSet<&Uuid> = seen.iter().collect();
    let mut ordered = ordered.into_iter();
    order.into_iter().map(|id| if seen.contains(&id) { ordered.next().unwrap_or(id) } else { id }).collect()
}

/// The words of a search. `None` when there is no word in it.
pub(crate) fn search_words(text: &str) -> Option<Vec<String>> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use contracts::Visibility;

    use super::*;

    #[test]
    fn moves_are_applied_one_after_the_other() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let to = |track_id, to| MoveTrack { track_id, to };
        assert_eq!(moved(vec![a, b, c], &[to(c, 0)]), Ok(vec![c, a, b]));
        assert_eq!(moved(vec![a, b, c], &[to(a, 99)]), Ok(vec![b, c, a]));
        assert_eq!(moved(vec![a, b, c], &[to(a, 1), to(b, 2)]), Ok(vec![a, c, b]));
        assert_eq!(moved(vec![a, b], &[to(a, 0), to(c, 0)]), Err(1));
    }

    #[test]
    fn what_nobody_sees_keeps_its_place() {
        let [a, b, c, d] = [1, 2, 3, 4].map(Uuid::from_u128);
        assert_eq!(woven(vec![a, b, c, d], &[a, c, d], vec![d, a, c]), [d, b, a, c]);
        assert_eq!(woven(vec![a, b], &[], vec![]), [a, b]);
    }

    #[test]
    fn a_search_cannot_leave_its_language() {
        let words = |text| search_words(text).map(|words| words.join(" "));
        assert_eq!(words("Café  del'Mar!").as_deref(), Some("Café del Mar"));
        assert_eq!(words("a & !b | (c):*").as_deref(), Some("a b c"));
        assert_eq!(search_words(" ' "), None);
    }

    #[test]
    fn collaborators_see_and_editors_edit() {
        let caller =
            Caller { user_id: Uuid::from_u128(1), role: Role::User, session_id: Uuid::nil(), is_key: false };
        let others = Shown { owner: Uuid::from_u128(2), visibility: Visibility::Personal, is_out: true };
        let stand = |role| Standing::of(Some(&caller), others, role, false);
        assert_eq!(stand(None), None);
        let viewer = stand(Some(CollaboratorRole::Viewer)).expect("a collaborator sees it");
        assert!(viewer.require_editor().is_err());
        let editor = stand(Some(CollaboratorRole::Editor)).expect("a collaborator sees it");
        assert!(editor.require_editor().is_ok() && editor.require_charge().is_err());
    }
}
