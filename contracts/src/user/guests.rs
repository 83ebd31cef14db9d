//! Guests: accounts without address and password, until they get them or become part of another account.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::{language_tag, printable, time_zone};

/// Makes a guest's account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BeginGuestRequest {
    /// The name that others see; `Guest` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 100), custom(printable)))]
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
    /// IANA zone in which this person's days begin; UTC when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(time_zone)))]
    pub timezone: Option<String>,
    /// BCP 47 tag; `en` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
}

/// Gives a guest an address and a password. With those of an account that is there, the guest becomes part of it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConvertGuestRequest {
    /// An address that no account has, or that of the account to become part of.
    #[garde(email, length(bytes, max = 254))]
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// A new password, or that of the account to become part of.
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(format = "password", min_length = 8, max_length = 128)]
    pub password: String,
    /// The name that others see; as it was when absent. An account that is there keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 100), custom(printable)))]
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
}
