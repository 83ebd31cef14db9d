//! Mail: over SMTP where a server is named, else into a folder, where whoever runs the installation finds it.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use settings::{Environment, Secret, SettingsError};

/// Longest wait for a mail server.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the environment says about mail.
#[derive(Debug, Clone)]
pub(crate) struct MailSettings {
    server: Option<Secret>,
    folder: Option<PathBuf>,
    from: Mailbox,
    reset_url: Option<String>,
}

impl MailSettings {
    pub(crate) fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        let settings = Self {
            server: env.optional_secret(
                "REFRAIN_SMTP_URL",
                "mail server, smtps://user:password@host or smtp://user:password@host:587?tls=required",
            ),
            folder: env.optional("REFRAIN_MAIL_DIR", "where mails are put when no mail server is named")?,
            from: env.parse("REFRAIN_MAIL_FROM", "Refrain <refrain@localhost>", "whom mails are from")?,
            reset_url: env.optional(
                "REFRAIN_PASSWORD_RESET_URL",
                "page of the app where a password is replaced; the token is put at its end",
            )?,
        };
        settings.transport()?;
        Ok(settings)
    }

    fn transport(&self) -> Result<Option<Transport>, SettingsError> {
        let Some(server) = &self.server else {
            return Ok(self.folder.as_ref().map(|folder| Transport::Folder(folder.clone())));
        };
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(server.expose());
        let server = server.map_err(|error| SettingsError::Invalid {
            name: "REFRAIN_SMTP_URL",
            value: "***".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Some(Transport::Server(server.timeout(Some(PATIENCE)).build())))
    }
}

#[derive(Clone)]
enum Transport {
    Server(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    #[error("the address cannot be written to")]
    Address(#[from] lettre::address::AddressError),
    #[error("the mail cannot be written")]
    Message(#[from] lettre::error::Error),
    #[error("the mail server did not take it")]
    Server(#[from] lettre::transport::smtp::Error),
    #[error("it could not be put into the folder")]
    File(#[from] lettre::transport::file::Error),
    #[error("the folder cannot be made")]
    Folder(#[from] std::io::Error),
}

/// Sends mails.
#[derive(Clone)]
pub(crate) struct Mailer {
    transport: Transport,
    from: Mailbox,
    reset_url: Option<String>,
}

impl Mailer {
    /// A mailer, where the installation has a way.
    pub(crate) fn new(settings: &MailSettings) -> Result<Option<Self>, SettingsError> {
        let transport = settings.transport()?;
        Ok(transport.map(|transport| Self {
            transport,
            from: settings.from.clone(),
            reset_url: settings.reset_url.clone(),
        }))
    }

    /// Sends somebody the token with which a password can be replaced.
    pub(crate) async fn send_reset(&self, to: &str, token: &str) -> Result<(), MailError> {
        let way = match &self.reset_url {
            Some(url) => format!("Open this page to choose one:\n\n{url}{token}"),
            None => format!("The code with which you can choose one:\n\n{token}"),
        };
        let text = format!(
            "Somebody, probably you, asked for a new password.\n\n{way}\n\nIt is good once, within an hour.\nIf it was \
             not you, nothing has changed and there is nothing to do.\n"
        );
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .subject("A new password")
            .header(ContentType::TEXT_PLAIN)
            .body(text)?;
        self.send(message).await
    }

    async fn send(&self, message: Message) -> Result<(), MailError> {
        match &self.transport {
            Transport::Server(server) => drop(server.send(message).await?),
            Transport::Folder(folder) => {
                tokio::fs::create_dir_all(folder).await?;
                drop(AsyncFileTransport::<Tokio1Executor>::new(folder).send(message).await?);
            }
        }
        Ok(())
    }
}
