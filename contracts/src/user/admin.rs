//! Accounts as admins see and change them.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::patch::settable;
use crate::{AccountStatus, Role};

/// Which accounts are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAccountsQuery {
    /// Only the account with this address, in any case.
    #[garde(length(bytes, min = 1, max = 254))]
    pub email: Option<String>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// Changes what an account may do (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdministerAccountRequest {
    /// What it may do.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// `active` or `suspended`.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(not_deleted)))]
    #[schema(nullable = false)]
    pub status: Option<AccountStatus>,
}

/// Accounts are deleted by their owners, through the privacy routes.
fn not_deleted(status: &AccountStatus, _: &()) -> garde::Result {
    if *status == AccountStatus::Deleted {
        return Err(garde::Error::new("active or suspended: accounts are erased by their owners"));
    }
    Ok(())
}
