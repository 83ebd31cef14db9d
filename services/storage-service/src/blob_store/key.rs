//! Names of blobs.

use std::fmt;
use std::io::{self, Read};

use aws_lc_rs::digest::{Context, Digest, SHA256};

/// Bytes that are hashed at once.
const PIECE: usize = 256 * 1024;

/// SHA-256 of a blob: 64 hexadecimal digits in lower case, and nothing else, which is what keeps paths inside the folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct BlobKey(String);

impl BlobKey {
    /// The key of a hash.
    pub(crate) fn of(digest: &Digest) -> Self {
        Self(hex::encode(digest))
    }

    /// The key of a file's bytes, and how many there are.
    pub(crate) fn of_file(file: &mut impl Read) -> io::Result<(Self, u64)> {
        let (mut hash, mut piece, mut length) = (Context::new(&SHA256), vec![0; PIECE], 0);
        loop {
            let count = file.read(&mut piece)?;
            let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return Ok((Self::of(&hash.finish()), length));
            };
            hash.update(bytes);
            length += u64::try_from(count).unwrap_or(u64::MAX);
        }
    }

    /// A key that was written down.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_key = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_key.then(|| Self(text.to_owned()))
    }

    /// Where the blob lies: in one of 65,536 folders, so that none grows large.
    pub(crate) fn storage_path(&self) -> String {
        let part = |range| self.0.get(range).unwrap_or_default();
        format!("sha256/{}/{}/{}", part(0..2), part(2..4), self.0)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_hash_is_a_key() {
        let hash = "0123456789abcdef".repeat(4);
        assert_eq!(BlobKey::parse(&hash).map(|key| key.storage_path()), Some(format!("sha256/01/23/{hash}")));
        let upper = hash.to_uppercase();
        let traversals = [
            format!("../{}", &hash[3..]),
            format!("/{}", &hash[1..]),
            format!("..%2f{}", &hash[5..]),
            format!("{}\0", &hash[1..]),
            format!("{hash}/.."),
        ];
        for text in traversals.iter().map(String::as_str).chain(["", "..", &hash[1..], &upper]) {
            assert_eq!(BlobKey::parse(text), None, "{text}");
        }
    }
}
