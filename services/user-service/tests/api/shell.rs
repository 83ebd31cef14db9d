//! What the command line does with accounts.

use contracts::Role;
use serde_json::json;
use user_service::accounts::{AccountError, Accounts, NewAccount};

use crate::helpers::{PASSWORD, login, refresh, spawn_app};

fn new_account(email: &str, role: Role) -> NewAccount {
    let (email, password) = (email.to_owned(), PASSWORD.to_owned());
    NewAccount { email, password, display_name: "Root".to_owned(), role }
}

#[tokio::test]
async fn accounts_made_in_the_shell_can_log_in_with_their_role() {
    let app = spawn_app().await;
    let accounts = Accounts::new(app.database.clone());
    let now = contracts::clock::now();
    let id = accounts.create(new_account("root@example.org", Role::Admin), now).await.unwrap();
    let logged_in = login(&app, "root@example.org", PASSWORD).await.expect(200);
    assert_eq!((&logged_in["user"]["id"], &logged_in["user"]["role"]), (&json!(id), &json!("admin")));
    assert_eq!(app.count("usr_profiles").await, 1);

    let again = accounts.create(new_account("ROOT@example.org", Role::User), now).await;
    assert!(matches!(again, Err(AccountError::EmailTaken)));
    let bad = accounts.create(new_account("no address", Role::User), now).await;
    assert!(matches!(bad, Err(AccountError::Invalid(errors)) if errors[0].pointer == "/email"));
    assert_eq!(app.count("usr_accounts").await, 1);
}

#[tokio::test]
async fn roles_and_passwords_are_changed_and_sessions_ended() {
    let app = spawn_app().await;
    let accounts = Accounts::new(app.database.clone());
    let now = contracts::clock::now();
    accounts.create(new_account("ann@example.org", Role::User), now).await.unwrap();
    let session = login(&app, "ann@example.org", PASSWORD).await.expect(200);

    accounts.set_role("Ann@example.org", Role::Librarian, now).await.unwrap();
    assert_eq!(accounts.find("ann@example.org").await.unwrap().unwrap().1, Role::Librarian);
    accounts.set_password("ann@example.org", "another password".to_owned(), now).await.unwrap();
    assert!(refresh(&app, &session["refreshToken"]).await.expect_problem(401).is_empty());
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 401);
    assert_eq!(login(&app, "ann@example.org", "another password").await.status, 200);

    assert!(matches!(
        accounts.set_role("eve@example.org", Role::Admin, now).await,
        Err(AccountError::NoAccount)
    ));
    let short = accounts.set_password("ann@example.org", "short".to_owned(), now).await;
    assert!(matches!(short, Err(AccountError::Invalid(_))));
}
