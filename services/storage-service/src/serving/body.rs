//! The body of an answer with bytes: pieces of a file, read as they are wanted, and the access that they belong to.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt, TryStreamExt};

use super::ranges::ByteRange;
use crate::access::Entry;
use crate::blob_store::{Object, Pieces, Source, blocking};

/// Bytes of one read: large enough that a read costs little, small enough that a slow client holds little.
const PIECE: u64 = 256 * 1024;

/// A part of a body.
#[derive(Debug)]
pub(super) enum Part {
    /// Bytes that are there, such as the head of a part of a multipart answer; they are no bytes of the file.
    Text(Bytes),
    /// Bytes of the file.
    File(ByteRange),
}

/// A piece that is being read, and where the next ones come from.
type Reading = BoxFuture<'static, io::Result<(Bytes, Option<Pieces>)>>;

/// Sends parts one after another. When it is dropped the access is over.
pub(super) struct FileBody {
    source: Source,
    /// What a bucket sends of the part in front.
    stream: Option<Pieces>,
    parts: VecDeque<Part>,
    length: u64,
    pending: Option<Reading>,
    entry: Entry,
}

impl FileBody {
    pub(super) fn new(source: Source, parts: Vec<Part>, entry: Entry) -> Self {
        let length = parts.iter().map(|part| match part {
            Part::Text(text) => u64::try_from(text.len()).unwrap_or(u64::MAX),
            Part::File(range) => range.length(),
        });
        let length = length.sum();
        Self { source, stream: None, parts: parts.into(), length, pending: None, entry }
    }

    /// The next piece of a file: at once when the page cache has it, else from the blocking pool, so that a cold disk
    /// stalls nobody else.
    fn read(&mut self, range: ByteRange) -> Poll<io::Result<Bytes>> {
        let length = usize::try_from(range.length().min(PIECE)).unwrap_or(0);
        let file = match &self.source {
            Source::File(file) => Arc::clone(file),
            Source::Object(object) => {
                self.pending = Some(next_piece(object.clone(), self.stream.take(), range).boxed());
                return Poll::Pending;
            }
        };
        match read_cached(&file, range.first, length) {
            Some(piece) => Poll::Ready(piece),
            None => {
                let read = blocking(move || read_anyhow(&file, range.first, length));
                self.pending = Some(read.map_ok(|piece| (piece, None)).boxed());
                Poll::Pending
            }
        }
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.pending.is_none() {
            match self.parts.front() {
                None => {
                    self.entry.complete();
                    return Poll::Ready(None);
                }
                Some(Part::Text(text)) => {
                    let text = text.clone();
                    self.parts.pop_front();
                    return Poll::Ready(Some(Ok(text)));
                }
                Some(Part::File(range)) => {
                    let range = *range;
                    if let Poll::Ready(piece) = self.read(range) {
                        return Poll::Ready(Some(self.take(piece)));
                    }
                }
            }
        }
        let Some(pending) = &mut self.pending else {
            return Poll::Ready(None);
        };
        let read = ready!(pending.poll_unpin(context));
        self.pending = None;
        let piece = read.map(|(piece, stream)| {
            self.stream = stream;
            piece
        });
        Poll::Ready(Some(self.take(piece)))
    }

    /// Moves on by a piece. A file that ends too early breaks the answer off: its length was promised.
    fn take(&mut self, piece: io::Result<Bytes>) -> io::Result<Bytes> {
        let piece = piece?;
        let count = u64::try_from(piece.len()).unwrap_or(0);
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(Part::File(range)) = self.parts.front_mut() {
            range.first += count;
            if range.first > range.last {
                self.stream = None;
                self.parts.pop_front();
            }
        }
        self.entry.sent(piece.len());
        // The last piece is handed over: what the caller hung up on after that it has.
        if self.parts.is_empty() {
            self.entry.complete();
        }
        Ok(piece)
    }
}

impl MessageBody for FileBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.get_mut().poll_piece(context)
    }
}

/// Reads what the page cache holds; `None` when the disk would have to be asked.
#[cfg(target_os = "linux")]
fn read_cached(file: &File, offset: u64, length: usize) -> Option<io::Result<Bytes>> {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    let mut piece = vec![0; length];
    match preadv2(file, &mut [io::IoSliceMut::new(&mut piece)], offset, ReadWriteFlags::NOWAIT) {
        // Some file systems cannot say.
        Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INTR) => None,
        Err(error) => Some(Err(error.into())),
        Ok(count) => {
            piece.truncate(count);
            Some(Ok(piece.into()))
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn read_cached(_: &File, _: u64, _: usize) -> Option<io::Result<Bytes>> {
    None
}

fn read_anyhow(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut piece = vec![0; length];
    let count = file.read_at(&mut piece, offset)?;
    piece.truncate(count);
    Ok(piece.into())
}

/// What a bucket sends next; an empty piece when it has no more.
async fn next_piece(
    object: Object,
    stream: Option<Pieces>,
    range: ByteRange,
) -> io::Result<(Bytes, Option<Pieces>)> {
    let mut stream = match stream {
        Some(stream) => stream,
        None => object.read(range.first..range.last + 1).await?,
    };
    let piece = stream.try_next().await?.unwrap_or_default();
    Ok((piece, Some(stream)))
}

/// The body of an answer to HEAD: nothing, while the headers tell what GET would give.
pub(super) struct NoBody;

impl MessageBody for NoBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}
