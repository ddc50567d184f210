//! The file of the secret: the epoch (32 bits), when it began in seconds since
//! 1970 (64 bits), both big-endian, and the seed (32 bytes).

use std::path::Path;

use zeroize::Zeroizing;

use super::disk::Disk;
use crate::epoch::{EpochSigner, PublicKeys, Seed};
use crate::error::LogError;
use crate::layout;
use crate::note::KeyName;

const LENGTH: usize = 4 + 8 + 32;

/// The secret of the current epoch.
pub(super) struct Secret {
    pub(super) epoch: u32,
    pub(super) began: u64,
    pub(super) seed: Seed,
}

impl Secret {
    /// Reads the secret of a log.
    pub(super) fn read(disk: &Disk, dir: &Path) -> Result<Self, LogError> {
        let path = layout::secret(dir);
        let mut bytes = Zeroizing::new([0; LENGTH]);
        if disk.length(&path)? != LENGTH as u64 {
            return Err(LogError::Evidence { path, what: format!("it is not {LENGTH} bytes long") });
        }
        disk.read_at(&path, 0, bytes.as_mut_slice())?;
        let mut seed = Zeroizing::new([0; 32]);
        let (mut epoch, mut began) = ([0; 4], [0; 8]);
        epoch.copy_from_slice(&bytes[..4]);
        began.copy_from_slice(&bytes[4..12]);
        seed.copy_from_slice(&bytes[12..]);
        Ok(Self { epoch: u32::from_be_bytes(epoch), began: u64::from_be_bytes(began), seed: Seed::new(seed) })
    }

    /// Puts this secret in the place of the one before, if there is one. The old
    /// bytes are written over once nothing leads to them any more. A file system
    /// that copies what it writes may keep them elsewhere all the same.
    pub(super) fn put(&self, disk: &Disk, dir: &Path) -> Result<(), LogError> {
        let path = layout::secret(dir);
        let mut bytes = Zeroizing::new([0; LENGTH]);
        bytes[..4].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[4..12].copy_from_slice(&self.began.to_be_bytes());
        bytes[12..].copy_from_slice(self.seed.as_bytes());
        let old = if path.exists() { Some(disk.overwrite(&path)?) } else { None };
        disk.replace(&path, bytes.as_slice())?;
        old.map_or(Ok(()), |mut old| old.clear(LENGTH))
    }

    /// What signs in this epoch.
    pub(super) fn signer(
        self,
        name: KeyName,
        keys: &PublicKeys,
        dir: &Path,
    ) -> Result<EpochSigner, LogError> {
        let Self { epoch, seed, .. } = self;
        EpochSigner::new(name, keys, epoch, seed).ok_or_else(|| LogError::Evidence {
            path: layout::secret(dir),
            what: format!("it is not the secret of epoch {epoch} of this log"),
        })
    }
}
