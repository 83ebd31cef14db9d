//! What other services use, compared with what they told: how files from before references were told get theirs, and how a
//! service finds out that something was lost.

use std::collections::{BTreeSet, HashMap, HashSet};

use actix_web::{HttpResponse, post, web};
use contracts::FileOwner;
use contracts::Problem;
use contracts::events::{FileReference, FilesReferenced};
use contracts::storage::{CompareReferencesRequest, CompareReferencesResponse};
use http_kit::{ApiError, InternalCaller, Json};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::references;
use crate::app::StorageState;

pub(crate) fn configure_internal(config: &mut ServiceConfig<'_>) {
    config.service(compare_references);
}

/// Which of the calling service's things use other files than is known here. It tells those again, as events.
#[utoipa::path(tag = "internal", security(("service_token" = [])), responses(
    (status = 200, body = CompareReferencesResponse),
    (status = 401, description = "No service token for storage-service", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/references/compare")]
async fn compare_references(
    state: web::Data<StorageState>,
    InternalCaller(service): InternalCaller,
    body: Json<CompareReferencesRequest>,
) -> Result<HttpResponse, ApiError> {
    let owners = body.0.owners;
    let ids: Vec<Uuid> = owners.iter().map(|owner| owner.owner_id).collect();
    let named: Vec<Uuid> =
        owners.iter().flat_map(|owner| owner.files.iter().map(|file| file.file_id)).collect();
    let connection = state.database.connection().await?;
    let known = references::list_of_owners(&connection, service, &ids).await?;
    let present: HashSet<Uuid> = references::list_present(&connection, &named).await?.into_iter().collect();
    let differing = differing(&owners, known, &present);
    Ok(HttpResponse::Ok().json(CompareReferencesResponse { differing }))
}

/// A file that is not here is nothing that telling again could change.
fn differing(
    owners: &[FilesReferenced],
    known: Vec<(FileOwner, Uuid, FileReference)>,
    present: &HashSet<Uuid>,
) -> Vec<Uuid> {
    let mut kept: HashMap<(FileOwner, Uuid), BTreeSet<FileReference>> = HashMap::new();
    for (kind, owner, file) in known {
        kept.entry((kind, owner)).or_default().insert(file);
    }
    let differs = |owner: &&FilesReferenced| {
        let used: BTreeSet<FileReference> =
            owner.files.iter().filter(|file| present.contains(&file.file_id)).copied().collect();
        kept.get(&(owner.owner_kind, owner.owner_id)).cloned().unwrap_or_default() != used
    };
    owners.iter().filter(differs).map(|owner| owner.owner_id).collect()
}
