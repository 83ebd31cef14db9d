//! Rows of invitations and of circles. Whoever joins holds the invitation, whoever leaves the membership.

use chrono::{DateTime, Utc};
use contracts::user::{InvitationResponse, MembershipResponse};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{usr_accounts, usr_creator_members, usr_invitation_uses, usr_invitations};

const ACCEPTED: &str = "accepted";
const REVOKED: &str = "revoked";

/// A row of `usr_invitations`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_invitations, check_for_backend(diesel::pg::Pg))]
pub(super) struct Invitation {
    pub(super) id: Uuid,
    pub(super) creator_id: Uuid,
    pub(super) token_hash: Vec<u8>,
    pub(super) max_uses: i32,
    pub(super) use_count: i32,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// The token is known in the moment of making only.
    pub(super) fn response(self, token: Option<String>) -> InvitationResponse {
        InvitationResponse {
            id: self.id,
            token,
            max_uses: self.max_uses,
            use_count: self.use_count,
            expires_at: self.expires_at,
            created_at: self.created_at,
            revoked_at: self.revoked_at,
        }
    }
}

/// A membership that lasts, with the name of the other one.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Membership {
    pub(super) creator_id: Uuid,
    pub(super) member_id: Uuid,
    accepted_at: DateTime<Utc>,
    display_name: String,
}

impl From<Membership> for MembershipResponse {
    fn from(membership: Membership) -> Self {
        Self {
            creator_id: membership.creator_id,
            member_id: membership.member_id,
            display_name: membership.display_name,
            accepted_at: membership.accepted_at,
        }
    }
}

pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    invitation: &Invitation,
) -> QueryResult<usize> {
    diesel::insert_into(usr_invitations::table).values(invitation).execute(connection).await
}

/// A creator's invitations before one of them, the newest first; served by `usr_invitations_of_creator`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    creator_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Invitation>> {
    usr_invitations::table
        .filter(usr_invitations::creator_id.eq(creator_id))
        .filter(usr_invitations::id.lt(before.unwrap_or(Uuid::max())))
        .order(usr_invitations::id.desc())
        .limit(limit)
        .select(Invitation::as_select())
        .load(&mut connection)
        .await
}

/// Takes an invitation of a creator's back; 0 when there is none that is good.
pub(super) async fn revoke(
    connection: &mut AsyncPgConnection,
    (creator_id, id): (Uuid, Uuid),
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let invitation = usr_invitations::table
        .filter(usr_invitations::id.eq(id))
        .filter(usr_invitations::creator_id.eq(creator_id))
        .filter(usr_invitations::revoked_at.is_null());
    diesel::update(invitation).set(usr_invitations::revoked_at.eq(now)).execute(connection).await
}

/// The invitation of a token, held until the transaction ends; served by `usr_invitations_token_key`.
pub(super) async fn lock_by_hash(
    connection: &mut AsyncPgConnection,
    hash: &[u8],
) -> QueryResult<Option<Invitation>> {
    let invitation = usr_invitations::table.filter(usr_invitations::token_hash.eq(hash));
    invitation.select(Invitation::as_select()).for_no_key_update().first(connection).await.optional()
}

/// Whether somebody joined with an invitation before, by primary key.
pub(super) async fn exists_use(
    connection: &mut AsyncPgConnection,
    invitation_id: Uuid,
    member_id: Uuid,
) -> QueryResult<bool> {
    let used = usr_invitation_uses::table.find((invitation_id, member_id));
    diesel::select(exists(used)).get_result(connection).await
}

/// Counts a use of an invitation that the caller holds.
pub(super) async fn insert_use(
    connection: &mut AsyncPgConnection,
    invitation_id: Uuid,
    member_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(usr_invitation_uses::table)
        .values((
            usr_invitation_uses::invitation_id.eq(invitation_id),
            usr_invitation_uses::member_id.eq(member_id),
            usr_invitation_uses::used_at.eq(now),
        ))
        .execute(connection)
        .await?;
    diesel::update(usr_invitations::table.find(invitation_id))
        .set(usr_invitations::use_count.eq(usr_invitations::use_count + 1))
        .execute(connection)
        .await
}

/// Lets somebody in, for the first time or again; 0 for somebody who is inside, through another invitation just now.
pub(super) async fn join(
    connection: &mut AsyncPgConnection,
    invitation: &Invitation,
    member_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    use usr_creator_members as members;
    let joined = (
        members::status.eq(ACCEPTED),
        members::invitation_id.eq(invitation.id),
        members::accepted_at.eq(now),
        members::revoked_at.eq(None::<DateTime<Utc>>),
    );
    let join = diesel::insert_into(members::table)
        .values((members::creator_id.eq(invitation.creator_id), members::member_id.eq(member_id), joined))
        .on_conflict((members::creator_id, members::member_id))
        .do_update()
        .set(joined);
    diesel::query_dsl::methods::FilterDsl::filter(join, members::status.eq(REVOKED)).execute(connection).await
}

/// Ends a membership; 0 when there is none that lasts.
pub(super) async fn leave(
    connection: &mut AsyncPgConnection,
    (creator_id, member_id): (Uuid, Uuid),
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    use usr_creator_members as members;
    let member = members::table.find((creator_id, member_id)).filter(members::status.eq(ACCEPTED));
    diesel::update(member)
        .set((members::status.eq(REVOKED), members::revoked_at.eq(now)))
        .execute(connection)
        .await
}

/// A membership that lasts, by primary key.
pub(super) async fn find(
    connection: &mut AsyncPgConnection,
    creator_id: Uuid,
    member_id: Uuid,
) -> QueryResult<Option<Membership>> {
    use usr_creator_members as members;
    members::table
        .inner_join(usr_accounts::table.on(usr_accounts::id.eq(members::creator_id)))
        .filter(members::creator_id.eq(creator_id))
        .filter(members::member_id.eq(member_id))
        .filter(members::status.eq(ACCEPTED))
        .select((members::creator_id, members::member_id, members::accepted_at, usr_accounts::display_name))
        .first(connection)
        .await
        .optional()
}

/// Whether somebody is in a creator's circle, by primary key.
pub(crate) async fn exists_member(
    mut connection: &AsyncPgConnection,
    creator_id: Uuid,
    member_id: Uuid,
) -> QueryResult<bool> {
    use usr_creator_members as members;
    let member = members::table.find((creator_id, member_id)).filter(members::status.eq(ACCEPTED));
    diesel::select(exists(member)).get_result(&mut connection).await
}

/// Who is in a creator's circle, after one of them; served by the primary key.
pub(super) async fn list_members(
    mut connection: &AsyncPgConnection,
    creator_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Membership>> {
    use usr_creator_members as members;
    members::table
        .inner_join(usr_accounts::table.on(usr_accounts::id.eq(members::member_id)))
        .filter(members::creator_id.eq(creator_id))
        .filter(members::member_id.gt(after.unwrap_or(Uuid::nil())))
        .filter(members::status.eq(ACCEPTED))
        .order(members::member_id)
        .limit(limit)
        .select((members::creator_id, members::member_id, members::accepted_at, usr_accounts::display_name))
        .load(&mut connection)
        .await
}

/// In whose circles somebody is, after one of them; served by `usr_creator_members_of_member`.
pub(super) async fn list_memberships(
    mut connection: &AsyncPgConnection,
    member_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Membership>> {
    use usr_creator_members as members;
    members::table
        .inner_join(usr_accounts::table.on(usr_accounts::id.eq(members::creator_id)))
        .filter(members::member_id.eq(member_id))
        .filter(members::creator_id.gt(after.unwrap_or(Uuid::nil())))
        .filter(members::status.eq(ACCEPTED))
        .order(members::creator_id)
        .limit(limit)
        .select((members::creator_id, members::member_id, members::accepted_at, usr_accounts::display_name))
        .load(&mut connection)
        .await
}
