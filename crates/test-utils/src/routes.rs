//! Default deny, proved over the routes that a service really has.

use reqwest::Method;
use serde_json::Value;

use crate::{Answer, TestApp};

/// Stands for every id in a path.
const SOME_ID: &str = "018f4e5e-0000-7000-8000-000000000000";

impl TestApp {
    /// Every route of the OpenAPI document, as method and path template.
    pub async fn routes(&self) -> Vec<(Method, String)> {
        let document = self.get("/openapi.json", None).await.expect(200);
        let paths = document["paths"].as_object().unwrap().clone();
        let of_path = |(path, item): (String, Value)| {
            let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
            methods.into_iter().map(move |method| (method.to_uppercase().parse().unwrap(), path.clone()))
        };
        paths.into_iter().flat_map(of_path).collect()
    }

    /// Calls every route without credentials: 401, but for those that are open to all, which are named here as
    /// `GET /path`. No route answers as if it did not exist, and none that is named is missing.
    pub async fn expect_default_deny(&self, open: &[&str]) {
        let routes = self.routes().await;
        for name in open {
            let exists = routes.iter().any(|(method, path)| format!("{method} {path}") == *name);
            assert!(exists, "{name} is open to all and does not exist");
        }
        for (method, path) in routes {
            let name = format!("{method} {path}");
            let answer = self.call_without_credentials(method, &path).await;
            if open.contains(&name.as_str()) {
                let body = String::from_utf8_lossy(&answer.bytes);
                assert!(!body.contains("no such route"), "{name} is in the document and is not mounted");
            } else {
                assert_eq!(answer.status, 401, "{name} without credentials");
            }
        }
    }

    /// Every POST that makes or orders something takes an `Idempotency-Key`, but for those that are named here.
    pub async fn expect_idempotency_keys(&self, without: &[&str]) {
        let document = self.get("/openapi.json", None).await.expect(200);
        let mut others = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let post = &item["post"];
            let makes = ["201", "202"].iter().any(|status| post["responses"].get(status).is_some());
            let takes = post["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["name"] == "idempotency-key"));
            if makes && !takes {
                others.push(path.as_str());
            }
        }
        let mut without = without.to_vec();
        without.sort_unstable();
        others.sort_unstable();
        assert_eq!(others, without);
    }

    async fn call_without_credentials(&self, method: Method, template: &str) -> Answer {
        let segments = template.split('/').map(|part| match part {
            "{n}" => "1",
            part if part.starts_with('{') => SOME_ID,
            part => part,
        });
        let path: Vec<&str> = segments.collect();
        self.send(self.request(method, &path.join("/"), None)).await
    }
}
