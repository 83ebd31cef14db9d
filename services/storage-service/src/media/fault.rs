//! Why nothing was made of a file.

use std::io;

use contracts::JobErrorCode;

/// A piece of work that gave no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The same again would give the same.
    #[error("{message}")]
    Refused {
        /// For programs.
        code: JobErrorCode,
        /// For people; it says nothing of paths.
        message: String,
    },
    /// It was asked to stop.
    #[error("it was stopped")]
    Stopped,
    /// Disk or process failed us: another time it may work.
    #[error("the machine failed")]
    Machine(#[from] io::Error),
}

impl Fault {
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::Refused { code: JobErrorCode::Unsupported, message: message.into() }
    }

    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::Refused { code: JobErrorCode::Unreadable, message: message.into() }
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::Refused { code: JobErrorCode::TooLarge, message: message.into() }
    }
}
