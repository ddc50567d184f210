//! Where the socket is, and who is at the other end.
//!
//! Who has the lock of the log has the socket, and nobody else touches its file: it is put in
//! the place of one that a killed process left. The lock decides who writes; a socket that is
//! there, or is not, decides nothing.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::io::retry_on_intr;
use rustix::net::sockopt::Timeout;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::limits::GREETING_PATIENCE;
use crate::error::LogError;
use crate::layout::{SOCKET, unfinished};

/// A socket in a directory, by a path of any length.
#[derive(Debug, Clone)]
pub(super) struct Place(PathBuf);

impl Place {
    /// That of the log in this directory.
    pub(super) fn of(dir: &Path) -> Self {
        Self(dir.join(SOCKET))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Listens, in the place of whoever did before. For who has the lock only.
    pub(super) fn listen(&self) -> Result<(UnixListener, Bound), LogError> {
        let error = LogError::io("listen at", &self.0);
        match fs::symlink_metadata(&self.0) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(LogError::Obstructed { path: self.0.clone(), expected: "socket" });
            }
            _ => {}
        }
        self.bind().map_err(error)
    }

    /// Nobody finds the socket before it is its owner's alone.
    fn bind(&self) -> io::Result<(UnixListener, Bound)> {
        let new = unfinished(&self.0);
        absent_is_fine(fs::remove_file(&new))?;
        let listener = Address::of(&new)?.listen()?;
        fs::set_permissions(&new, Permissions::from_mode(0o600))?;
        let file = file_of(&new)?;
        fs::rename(&new, &self.0)?;
        Ok((listener, Bound { place: self.clone(), file }))
    }

    /// Goes to whoever listens. `None` where nobody does.
    pub(super) fn connect(&self) -> io::Result<Option<UnixStream>> {
        let connected = Address::of(&self.0).and_then(|address| address.connect());
        match connected {
            Ok(stream) => check_peer(&stream).map(|()| Some(stream)),
            // Not there; nobody listens; or it went away just now.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The file of a socket that this process listens at.
#[derive(Debug)]
pub(super) struct Bound {
    place: Place,
    /// Device and inode.
    file: (u64, u64),
}

impl Bound {
    /// Removes the file, unless another one has been put in its place. For who has the lock
    /// only: nobody who keeps to that puts one there meanwhile.
    pub(super) fn remove(&self) -> io::Result<()> {
        let path = self.place.path();
        match file_of(path) {
            Ok(found) if found != self.file => Ok(()),
            found => absent_is_fine(found.and_then(|_| fs::remove_file(path))),
        }
    }
}

fn file_of(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

fn absent_is_fine(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What a socket is bound to. A path has some hundred bytes of room there (`unix(7)`: 108), so
/// one that is longer leads through the descriptor of its open directory, where the system has
/// a path for that.
struct Address {
    path: PathBuf,
    /// Open as long as the address is used.
    _directory: Option<File>,
}

impl Address {
    fn of(path: &Path) -> io::Result<Self> {
        if SocketAddr::from_pathname(path).is_ok() {
            return Ok(Self { path: path.to_owned(), _directory: None });
        }
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        let directory = File::open(directory)?;
        let through = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string());
        if !through.exists() {
            let what = "the path is longer than that of a socket can be (108 bytes)";
            return Err(io::Error::new(ErrorKind::InvalidInput, what));
        }
        Ok(Self { path: through.join(name), _directory: Some(directory) })
    }

    fn listen(&self) -> io::Result<UnixListener> {
        UnixListener::bind(&self.path)
    }

    /// The standard library would wait for good for a process that was stopped, once more wait
    /// for it than the system has room for.
    fn connect(&self) -> io::Result<UnixStream> {
        let socket = net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        net::sockopt::set_socket_timeout(&socket, Timeout::Send, Some(GREETING_PATIENCE))?;
        let address = SocketAddrUnix::new(&self.path)?;
        retry_on_intr(|| net::connect(&socket, &address))?;
        Ok(socket.into())
    }
}

/// Fails unless the process at the other end is one of this user. The directory and the mode of
/// the socket say so too; this does not depend on what somebody made of them.
pub(super) fn check_peer(stream: &UnixStream) -> io::Result<()> {
    if peer(stream)?.is_none_or(|uid| uid == rustix::process::geteuid().as_raw()) {
        Ok(())
    } else {
        Err(io::Error::new(ErrorKind::PermissionDenied, "it is a process of another user"))
    }
}

/// The user of the process at the other end, as it was when it connected or listened
/// (`SO_PEERCRED`, `unix(7)`).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn peer(stream: &UnixStream) -> io::Result<Option<u32>> {
    Ok(Some(net::sockopt::socket_peercred(stream)?.uid.as_raw()))
}

/// Not asked here: the mode of the socket keeps others away.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn peer(_: &UnixStream) -> io::Result<Option<u32>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> tempfile::TempDir {
        tempfile::tempdir().expect("a directory")
    }

    #[test]
    fn nobody_is_found_where_nobody_listens() {
        let home = home();
        let place = Place::of(home.path());
        assert!(place.connect().expect("it is not there").is_none());
        drop(place.listen().expect("it is free"));
        assert!(place.path().exists(), "as a killed process leaves it");
        assert!(place.connect().expect("nobody listens").is_none());
        let (_listener, bound) = place.listen().expect("it is put in the place of the other");
        assert!(place.connect().expect("somebody listens").is_some());
        bound.remove().expect("it can be removed");
        assert!(place.connect().expect("it is not there").is_none());
        bound.remove().expect("it has been removed");
    }

    #[test]
    fn the_socket_of_another_is_not_removed() {
        let home = home();
        let place = Place::of(home.path());
        let (_first, bound) = place.listen().expect("it is free");
        let (_second, _) = place.listen().expect("it is put in the place of the first");
        bound.remove().expect("nothing is to be removed");
        assert!(place.connect().expect("the second listens").is_some());
    }

    #[test]
    fn the_socket_is_its_owners_alone() {
        let home = home();
        let place = Place::of(home.path());
        let _listener = place.listen().expect("it is free");
        let mode = fs::metadata(place.path()).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_socket_is_left_alone() {
        let home = home();
        let place = Place::of(home.path());
        fs::write(place.path(), "precious").expect("it can be written");
        let error = place.listen().expect_err("something is in the way");
        assert!(matches!(error, LogError::Obstructed { expected: "socket", .. }), "{error:?}");
        assert_eq!(fs::read(place.path()).expect("it is there"), b"precious");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_path_of_any_length_leads_to_its_socket() {
        let home = home();
        let deep = home.path().join("deep".repeat(30)).join("deeper".repeat(30));
        fs::create_dir_all(&deep).expect("it can be made");
        let place = Place::of(&deep);
        assert!(place.path().as_os_str().len() > 300);
        assert!(place.connect().expect("it is not there").is_none());
        let _listener = place.listen().expect("it is free");
        assert!(place.connect().expect("somebody listens").is_some());
    }
}
