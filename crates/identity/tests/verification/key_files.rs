//! Signing keys in files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use identity::{KeyError, SigningKey};

/// The example key of RFC 8037, appendix A, and its thumbprint from A.3.
const RFC_8037_PEM: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";
const RFC_8037_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const RFC_8037_THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

#[test]
fn a_key_is_named_by_its_thumbprint() {
    let key = SigningKey::from_pem(RFC_8037_PEM).unwrap();

    assert_eq!(key.kid(), RFC_8037_THUMBPRINT);
    assert_eq!(
        serde_json::to_value(key.jwks()).unwrap(),
        serde_json::json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": RFC_8037_X, "kid": RFC_8037_THUMBPRINT,
            "use": "sig", "alg": "EdDSA",
        }]})
    );
}

#[test]
fn a_key_file_is_made_once_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("user.pem");

    let made = SigningKey::load_or_generate(&path).unwrap();
    let read = SigningKey::load_or_generate(&path).unwrap();

    assert_eq!(made.kid(), read.kid());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
}

#[test]
fn starts_at_the_same_moment_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("user.pem");

    let mut kids: Vec<String> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| SigningKey::load_or_generate(&path).unwrap().kid().to_owned()))
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });

    kids.dedup();
    assert_eq!(kids.len(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_no_key_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("user.pem");
    fs::write(&path, "not a key").unwrap();

    assert!(matches!(SigningKey::load_or_generate(&path), Err(KeyError::NoPem)));
    assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");

    let damaged = RFC_8037_PEM.replace("MC4C", "MC4D");
    assert!(matches!(SigningKey::from_pem(&damaged), Err(KeyError::NotEd25519)));
    let absent = SigningKey::load(&folder.path().join("absent.pem"));
    assert!(matches!(absent, Err(KeyError::Read { .. })), "{absent:?}");
    let nowhere = SigningKey::load_or_generate(&folder.path().join("absent/user.pem"));
    assert!(matches!(nowhere, Err(KeyError::Write { .. })), "{nowhere:?}");
}

#[test]
fn the_first_key_of_a_file_signs_and_all_are_published() {
    let (new, old) = (SigningKey::generate_pem().unwrap(), RFC_8037_PEM);
    let both = SigningKey::from_pem(&format!("{new}\n{old}")).unwrap();

    assert_eq!(both.kid(), SigningKey::from_pem(&new).unwrap().kid());
    let published: Vec<_> = both.jwks().keys.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(published, [both.kid(), RFC_8037_THUMBPRINT]);
}

#[test]
fn openssl_reads_our_keys_and_we_read_its() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let Ok(made) =
        Command::new("openssl").args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(&path).output()
    else {
        return;
    };
    assert!(made.status.success(), "{made:?}");
    SigningKey::load(&path).unwrap();

    fs::write(&path, SigningKey::generate_pem().unwrap()).unwrap();
    let read = Command::new("openssl").args(["pkey", "-noout", "-in"]).arg(&path).output().unwrap();
    assert!(read.status.success(), "{read:?}");
}
