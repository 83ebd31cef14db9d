//! A site on this machine, well-behaved or not.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[derive(Clone)]
enum Page {
    /// A head and a body, and then the end of the connection.
    Whole(Vec<u8>),
    /// The same, and then silence.
    Waiting(Vec<u8>),
    /// A byte now and then, for ever.
    Trickling,
}

#[derive(Default)]
struct Shared {
    pages: Mutex<HashMap<String, Page>>,
    asked: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

pub(super) struct Site {
    origin: String,
    shared: Arc<Shared>,
}

impl Site {
    /// Listens at an address, until the test's runtime ends.
    pub(super) async fn start(address: &str) -> Self {
        Self::listen(address, "http", |socket| async move { Some(socket) }).await
    }

    /// The same over TLS.
    pub(super) async fn start_tls(address: &str, tls: TlsAcceptor) -> Self {
        let open = move |socket| {
            let opening = tls.accept(socket);
            async move { opening.await.ok() }
        };
        Self::listen(address, "https", open).await
    }

    async fn listen<S, F>(address: &str, scheme: &str, open: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = Option<S>> + Send + 'static,
    {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let origin = format!("{scheme}://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let site = Self { origin, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (opening, shared) = (open(socket), Arc::clone(&shared));
                tokio::spawn(async move {
                    if let Some(socket) = opening.await {
                        answer(socket, shared).await;
                    }
                });
            }
        });
        site
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(super) fn port(&self) -> &str {
        self.origin.rsplit(':').next().unwrap()
    }

    /// How many came, whatever they spoke.
    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The heads of the requests that came.
    pub(super) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Answers with a status line, headers and a body; the length is the server's business only if the headers say it.
    pub(super) fn serves(&self, path: &str, head: &str, body: &[u8]) {
        self.add(path, Page::Whole(response(head, body)));
    }

    pub(super) fn serves_and_waits(&self, path: &str, head: &str, body: &[u8]) {
        self.add(path, Page::Waiting(response(head, body)));
    }

    pub(super) fn is_silent(&self, path: &str) {
        self.add(path, Page::Waiting(Vec::new()));
    }

    pub(super) fn trickles(&self, path: &str) {
        self.add(path, Page::Trickling);
    }

    fn add(&self, path: &str, page: Page) {
        self.shared.pages.lock().unwrap().insert(path.to_owned(), page);
    }
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").as_bytes(), body].concat()
}

async fn answer(mut socket: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = socket.read_u8().await else { break };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
    shared.asked.lock().unwrap().push(head);
    let page = shared.pages.lock().unwrap().get(&path).cloned();
    match page.unwrap_or_else(|| Page::Whole(response("404 Not Found", b""))) {
        Page::Whole(bytes) => {
            let _ = socket.write_all(&bytes).await;
            // TLS tells an end from a cut.
            let _ = socket.shutdown().await;
        }
        Page::Waiting(bytes) => {
            let _ = socket.write_all(&bytes).await;
            // Until the other side has had enough.
            let _ = socket.read_u8().await;
        }
        Page::Trickling => {
            let mut bytes = response("200 OK\r\ncontent-length: 100000", b"");
            while socket.write_all(&bytes).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
                bytes = b"a".to_vec();
            }
        }
    }
}
