//! What a load needs of a running `refrain up`: `tokens <data dir> <folder>` writes the access tokens of the thousand people of `seed`,
//! good for a quarter of an hour, one a line, to `tokens`, and the URL of the music database to `database`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use contracts::Role;
use embedded_postgres::Endpoint;
use identity::{Service, SigningKey, TokenIssuer};
use uuid::Uuid;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data_dir, folder] = arguments.as_slice() else {
        bail!("usage: tokens <data dir> <folder>");
    };
    let (data_dir, folder) = (Path::new(data_dir), Path::new(folder));
    let endpoint = Endpoint::of_running(&data_dir.join("postgres"))?;
    let endpoint = endpoint.context("no `refrain up` runs in this folder")?;
    std::fs::write(folder.join("database"), endpoint.url("refrain_music"))?;
    let issuer = TokenIssuer::new(
        Service::User,
        Arc::new(SigningKey::load_or_generate(&data_dir.join("keys/user-service.pem"))?),
    );
    let mut tokens = String::new();
    for number in 1..1000_u32 {
        let person: Uuid = format!("00000000-0000-7000-8000-{number:012}").parse()?;
        let token = issuer.access(person, Role::User, contracts::ids::new_id(), contracts::clock::now())?;
        tokens.push_str(&token.token);
        tokens.push('\n');
    }
    std::fs::write(folder.join("tokens"), tokens)?;
    Ok(())
}
