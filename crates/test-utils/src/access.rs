//! Who may call what, held against a table that people can read: every route, each kind of caller, the status.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use contracts::Role;
use identity::Service;
use reqwest::Method;

use crate::{Person, TestApp, Tokens};

/// The columns of a table, after its route and what is sent.
const CALLERS: [&str; 9] = [
    "anonymous",
    "expired",
    "wrong audience",
    "service",
    "stranger",
    "member",
    "librarian",
    "admin",
    "owner",
];
/// An answer that does not begin in this time hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody's things, and everybody who may come for them.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Whose they are.
    pub owner: Person,
    /// Somebody in the owner's circle.
    pub member: Person,
    /// Somebody who is not.
    pub stranger: Person,
    /// May publish to everyone.
    pub librarian: Person,
    /// Administers.
    pub admin: Person,
    /// What stands in braces in a table, and what it is in this scene.
    pub things: Vec<(String, String)>,
}

impl Scene {
    /// People without things.
    #[must_use]
    pub fn of_people() -> Self {
        let person = || Tokens::person(Role::User);
        let scene = Self {
            owner: person(),
            member: person(),
            stranger: person(),
            librarian: Tokens::person(Role::Librarian),
            admin: Tokens::person(Role::Admin),
            things: Vec::new(),
        };
        let (owner, member) = (scene.owner.id, scene.member.id);
        scene.with("owner", owner).with("member", member)
    }

    /// A thing more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, thing: impl Into<String>) -> Self {
        self.things.push((name.into(), thing.into()));
        self
    }

    fn fill(&self, text: &str) -> String {
        let filled = self.things.iter();
        filled.fold(text.to_owned(), |text, (name, thing)| text.replace(&format!("{{{name}}}"), thing))
    }

    /// What a caller says to be, if anything.
    fn token_of(&self, caller: &str, service: Service) -> Option<String> {
        let mut others = Service::ALL.into_iter().filter(|other| *other != service);
        let (other, third) = (others.next().unwrap(), others.next().unwrap());
        let token = match caller {
            "anonymous" => return None,
            "expired" => {
                let yesterday = contracts::clock::now() - TimeDelta::days(1);
                let session = contracts::ids::new_id();
                let access = Tokens::issuer(Service::User);
                access.access(self.owner.id, Role::Admin, session, yesterday).unwrap().token
            }
            "wrong audience" => Tokens::service(other, third),
            "service" => Tokens::service(other, service),
            "stranger" => self.stranger.token.clone(),
            "member" => self.member.token.clone(),
            "librarian" => self.librarian.token.clone(),
            "admin" => self.admin.token.clone(),
            "owner" => self.owner.token.clone(),
            unknown => panic!("nobody is called {unknown}"),
        };
        Some(token)
    }
}

/// Holds a service against a table. Every caller gets a scene of its own and goes through the table from the top, so that what one
/// line does the next ones find. A route that is not in the table fails, as does a line of no route.
///
/// # Panics
/// With every line and caller that differ.
pub async fn expect_access(app: &TestApp, service: Service, table: &str, scene: impl AsyncFn() -> Scene) {
    let lines: Vec<Line<'_>> = table.lines().filter_map(Line::read).collect();
    expect_whole(app, &lines).await;
    let mut wrong = Vec::new();
    for (column, caller) in CALLERS.into_iter().enumerate() {
        let scene = scene().await;
        let token = scene.token_of(caller, service);
        for line in &lines {
            let (expected, status) =
                (line.statuses[column], line.status(app, &scene, token.as_deref()).await);
            if expected != status {
                wrong.push(format!("{} {}: {caller} gets {status}, not {expected}", line.route, line.sent));
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

async fn expect_whole(app: &TestApp, lines: &[Line<'_>]) {
    let routes = app.routes().await.into_iter();
    let exist: BTreeSet<String> =
        routes.map(|(method, path)| nameless(&format!("{method} {path}"))).collect();
    let named: BTreeSet<String> = lines.iter().map(|line| nameless(line.route)).collect();
    let missing: Vec<_> = exist.difference(&named).collect();
    let unknown: Vec<_> = named.difference(&exist).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "not in the table: {missing:#?}, no routes: {unknown:#?}"
    );
}

/// A route without its query and the names of its parameters. A word of a table that stands for no id is named in its place, as
/// in `/jobs/{name:prune}/run`.
fn nameless(route: &str) -> String {
    let path = route.split('?').next().unwrap_or_default();
    let segments = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

/// `` | `GET /api/things/{thing}` | what is sent | 200 | 401 | ... | ``: a body, or headers and a body, each in its back-ticks.
struct Line<'a> {
    route: &'a str,
    sent: &'a str,
    statuses: Vec<u16>,
}

impl<'a> Line<'a> {
    /// A line that names a route; every other one is for people.
    fn read(text: &'a str) -> Option<Self> {
        let mut cells = text.trim().trim_matches('|').split('|').map(str::trim);
        let route = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        let sent = cells.next()?;
        let statuses: Vec<u16> = cells
            .map(|cell| cell.parse().unwrap_or_else(|_| panic!("{route}: {cell} is no status")))
            .collect();
        assert_eq!(statuses.len(), CALLERS.len(), "{route}");
        Some(Self { route, sent, statuses })
    }

    async fn status(&self, app: &TestApp, scene: &Scene, token: Option<&str>) -> u16 {
        let (method, path) = self.route.split_once(' ').unwrap();
        let path = scene.fill(&literal(path));
        let mut request = app.request(method.parse::<Method>().unwrap(), &path, None).timeout(PATIENCE);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for part in self.sent.split('`').map(str::trim).filter(|part| !part.is_empty()) {
            request = match part.split_once(": ") {
                Some((name, value)) if !part.starts_with(['{', '[']) => {
                    request.header(name, scene.fill(value))
                }
                _ => request.body(scene.fill(part)),
            };
            if part.starts_with(['{', '[']) && !self.sent.contains("content-type") {
                request = request.header("content-type", "application/json");
            }
        }
        // Only the head: some bodies have no end. What is left of one goes with the connection.
        match request.send().await {
            Ok(answer) => answer.status().as_u16(),
            Err(error) => panic!("{}: {error}", self.route),
        }
    }
}

/// Words that are named in the place of a parameter.
fn literal(path: &str) -> String {
    let word = |part: &str| match part.strip_prefix('{').and_then(|part| part.split_once(':')) {
        Some((_, word)) => word.replace('}', ""),
        None => part.to_owned(),
    };
    path.split('/').map(word).collect::<Vec<_>>().join("/")
}
