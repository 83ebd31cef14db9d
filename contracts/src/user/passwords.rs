//! Passwords: changed by who knows them, replaced by who does not.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Changes the caller's password.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangePasswordRequest {
    /// The password of now.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(format = "password", min_length = 1, max_length = 128)]
    pub current_password: String,
    /// 8 to 128 characters of any kind (NIST SP 800-63B).
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(format = "password", min_length = 8, max_length = 128)]
    pub new_password: String,
}

/// Asks for a mail with which the password of an account can be replaced.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestPasswordResetRequest {
    /// The account's address.
    #[garde(email, length(bytes, max = 254))]
    #[schema(format = "email", max_length = 254)]
    pub email: String,
}

/// Replaces a password with the token of such a mail.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmPasswordResetRequest {
    /// The token of the mail, good once.
    #[garde(length(bytes, min = 1, max = 256))]
    #[schema(min_length = 1, max_length = 256)]
    pub token: String,
    /// 8 to 128 characters of any kind (NIST SP 800-63B).
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(format = "password", min_length = 8, max_length = 128)]
    pub new_password: String,
}
