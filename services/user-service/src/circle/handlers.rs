//! Routes of circles.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::events::CircleChanged;
use contracts::page::PageQuery;
use contracts::problem::ErrorCode;
use contracts::user::{
    CreateInvitationRequest, INVITATION_SECONDS, InvitationResponse, JoinCircleRequest, MembershipResponse,
};
use contracts::{EventType, Page, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Id, Json, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{Entrance, Offer, judge};
use super::repository::{self, Invitation, Membership};
use crate::app::UserState;
use crate::events::OUTBOX;
use crate::secrets::OpaqueToken;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_invitation)
        .service(list_invitations)
        .service(revoke_invitation)
        .service(join_circle)
        .service(list_members)
        .service(remove_member)
        .service(list_memberships)
        .service(leave_circle);
}

/// Makes an invitation into the caller's circle. Its token is told here and nowhere else.
#[utoipa::path(tag = "circle", security(("access_token" = [])), responses(
    (status = 201, body = InvitationResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/circle/invitations")]
async fn create_invitation(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    body: Json<CreateInvitationRequest>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let token = OpaqueToken::random()?;
    let seconds = body.0.expires_in.unwrap_or(INVITATION_SECONDS);
    let invitation = Invitation {
        id: contracts::ids::new_id(),
        creator_id: caller.user_id,
        token_hash: token.hash(),
        max_uses: body.0.max_uses.unwrap_or(1),
        use_count: 0,
        expires_at: now + TimeDelta::seconds(seconds.into()),
        created_at: now,
        revoked_at: None,
    };
    let mut connection = state.database.connection().await?;
    repository::insert(&mut connection, &invitation).await?;
    let location = format!("/api/circle/invitations/{}", invitation.id);
    let body = invitation.response(Some(token.into_string()));
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(body))
}

/// The caller's invitations, the newest first.
#[utoipa::path(tag = "circle", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<InvitationResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/circle/invitations")]
async fn list_invitations(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let (before, limit) = (cursor::decode(query.0.cursor.as_deref())?, query.0.limit());
    let connection = state.database.connection().await?;
    let invitations = repository::list(&connection, caller.user_id, before, limit + 1).await?;
    let page = cursor::page(invitations, limit, |invitation| invitation.id)?;
    Ok(HttpResponse::Ok().json(page.map(|invitation| invitation.response(None))))
}

/// Takes an invitation back. Who joined with it stays.
#[utoipa::path(tag = "circle", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Nobody can join with it any more"),
    (status = 401, body = Problem),
    (status = 404, description = "The caller has no such invitation", body = Problem),
))]
#[delete("/api/circle/invitations/{id}")]
async fn revoke_invitation(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let key = (caller.user_id, *id);
    match repository::revoke(&mut connection, key, contracts::clock::now()).await? {
        0 => Err(ApiError::not_found("invitation")),
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}

/// Joins a circle. Joining twice is joining once.
#[utoipa::path(tag = "circle", security(("access_token" = [])), responses(
    (status = 200, body = MembershipResponse),
    (status = 401, body = Problem),
    (status = 404, description = "There is no such invitation", body = Problem),
    (status = 409, description = "It is the caller's own circle", body = Problem),
    (status = 410, description = "It is over, used up or taken back", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/circle/join")]
async fn join_circle(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    body: Json<JoinCircleRequest>,
) -> Result<HttpResponse, ApiError> {
    let hash = OpaqueToken::shown(body.0.token).hash();
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let membership = connection
        .transaction(async |connection| enter(connection, &hash, caller.user_id, now).await)
        .await?;
    Ok(HttpResponse::Ok().json(MembershipResponse::from(membership)))
}

async fn enter(
    connection: &mut AsyncPgConnection,
    hash: &[u8],
    member_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Membership, ApiError> {
    let invitation = repository::lock_by_hash(connection, hash).await?;
    let invitation = invitation.ok_or_else(|| ApiError::not_found("invitation"))?;
    let creator_id = invitation.creator_id;
    let inside = repository::find(connection, creator_id, member_id).await?;
    let offer = Offer {
        is_own: creator_id == member_id,
        is_member: inside.is_some(),
        is_used_by_bearer: repository::exists_use(connection, invitation.id, member_id).await?,
        is_revoked: invitation.revoked_at.is_some(),
        uses_left: invitation.max_uses - invitation.use_count,
        expires_at: invitation.expires_at,
    };
    match judge(offer, now) {
        Entrance::Own => return Err(ApiError::conflict("It is your own circle.")),
        Entrance::Closed => {
            return Err(ApiError::new(ErrorCode::Gone, "The invitation is over, used up or taken back."));
        }
        Entrance::Inside => {}
        Entrance::Open => {
            // Somebody with two invitations may come in through both at once: one of them is spared.
            if repository::join(connection, &invitation, member_id, now).await? == 1 {
                repository::insert_use(connection, invitation.id, member_id, now).await?;
                tell(connection, EventType::CircleJoined, (creator_id, member_id)).await?;
            }
        }
    }
    let membership = repository::find(connection, creator_id, member_id).await?;
    membership.ok_or_else(|| ApiError::internal("a membership that was just begun is not there"))
}

async fn tell(
    connection: &mut AsyncPgConnection,
    kind: EventType,
    (creator_id, member_id): (Uuid, Uuid),
) -> Result<(), ApiError> {
    let changed = CircleChanged { creator_id, member_id };
    Ok(OUTBOX.enqueue(connection, kind, vec![(creator_id, changed)]).await?)
}

/// Who is in the caller's circle.
#[utoipa::path(tag = "circle", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<MembershipResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/circle/members")]
async fn list_members(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let (after, limit) = (cursor::decode(query.0.cursor.as_deref())?, query.0.limit());
    let connection = state.database.connection().await?;
    let members = repository::list_members(&connection, caller.user_id, after, limit + 1).await?;
    let page = cursor::page(members, limit, |membership| membership.member_id)?;
    Ok(HttpResponse::Ok().json(page.map(MembershipResponse::from)))
}

/// Removes somebody from the caller's circle. Coming back needs another invitation.
#[utoipa::path(tag = "circle", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Not in the circle any more"),
    (status = 401, body = Problem),
    (status = 404, description = "There is no such member", body = Problem),
))]
#[delete("/api/circle/members/{id}")]
async fn remove_member(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    end(&state, (caller.user_id, *id), "member").await
}

/// In whose circles the caller is.
#[utoipa::path(tag = "circle", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<MembershipResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/circle/memberships")]
async fn list_memberships(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let (after, limit) = (cursor::decode(query.0.cursor.as_deref())?, query.0.limit());
    let connection = state.database.connection().await?;
    let memberships = repository::list_memberships(&connection, caller.user_id, after, limit + 1).await?;
    let page = cursor::page(memberships, limit, |membership| membership.creator_id)?;
    Ok(HttpResponse::Ok().json(page.map(MembershipResponse::from)))
}

/// Leaves a creator's circle.
#[utoipa::path(tag = "circle", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Not in the circle any more"),
    (status = 401, body = Problem),
    (status = 404, description = "The caller is not in such a circle", body = Problem),
))]
#[delete("/api/circle/memberships/{id}")]
async fn leave_circle(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    end(&state, (*id, caller.user_id), "membership").await
}

async fn end(
    state: &UserState,
    membership: (Uuid, Uuid),
    what: &'static str,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    connection
        .transaction(async |connection| {
            if repository::leave(connection, membership, now).await? == 0 {
                return Err(ApiError::not_found(what));
            }
            tell(connection, EventType::CircleLeft, membership).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
