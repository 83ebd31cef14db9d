//! Client of storage-service.

use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method, Response};
use uuid::Uuid;

use super::connection::read;
use super::{ClientError, Connection};
use crate::storage::{
    ChangeQuery, CompareReferencesRequest, CompareReferencesResponse, FetchFileRequest, FileResponse,
    JobResponse, ListFilesQuery, OrderJobRequest,
};
use crate::{FileCategory, Page, TextEnum};

/// A file to be uploaded.
#[derive(Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub category: FileCategory,
    /// Whether anyone may read it.
    pub is_public: bool,
    /// How many bytes there will be.
    pub length: u64,
    /// The bytes.
    pub bytes: Body,
}

/// Calls storage-service.
#[derive(Debug, Clone)]
pub struct StorageClient {
    connection: Connection,
}

impl StorageClient {
    /// A client over a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Uploads a file.
    ///
    /// # Errors
    /// 413 when it is too large; see [`ClientError`].
    pub async fn upload(&self, upload: Upload) -> Result<FileResponse, ClientError> {
        let part = Part::stream_with_length(upload.bytes, upload.length).file_name(upload.name);
        let form = Form::new()
            .text("category", upload.category.as_str())
            .text("isPublic", upload.is_public.to_string())
            .part("file", part);
        let request = self.connection.request(Method::POST, "/api/storage/files")?;
        read(request.multipart(form).send().await?).await
    }

    /// The caller's files.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn list(&self, query: &ListFilesQuery) -> Result<Page<FileResponse>, ClientError> {
        self.connection.get_with("/api/storage/files", query).await
    }

    /// A file of anyone's, for services that judge access themselves. Needs a service token.
    ///
    /// # Errors
    /// 404 when there is none; see [`ClientError`].
    pub async fn internal_file(&self, id: Uuid) -> Result<FileResponse, ClientError> {
        self.connection.get(&format!("/internal/storage/files/{id}")).await
    }

    /// Has a file fetched by URL into a person's own. Needs a service token.
    ///
    /// # Errors
    /// 413 when it is too large, 422 with `/url` when it may not or cannot be fetched; see [`ClientError`].
    pub async fn fetch(&self, request: &FetchFileRequest) -> Result<FileResponse, ClientError> {
        self.connection.post("/api/storage/fetch", request).await
    }

    /// Gives anyone's file bytes that were made again: its next version. Needs a service token.
    ///
    /// # Errors
    /// 404 when there is no such file, 413 when they are too many; see [`ClientError`].
    pub async fn regenerate(
        &self,
        file: Uuid,
        said: &ChangeQuery,
        bytes: Body,
    ) -> Result<FileResponse, ClientError> {
        let path = format!("/api/storage/files/{file}/regenerate");
        let request = self.connection.request(Method::POST, &path)?;
        read(request.query(said).body(bytes).send().await?).await
    }

    /// Asks which things of the calling service use other files than storage-service knows. Needs a service token.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn compare_references(
        &self,
        request: &CompareReferencesRequest,
    ) -> Result<CompareReferencesResponse, ClientError> {
        self.connection.post("/internal/storage/references/compare", request).await
    }

    /// Orders a job on a file of anyone's. Needs a service token. Safe to repeat when the order has a `dedupe_key`.
    ///
    /// # Errors
    /// 404 when there is no such file or version, 409 when the key names another order; see [`ClientError`].
    pub async fn order_job(&self, file: Uuid, order: &OrderJobRequest) -> Result<JobResponse, ClientError> {
        self.connection.post(&format!("/internal/storage/files/{file}/jobs"), order).await
    }

    /// A job on a file of anyone's. Needs a service token.
    ///
    /// # Errors
    /// 404 when there is none; see [`ClientError`].
    pub async fn internal_job(&self, id: Uuid) -> Result<JobResponse, ClientError> {
        self.connection.get(&format!("/internal/storage/jobs/{id}")).await
    }

    /// Calls a job off. Needs a service token. Calling it off twice is calling it off once.
    ///
    /// # Errors
    /// 404 when there is none, 409 when it has ended otherwise; see [`ClientError`].
    pub async fn cancel_job(&self, id: Uuid) -> Result<JobResponse, ClientError> {
        self.connection.post(&format!("/internal/storage/jobs/{id}/cancel"), &()).await
    }

    /// Uploads a file of which nobody knows yet how long it will be.
    ///
    /// # Errors
    /// 413 when it is too large; see [`ClientError`].
    pub async fn upload_stream(
        &self,
        name: &str,
        category: FileCategory,
        bytes: Body,
    ) -> Result<FileResponse, ClientError> {
        let part = Part::stream(bytes).file_name(name.to_owned());
        let form = Form::new().text("category", category.as_str()).part("file", part);
        let request = self.connection.request(Method::POST, "/api/storage/files")?;
        read(request.multipart(form).send().await?).await
    }

    /// Deletes a file of the caller's.
    ///
    /// # Errors
    /// 404 when there is none; see [`ClientError`].
    pub async fn delete(&self, id: Uuid) -> Result<(), ClientError> {
        self.connection.delete(&format!("/api/storage/files/{id}")).await
    }

    /// Everything of a person's, a JSON object that is sent while it is read. Needs a service token.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn export_person(&self, user_id: Uuid) -> Result<Response, ClientError> {
        self.connection.open(&format!("/internal/storage/people/{user_id}/export")).await
    }
}
