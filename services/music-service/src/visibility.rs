//! Who may see what, and who may show what to whom.
//!
//! Owners and admins see a thing in any state; admins change what was published to everyone and nothing else. Others see it while
//! it is out, and when it is public, or shared and they are in its owner's circle. [`sees`] judges one thing, [`rule`] the rows
//! of a query, which [`VisibleTo`] puts into diesel's.

use contracts::{Role, Visibility};
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Caller};
use uuid::Uuid;

use crate::circles;

/// What decides who sees a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) owner: Uuid,
    pub(crate) visibility: Visibility,
    /// Whether it is out: no draft, not put away.
    pub(crate) is_out: bool,
}

impl Shown {
    /// Whether it is for everyone.
    pub(crate) fn is_for_everyone(self) -> bool {
        self.is_out && self.visibility == Visibility::Public
    }

    /// Whether somebody may change it: its owner, and admins what was published to everyone, in whatever state they have put it.
    pub(crate) fn may_be_changed_by(self, caller: &Caller) -> bool {
        caller.may_change(self.owner, self.visibility == Visibility::Public)
    }

    /// Whether somebody may bring it back who could change it.
    ///
    /// # Errors
    /// 404 where it is hidden, 403 where it is only seen.
    pub(crate) fn require_change_of_hidden(
        self,
        caller: &Caller,
        thing: &'static str,
    ) -> Result<(), ApiError> {
        if self.may_be_changed_by(caller) {
            Ok(())
        } else if caller.may_read(self.owner) {
            Err(ApiError::forbidden(format!("Only its owner may restore this {thing}.")))
        } else {
            Err(ApiError::not_found(thing))
        }
    }
}

/// Who looks: an account, or nobody in particular; admins see everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Viewer {
    pub(crate) id: Uuid,
    pub(crate) sees_all: bool,
}

impl Viewer {
    /// Somebody who is not logged in is in no circle and owns nothing.
    pub(crate) fn of(caller: Option<&Caller>) -> Self {
        caller.map_or(Self { id: Uuid::nil(), sees_all: false }, Self::from)
    }
}

impl From<&Caller> for Viewer {
    fn from(caller: &Caller) -> Self {
        Self { id: caller.user_id, sees_all: caller.is_admin() }
    }
}

/// Whether a thing may be seen. Who may not see it is told that it does not exist. Asks for the circle only where it decides.
pub(crate) async fn sees(
    connection: &AsyncPgConnection,
    viewer: Option<&Caller>,
    shown: Shown,
) -> QueryResult<bool> {
    let Shown { owner, visibility, is_out } = shown;
    if viewer.is_some_and(|viewer| viewer.may_read(owner)) {
        return Ok(true);
    }
    match (visibility, viewer) {
        (Visibility::Public, _) => Ok(is_out),
        (Visibility::Shared, Some(viewer)) if is_out => {
            circles::repository::exists(connection, owner, viewer.user_id).await
        }
        (Visibility::Shared | Visibility::Personal, _) => Ok(false),
    }
}

/// Whether the row that a query knows by the name of `thing`, with an owner, a visibility and a status, may be seen by `viewer`, who
/// sees everything where `sees_all` holds. The circle is looked up by its primary key.
pub(crate) fn rule(thing: &str, viewer: &str, sees_all: &str) -> String {
    format!(
        "({thing}.user_id = {viewer} OR {sees_all} OR {thing}.status IN ('active', 'published')
             AND ({thing}.visibility = 'public' OR {thing}.visibility = 'shared' AND EXISTS (
                 SELECT FROM mus_creator_members AS circle
                 WHERE circle.creator_id = {thing}.user_id AND circle.member_id = {viewer})))"
    )
}

/// What stands in a [`rule`] for a value that is bound.
pub(crate) const BOUND: char = '?';

/// The rule for a table, as a filter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VisibleTo {
    table: &'static str,
    viewer: Viewer,
}

impl VisibleTo {
    pub(crate) fn track(viewer: Viewer) -> Self {
        Self { table: "mus_tracks", viewer }
    }

    pub(crate) fn album(viewer: Viewer) -> Self {
        Self { table: "mus_albums", viewer }
    }

    pub(crate) fn playlist(viewer: Viewer) -> Self {
        Self { table: "mus_playlists", viewer }
    }
}

impl Expression for VisibleTo {
    type SqlType = Bool;
}

impl QueryFragment<Pg> for VisibleTo {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Planned once for everybody: what an admin sees is a value, too.
        let (all, viewer) = ("@", &self.viewer);
        let rule = rule(self.table, &BOUND.to_string(), all);
        for (index, between) in rule.split(BOUND).enumerate() {
            if index > 0 {
                out.push_bind_param::<SqlUuid, _>(&viewer.id)?;
            }
            match between.split_once(all) {
                None => out.push_sql(between),
                Some((before, after)) => {
                    out.push_sql(before);
                    out.push_bind_param::<Bool, _>(&viewer.sees_all)?;
                    out.push_sql(after);
                }
            }
        }
        Ok(())
    }
}

impl QueryId for VisibleTo {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl ValidGrouping<()> for VisibleTo {
    type IsAggregate = is_aggregate::No;
}

impl<T> AppearsOnTable<T> for VisibleTo {}

impl<T> SelectableExpression<T> for VisibleTo {}

/// Refuses to let anybody but librarians and admins say that a thing comes with the service.
pub(crate) fn require_system(caller: &Caller, is_system: bool) -> Result<(), ApiError> {
    if is_system && caller.role == Role::User {
        return Err(ApiError::forbidden("Only librarians make what comes with the service."));
    }
    Ok(())
}

/// Refuses to show a thing to more people than the caller's role allows: `public` is for librarians and admins.
pub(crate) fn require_reach(caller: &Caller, visibility: Visibility) -> Result<(), ApiError> {
    if visibility == Visibility::Public && caller.role == Role::User {
        return Err(ApiError::forbidden("Only librarians may publish to everyone."));
    }
    Ok(())
}
