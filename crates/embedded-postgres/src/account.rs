//! The unprivileged account that runs the server when this process is root.

use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{At, Error};

/// In order of preference; `_postgres` is macOS's.
const CANDIDATES: [&str; 3] = ["postgres", "_postgres", "nobody"];
const PASSWD: &str = "/etc/passwd";

/// An entry of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account to drop to, or `None` where this process is not root and has nothing to drop.
    pub(crate) fn to_drop_to() -> Result<Option<Self>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = std::fs::read_to_string(PASSWD).at("read", Path::new(PASSWD))?;
        Self::choose(&passwd).map(Some).ok_or(Error::NoAccount)
    }

    fn choose(passwd: &str) -> Option<Self> {
        let accounts: Vec<Self> = passwd.lines().filter_map(Self::parse).collect();
        CANDIDATES.iter().find_map(|name| accounts.iter().find(|account| account.name == *name).cloned())
    }

    /// `name:password:uid:gid:...`; entries of uid 0 would gain nothing and are passed over.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = parse_id(fields.nth(1)?)?;
        let gid = parse_id(fields.next()?)?;
        (uid != 0).then_some(Self { name, uid, gid })
    }

    /// Makes `command` run as this account; the standard library drops root's supplementary groups too.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Gives `path` (the link itself, if it is one) to this account.
    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        lchown(path, Some(self.uid), Some(self.gid)).at("give away", path)
    }

    /// Takes `folder` back to root, if it is this account's.
    pub(crate) fn disown(&self, folder: &Path) -> Result<(), Error> {
        let owner = folder.symlink_metadata().at("look at", folder)?.uid();
        if owner == self.uid { lchown(folder, Some(0), Some(0)).at("take back", folder) } else { Ok(()) }
    }

    /// Asked of the kernel by trying, which counts access lists and mount options as well as modes.
    pub(crate) fn can_enter(&self, folder: &Path) -> Result<bool, Error> {
        let mut command = Command::new("sh");
        command.args(["-c", "cd -- \"$1\"", "sh"]).arg(folder).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.apply(&mut command);
        Ok(command.status().at("run", Path::new("sh"))?.success())
    }
}

/// macOS writes `nobody` as -2.
fn parse_id(text: &str) -> Option<u32> {
    text.parse().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(passwd: &str) -> Option<(String, u32, u32)> {
        Account::choose(passwd).map(|account| (account.name, account.uid, account.gid))
    }

    #[test]
    fn postgres_is_preferred_to_nobody() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(chosen(passwd), Some(("postgres".into(), 101, 104)));
    }

    #[test]
    fn nobody_of_macos_has_a_negative_id() {
        assert_eq!(
            chosen("nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false"),
            Some(("nobody".into(), u32::MAX - 1, u32::MAX - 1))
        );
    }

    #[test]
    fn an_alias_of_root_is_no_account() {
        assert_eq!(chosen("postgres:x:0:0::/:/bin/sh\n# comment\n"), None);
    }
}
