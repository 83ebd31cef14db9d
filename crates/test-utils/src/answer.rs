//! What a service answered.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A response that has been read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    /// The body as JSON, `null` when it is empty.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// A header, which must be there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        match self.headers.get(name) {
            Some(value) => value.to_str().unwrap(),
            None => panic!("no {name} in {:?}", self.headers),
        }
    }

    /// The body of an answer with this status; any other status fails the test and shows what came.
    pub fn expect(self, status: u16) -> Value {
        let shown = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{shown}");
        self.json()
    }

    /// Checks that this is a whole problem with that status, and gives the pointers of its errors.
    #[must_use]
    pub fn expect_problem(self, status: u16) -> Vec<String> {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let request_id = self.header("x-request-id").to_owned();
        let problem = self.expect(status);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["instance"], request_id);
        assert!(StatusCode::from_u16(status).is_ok_and(|status| !status.is_success()));
        for field in ["type", "title", "detail", "code"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {problem}");
        }
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }
}
