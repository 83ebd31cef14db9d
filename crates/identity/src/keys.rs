//! Signing keys: Ed25519 in PKCS#8 PEM (RFC 8410), named by their thumbprint (RFC 7638), published as a
//! JWK set (RFC 7517, RFC 8037).

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize};

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";
const PUBLIC_KEY_BYTES: usize = 32;

/// Why a signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the signing key {path:?} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("the signing key {path:?} cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text holds no private key block.
    #[error("the signing key holds no PKCS#8 PEM block ({PEM_BEGIN})")]
    NoPem,
    /// A block is something other than an Ed25519 private key.
    #[error("the signing key is not an Ed25519 private key in PKCS#8")]
    NotEd25519,
    /// No key could be made.
    #[error("no signing key could be generated")]
    Generate,
}

/// The private key of a service, with the public halves that it publishes.
///
/// A file may hold several PEM blocks: the first signs, all are published. Keys are rotated without a
/// refused token by adding the new key as second block, moving it to the front once every verifier has
/// refreshed (five minutes), and dropping the old one when its last token has expired.
pub struct SigningKey {
    kid: String,
    encoding: EncodingKey,
    jwks: Jwks,
}

impl SigningKey {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be read or holds no Ed25519 key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let pem =
            fs::read_to_string(path).map_err(|source| KeyError::Read { path: path.to_owned(), source })?;
        Self::from_pem(&pem)
    }

    /// Reads the PEM text of one or more keys.
    ///
    /// # Errors
    /// [`KeyError`] when there is no block, or one is not an Ed25519 key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let pairs = pem_blocks(pem).map(parse_block).collect::<Result<Vec<_>, _>>()?;
        let jwks = Jwks { keys: pairs.iter().map(|(_, jwk)| jwk.clone()).collect() };
        let (encoding, jwk) = pairs.into_iter().next().ok_or(KeyError::NoPem)?;
        Ok(Self { kid: jwk.kid, encoding, jwks })
    }

    /// A new private key as PEM text. The text is a secret.
    ///
    /// # Errors
    /// [`KeyError::Generate`] when the system gives no random bytes.
    pub fn generate_pem() -> Result<String, KeyError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Generate)?;
        // Version 1, without the public key: what `openssl genpkey -algorithm ed25519` writes.
        let der = pair.to_pkcs8v1().map_err(|_| KeyError::Generate)?;
        Ok(format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(der.as_ref())))
    }

    /// Reads a key file, making it first where there is none. Of several processes that start at once,
    /// one makes the file and all read the same key; a crash leaves either a whole file or none.
    ///
    /// # Errors
    /// [`KeyError`] when the file can neither be read nor made.
    pub fn load_or_generate(path: &Path) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                publish_file(path, &Self::generate_pem()?)
                    .map_err(|source| KeyError::Write { path: path.to_owned(), source })?;
                Self::load(path)
            }
            loaded => loaded,
        }
    }

    /// The thumbprint of the key that signs.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public keys, as served at [`jwks_path`](crate::Service::jwks_path).
    #[must_use]
    pub fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// Signs claims as a compact JWS whose header says of which kind they are.
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> jsonwebtoken::errors::Result<String> {
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, &self.encoding)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A JWK set (RFC 7517, section 5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys; the first is the one that signs.
    pub keys: Vec<Jwk>,
}

/// A public key (RFC 7517, section 4; RFC 8037, section 2). Absent members are empty: a set may hold
/// keys of other kinds, which a reader has to pass over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Key type: `OKP`.
    pub kty: String,
    /// Curve: `Ed25519`.
    #[serde(default)]
    pub crv: String,
    /// The public key, base64url.
    #[serde(default)]
    pub x: String,
    /// The thumbprint.
    #[serde(default)]
    pub kid: String,
    /// What the key is for: `sig`.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The algorithm: `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
}

impl Jwk {
    fn of(public_key: &[u8]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(public_key);
        Self {
            kid: thumbprint(&x),
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x,
            usage: Some("sig".to_owned()),
            alg: Some("EdDSA".to_owned()),
        }
    }

    /// The key to verify with, or `None` when this is no named Ed25519 signature key.
    pub(crate) fn verifying_key(&self) -> Option<VerifyingKey> {
        let for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "EdDSA" || alg == "Ed25519");
        if self.kty != "OKP" || self.crv != "Ed25519" || self.kid.is_empty() || !for_signatures {
            return None;
        }
        let bytes: [u8; PUBLIC_KEY_BYTES] = URL_SAFE_NO_PAD.decode(&self.x).ok()?.try_into().ok()?;
        Some(VerifyingKey { kid: self.kid.clone(), bytes, decoding: DecodingKey::from_ed_der(&bytes) })
    }
}

/// A public key ready for use.
#[derive(Debug)]
pub(crate) struct VerifyingKey {
    pub(crate) kid: String,
    bytes: [u8; PUBLIC_KEY_BYTES],
    pub(crate) decoding: DecodingKey,
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.kid == other.kid
    }
}

/// RFC 7638, section 3: the required members in lexicographic order, without white space.
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    fingerprint(members.as_bytes())
}

/// The SHA-256 of some bytes, base64url.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}

fn pem_blocks(pem: &str) -> impl Iterator<Item = &str> {
    pem.split(PEM_BEGIN).skip(1).map(|rest| rest.split(PEM_END).next().unwrap_or(rest))
}

fn parse_block(base64_lines: &str) -> Result<(EncodingKey, Jwk), KeyError> {
    let base64: String = base64_lines.split_whitespace().collect();
    let der = STANDARD.decode(base64).map_err(|_| KeyError::NotEd25519)?;
    let pair = Ed25519KeyPair::from_pkcs8(&der).map_err(|_| KeyError::NotEd25519)?;
    Ok((EncodingKey::from_ed_der(&der), Jwk::of(pair.public_key().as_ref())))
}

/// Writes a secret file of mode 0600 that appears whole or not at all; one that is there already stays.
fn publish_file(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension(format!("draft-{}", uuid::Uuid::now_v7()));
    let written = write_secret(&draft, text).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    // The draft may never have been made; what counts is whether the key is there.
    let _ = fs::remove_file(&draft);
    written?;
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
