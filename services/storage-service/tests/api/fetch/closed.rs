//! What only this machine and its neighbours can reach is not fetched, however it is written.

use rstest::rstest;
use serde_json::json;

use super::site::Site;
use super::{expect_nothing, expect_refused, fetch, spawn_app, wanted};

/// `PORT` is that of a site that would answer.
#[rstest]
#[case("http://127.0.0.1:PORT/")]
#[case("https://127.0.0.1:PORT/")]
#[case("https://127.1:PORT/")]
#[case("https://2130706433:PORT/")]
#[case("https://0x7f000001:PORT/")]
#[case("https://0x7f.0.0.1:PORT/")]
#[case("https://0177.0.0.1:PORT/")]
#[case("https://127.0.0.1.:PORT/")]
#[case("https://%31%32%37.0.0.1:PORT/")]
#[case("https://0.0.0.0:PORT/")]
#[case("http://[::1]:PORT/")]
#[case("https://[::1]:PORT/")]
#[case("https://[::ffff:127.0.0.1]:PORT/")]
#[case("https://[::127.0.0.1]:PORT/")]
#[case("https://[64:ff9b::7f00:1]:PORT/")]
#[case("https://[2002:7f00:1::]:PORT/")]
#[case("https://localhost:PORT/")]
#[case("https://LOCALHOST.:PORT/")]
#[case("http://localhost:PORT/")]
#[case("https://169.254.169.254/latest/meta-data/")]
#[case("https://[fd00:ec2::254]/latest/meta-data/")]
#[case("https://10.0.0.1/")]
#[case("https://192.168.1.1/")]
#[case("https://[fe80::1]/")]
#[case("https://224.0.0.1/")]
#[case("https://example.org:25/")]
#[case("https://ann:secret@127.0.0.1:PORT/")]
#[case("https://1.1.1.1:PORT@127.0.0.1:PORT/")]
#[case("https://nobody.invalid/")]
#[case("ftp://127.0.0.1:PORT/")]
#[case("file:///etc/passwd")]
#[case("gopher://127.0.0.1:PORT/_GET")]
#[case("data:text/plain,hello")]
#[case("//127.0.0.1:PORT/")]
#[case("/etc/passwd")]
#[case("https://")]
#[tokio::test]
async fn a_url_that_leads_inside_is_refused(#[case] url: &str) {
    let app = spawn_app(&[("REFRAIN_FETCH_NETWORKS", "")]).await;
    let site = Site::start("127.0.0.1").await;
    site.serves("/", "200 OK", b"secret");
    expect_refused(&app, &url.replace("PORT", site.port())).await;
    assert_eq!(site.connections(), 0);
}

/// A site that may be asked sends us to one that may not.
#[rstest]
#[case("http://127.0.0.2:PORT/")]
#[case("https://127.0.0.2:PORT/")]
#[case("//127.0.0.2:PORT/")]
#[case("http://2130706434:PORT/")]
#[case("http://0:PORT/")]
#[case("http://[::ffff:127.0.0.2]:PORT/")]
#[case("http://ann@127.0.0.1:PORT/")]
#[case("http://127.0.0.1:22/")]
#[case("file:///etc/passwd")]
#[case("ftp://127.0.0.1:PORT/")]
#[tokio::test]
async fn a_redirect_is_judged_like_a_url(#[case] location: &str) {
    let app = spawn_app(&[]).await;
    let inside = Site::start("127.0.0.2").await;
    inside.serves("/", "200 OK", b"secret");
    let site = Site::start("127.0.0.1").await;
    let location = location.replace("PORT", inside.port());
    site.serves("/", &format!("302 Found\r\nlocation: {location}"), b"");
    expect_refused(&app, &site.url("/")).await;
    assert_eq!((site.asked().len(), inside.connections()), (1, 0), "{location}");
}

/// Names are judged by what they stand for, and the operator's list is asked for each address.
#[tokio::test]
async fn a_name_is_as_good_as_its_address() {
    let site = Site::start("127.0.0.1").await;
    site.serves("/", "200 OK", b"hello");
    let url = format!("http://localhost:{}/", site.port());
    let app = spawn_app(&[("REFRAIN_FETCH_NETWORKS", "10.0.0.0/8, fd00::/8")]).await;
    expect_refused(&app, &url).await;
    assert_eq!(site.connections(), 0);
    let app = spawn_app(&[]).await;
    let file = fetch(&app, &wanted(&app.person(), &url)).await.expect(201);
    assert_eq!((&file["fileSize"], site.asked().len()), (&json!(5), 1));
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_is_refused_before_anybody_is_asked() {
    let app = spawn_app(&[]).await;
    let site = Site::start("127.0.0.1").await;
    for (field, value) in [
        ("originalName", json!("../a")),
        ("tags", json!(["a\u{0}"])),
        ("category", json!("secret")),
        ("userId", json!("me")),
    ] {
        let mut body = wanted(&app.person(), &site.url("/"));
        body[field] = value;
        let status = fetch(&app, &body).await.status;
        assert!(matches!(status, 400 | 422), "{field}: {status}");
    }
    assert!(site.asked().is_empty());
    expect_nothing(&app).await;
}
