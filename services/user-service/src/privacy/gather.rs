//! Gathers everything of a person from the three services into one JSON document, which goes to storage-service while it is
//! read: it is never held as a whole.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use contracts::client::{ClientError, Connection, MusicClient, StorageClient};
use contracts::{FileCategory, Role};
use database::{Database, DatabaseError};
use futures_util::{StreamExt, TryStreamExt};
use identity::{IssueError, TokenIssuer};
use reqwest::{Body, Response};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::repository::{SECTIONS, rows};

/// Pieces that may wait for a slow reader.
const PIECES: usize = 16;
/// Bytes of a piece, roughly.
const PIECE: usize = 32 * 1024;

/// Why a document was not made. What it says is told to the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatherError {
    #[error("user-service could not read its part")]
    Database(#[from] DatabaseError),
    #[error("music-service did not give its part")]
    Music(#[source] ClientError),
    #[error("storage-service did not give its part")]
    Storage(#[source] ClientError),
    #[error("a part broke off")]
    Broken(#[from] reqwest::Error),
    #[error("storage-service did not take the file")]
    Upload(#[source] ClientError),
    #[error("a token for the file could not be made")]
    Token(#[from] IssueError),
}

impl From<diesel::result::Error> for GatherError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

type Pieces = mpsc::Sender<Result<Bytes, io::Error>>;

/// Reaches what a document is made of.
pub(crate) struct Gatherer {
    pub(crate) database: Database,
    pub(crate) issuer: Arc<TokenIssuer>,
    pub(crate) music: MusicClient,
    pub(crate) storage: StorageClient,
    /// To storage-service without credentials.
    pub(crate) to_storage: Connection,
}

impl Gatherer {
    /// Makes the document, a file of the person's.
    pub(super) async fn export(&self, request_id: Uuid, user_id: Uuid) -> Result<Uuid, GatherError> {
        let (pieces, sent) = mpsc::channel(PIECES);
        let body = futures_util::stream::unfold(sent, async |mut sent: mpsc::Receiver<_>| {
            Some((sent.recv().await?, sent))
        });
        let storage = self.as_person(request_id, user_id)?;
        let name = format!("refrain-export-{request_id}.json");
        let upload = storage.upload_stream(&name, FileCategory::Export, Body::wrap_stream(body));
        let (written, uploaded) = tokio::join!(self.write(user_id, pieces), upload);
        written?;
        Ok(uploaded.map_err(GatherError::Upload)?.id)
    }

    /// Takes the file of a document away.
    pub(super) async fn remove(
        &self,
        request_id: Uuid,
        user_id: Uuid,
        file_id: Uuid,
    ) -> Result<(), GatherError> {
        match self.as_person(request_id, user_id)?.delete(file_id).await {
            Err(error) if error.problem().is_some_and(|problem| problem.status == 404) => Ok(()),
            deleted => deleted.map_err(GatherError::Upload),
        }
    }

    /// storage-service with a token of the person's own: the file belongs to the person like any other.
    fn as_person(&self, request_id: Uuid, user_id: Uuid) -> Result<StorageClient, GatherError> {
        let token = self.issuer.access(user_id, Role::User, request_id, contracts::clock::now())?;
        Ok(StorageClient::new(self.to_storage.clone().with_token(token.token)))
    }

    /// Writes the document. A failure cuts it off, and the upload with it.
    async fn write(&self, user_id: Uuid, pieces: Pieces) -> Result<(), GatherError> {
        let written = self.write_parts(user_id, &pieces).await;
        if written.is_err() {
            let broken = io::Error::other("the document broke off");
            drop(pieces.send(Err(broken)).await);
        }
        written
    }

    async fn write_parts(&self, user_id: Uuid, pieces: &Pieces) -> Result<(), GatherError> {
        send(pieces, "{\"user\":").await;
        self.write_own(user_id, pieces).await?;
        send(pieces, ",\"music\":").await;
        pass_on(self.music.export_person(user_id).await.map_err(GatherError::Music)?, pieces).await?;
        send(pieces, ",\"storage\":").await;
        pass_on(self.storage.export_person(user_id).await.map_err(GatherError::Storage)?, pieces).await?;
        send(pieces, "}").await;
        Ok(())
    }

    async fn write_own(&self, user_id: Uuid, pieces: &Pieces) -> Result<(), GatherError> {
        let mut connection = self.database.connection().await?;
        let mut text = String::from("{");
        for (number, section) in SECTIONS.iter().enumerate() {
            text.push_str(if number == 0 { "\"" } else { ",\"" });
            text.push_str(section.name);
            text.push_str("\":[");
            let mut rows = std::pin::pin!(rows(&mut connection, section, user_id).await?);
            let mut is_first = true;
            while let Some(row) = rows.try_next().await? {
                if !std::mem::take(&mut is_first) {
                    text.push(',');
                }
                text.push_str(&row.0.to_string());
                if text.len() >= PIECE {
                    send(pieces, std::mem::take(&mut text)).await;
                }
            }
            text.push(']');
        }
        text.push('}');
        send(pieces, text).await;
        Ok(())
    }
}

async fn pass_on(response: Response, pieces: &Pieces) -> Result<(), GatherError> {
    let mut bytes = response.bytes_stream();
    while let Some(piece) = bytes.next().await {
        send(pieces, piece?).await;
    }
    Ok(())
}

/// When nobody listens any more, the upload has failed and says why.
async fn send(pieces: &Pieces, piece: impl Into<Bytes>) {
    drop(pieces.send(Ok(piece.into())).await);
}
