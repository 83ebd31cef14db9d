//! People and services with tokens that hold, because the tests own the keys.

use std::sync::{Arc, LazyLock};

use contracts::Role;
use identity::{Service, SigningKey, TokenIssuer, Verifier};
use uuid::Uuid;

/// One key a service for the whole test binary.
static KEYS: LazyLock<[(Service, Arc<SigningKey>); 3]> = LazyLock::new(|| {
    Service::ALL.map(|service| {
        let pem = SigningKey::generate_pem().unwrap();
        (service, Arc::new(SigningKey::from_pem(&pem).unwrap()))
    })
});

/// An account as the services see it: an id, a role, a token.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// Its access token.
    pub token: String,
}

/// Signs in the name of any service.
pub struct Tokens;

impl Tokens {
    /// The issuer of a service.
    #[must_use]
    pub fn issuer(service: Service) -> TokenIssuer {
        let key = KEYS.iter().find(|(of, _)| *of == service).map(|(_, key)| Arc::clone(key));
        TokenIssuer::new(service, key.unwrap())
    }

    /// Knows every key without asking anyone.
    #[must_use]
    pub fn verifier() -> Verifier {
        let nobody = Verifier::new([]).unwrap();
        KEYS.iter().fold(nobody, |verifier, (service, key)| verifier.with_own_key(*service, key))
    }

    /// A new account with a role, and its access token.
    #[must_use]
    pub fn person(role: Role) -> Person {
        let id = contracts::ids::new_id();
        let session = contracts::ids::new_id();
        let now = contracts::clock::now();
        let token = Self::issuer(Service::User).access(id, role, session, now).unwrap();
        Person { id, token: token.token }
    }

    /// A token with which one service calls another.
    #[must_use]
    pub fn service(caller: Service, callee: Service) -> String {
        Self::issuer(caller).service_token(callee, contracts::clock::now()).unwrap()
    }
}
