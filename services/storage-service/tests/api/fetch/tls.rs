//! Files that are fetched over TLS, from sites that somebody vouches for.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use test_utils::TestApp;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::site::Site;
use super::{expect_refused, fetch, spawn_app, wanted};

/// Tells the process that is the one with the authorities of the test where they are.
const AUTHORITY: &str = "REFRAIN_TEST_AUTHORITY";

/// The system's certificates are read from where the environment says, which a process cannot change for itself: the test
/// runs again in another one.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what the parent says is no setting of ours")]
async fn a_site_is_who_it_says_or_is_not_fetched_from() {
    if let Some(trusted) = std::env::var_os(AUTHORITY) {
        return with_authority(Path::new(&trusted)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["fetch::tls::a_site_is_who_it_says_or_is_not_fetched_from", "--exact", "--nocapture"])
        .env(AUTHORITY, folder.path().join("authority.pem"))
        .env("SSL_CERT_FILE", folder.path().join("authority.pem"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(
        again.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&again.stderr)
    );
}

async fn with_authority(trusted: &Path) {
    let (ours, theirs) = (authority(), authority());
    std::fs::write(trusted, ours.pem()).unwrap();
    let app = spawn_app(&[]).await;
    let site = async |name: &str, authority: &Authority, until: i32| {
        let site = Site::start_tls("127.0.0.1", certificate(name, authority, until)).await;
        site.serves("/", "200 OK\r\ncontent-length: 5", b"hello");
        site.serves("/start", "302 Found\r\nlocation: /", b"");
        site
    };
    let by_name = |site: &Site| format!("https://localhost:{}/start", site.port());

    // Nobody vouches for them, or for somebody else, or not any more.
    for (name, authority, until) in
        [("localhost", &theirs, 2100), ("example.org", &ours, 2100), ("localhost", &ours, 2020)]
    {
        let site = site(name, authority, until).await;
        expect_refused(&app, &by_name(&site)).await;
        assert!(site.connections() > 0 && site.asked().is_empty(), "{name} until {until}");
    }
    // A name is not an address, nor the other way round.
    expect_refused(&app, &site("localhost", &ours, 2100).await.url("/")).await;
    expect_refused(&app, &by_name(&site("127.0.0.1", &ours, 2100).await)).await;
    // Who does not speak TLS is not spoken to in the clear.
    let plain = Site::start("127.0.0.1").await;
    plain.serves("/", "200 OK", b"hello");
    expect_refused(&app, &format!("https://localhost:{}/", plain.port())).await;

    let named = site("localhost", &ours, 2100).await;
    expect_hello(&app, &by_name(&named)).await;
    assert_eq!((named.connections(), named.asked().len()), (2, 2));
    expect_hello(&app, &site("127.0.0.1", &ours, 2100).await.url("/start")).await;
    assert_eq!(app.count("stg_files").await, 2);
}

async fn expect_hello(app: &TestApp, url: &str) {
    let owner = app.person();
    let file = fetch(app, &wanted(&owner, url)).await.expect(201);
    let path = crate::helpers::path_of(&file);
    assert_eq!(app.get(&format!("{path}/download"), Some(&owner)).await.bytes, b"hello");
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a site shows that an authority vouches for until the end of a year.
fn certificate(name: &str, authority: &Authority, until: i32) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(until, 12, 31);
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}
