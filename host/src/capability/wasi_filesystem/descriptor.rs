//! `wasi:filesystem`, function by function. The compiler holds the list: a
//! function that WASI adds does not build before it stands here, among those
//! that look or those that change something.
//!
//! The engine's implementation does the work, but for reading ([`super::reading`])
//! and most of opening ([`super::open`]). [`Sandbox::looking`] hands it out
//! to look with, and [`Sandbox::changing`] only against the proof that the call
//! is durably on record.

use mpp_policy::Permission;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream, ErrorCode,
    Filesize, Host, HostDescriptor, HostDirectoryEntryStream, MetadataHashValue, NewTimestamp, OpenFlags,
    PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::paths::{Asked, settle};
use super::writing::charged;
use crate::effects::Durable;
use crate::sandbox::Sandbox;

const READ: Permission = Permission::FilesystemRead;
const WRITE: Permission = Permission::FilesystemWrite;

impl Sandbox {
    /// The engine's implementation, for what changes nothing.
    pub(super) fn looking(&mut self) -> WasiFilesystemCtxView<'_> {
        self.filesystem()
    }

    /// The engine's implementation, for what changes something.
    pub(super) fn changing(&mut self, _: &Durable) -> WasiFilesystemCtxView<'_> {
        self.filesystem()
    }

    /// Waits for the gate.
    pub(super) async fn durable(&mut self) -> FsResult<Durable> {
        self.effects.durable().await.map_err(FsError::trap)
    }
}

impl Host for Sandbox {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.looking().filesystem_error_code(error)
    }
}

impl HostDescriptor for Sandbox {
    // What looks.

    async fn advise(
        &mut self,
        file: Resource<Descriptor>,
        offset: Filesize,
        length: Filesize,
        advice: Advice,
    ) -> FsResult<()> {
        self.looking().advise(file, offset, length, advice).await
    }

    async fn get_flags(&mut self, descriptor: Resource<Descriptor>) -> FsResult<DescriptorFlags> {
        self.looking().get_flags(descriptor).await
    }

    async fn get_type(&mut self, descriptor: Resource<Descriptor>) -> FsResult<DescriptorType> {
        match self.source(&descriptor)? {
            Some(source) if source.is_known() => Ok(DescriptorType::RegularFile),
            _ => self.looking().get_type(descriptor).await,
        }
    }

    async fn stat(&mut self, descriptor: Resource<Descriptor>) -> FsResult<DescriptorStat> {
        self.looking().stat(descriptor).await
    }

    async fn metadata_hash(&mut self, descriptor: Resource<Descriptor>) -> FsResult<MetadataHashValue> {
        self.looking().metadata_hash(descriptor).await
    }

    async fn is_same_object(
        &mut self,
        one: Resource<Descriptor>,
        other: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        self.looking().is_same_object(one, other).await
    }

    async fn read(
        &mut self,
        file: Resource<Descriptor>,
        length: Filesize,
        offset: Filesize,
    ) -> FsResult<(Vec<u8>, bool)> {
        super::reading::read(self, file, length, offset).await
    }

    fn read_via_stream(
        &mut self,
        file: Resource<Descriptor>,
        offset: Filesize,
    ) -> FsResult<Resource<DynInputStream>> {
        super::reading::read_via_stream(self, file, offset)
    }

    async fn read_directory(
        &mut self,
        directory: Resource<Descriptor>,
    ) -> FsResult<Resource<DirectoryEntryStream>> {
        self.looking().read_directory(directory).await
    }

    async fn stat_at(
        &mut self,
        base: Resource<Descriptor>,
        follow: PathFlags,
        path: String,
    ) -> FsResult<DescriptorStat> {
        let asked = Asked::new(self, READ, &base, &path);
        let told = self.looking().stat_at(base, follow, path).await;
        settle(self, [asked], told)
    }

    async fn metadata_hash_at(
        &mut self,
        base: Resource<Descriptor>,
        follow: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        let asked = Asked::new(self, READ, &base, &path);
        let told = self.looking().metadata_hash_at(base, follow, path).await;
        settle(self, [asked], told)
    }

    async fn readlink_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<String> {
        let asked = Asked::new(self, READ, &base, &path);
        let told = self.looking().readlink_at(base, path).await;
        settle(self, [asked], told)
    }

    fn drop(&mut self, descriptor: Resource<Descriptor>) -> wasmtime::Result<()> {
        if self.wasi_descriptors.release(descriptor.rep()) {
            self.open_files = self.open_files.saturating_sub(1);
        }
        HostDescriptor::drop(&mut self.looking(), descriptor)
    }

    // These two write down what was let through before, which a disk is waited for
    // however the file was opened.

    async fn sync_data(&mut self, file: Resource<Descriptor>) -> FsResult<()> {
        match self.source(&file)? {
            Some(source) => Ok(source.sync_data().await?),
            None => self.looking().sync_data(file).await,
        }
    }

    async fn sync(&mut self, descriptor: Resource<Descriptor>) -> FsResult<()> {
        match self.source(&descriptor)? {
            Some(source) => Ok(source.sync_all().await?),
            None => self.looking().sync(descriptor).await,
        }
    }

    // What looks or changes, as its arguments say.

    async fn open_at(
        &mut self,
        base: Resource<Descriptor>,
        follow: PathFlags,
        path: String,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        super::open::open_at(self, base, follow, path, open, flags).await
    }

    // What changes something.

    async fn write(
        &mut self,
        file: Resource<Descriptor>,
        bytes: Vec<u8>,
        offset: Filesize,
    ) -> FsResult<Filesize> {
        let durable = self.durable().await?;
        self.charge_write(bytes.len() as u64).map_err(|_limit| ErrorCode::Quota)?;
        self.changing(&durable).write(file, bytes, offset).await
    }

    fn write_via_stream(
        &mut self,
        file: Resource<Descriptor>,
        offset: Filesize,
    ) -> FsResult<Resource<DynOutputStream>> {
        let durable = self.opened_to_write()?;
        let stream = self.changing(&durable).write_via_stream(file, offset)?;
        charged(self, stream)
    }

    fn append_via_stream(&mut self, file: Resource<Descriptor>) -> FsResult<Resource<DynOutputStream>> {
        let durable = self.opened_to_write()?;
        let stream = self.changing(&durable).append_via_stream(file)?;
        charged(self, stream)
    }

    async fn set_size(&mut self, file: Resource<Descriptor>, size: Filesize) -> FsResult<()> {
        let durable = self.durable().await?;
        // A size is charged as if it were written: a file full of holes fills
        // a disk when it is copied.
        self.charge_write(size).map_err(|_limit| ErrorCode::Quota)?;
        self.changing(&durable).set_size(file, size).await
    }

    async fn set_times(
        &mut self,
        descriptor: Resource<Descriptor>,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let durable = self.durable().await?;
        self.changing(&durable).set_times(descriptor, accessed, modified).await
    }

    async fn set_times_at(
        &mut self,
        base: Resource<Descriptor>,
        follow: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let durable = self.durable().await?;
        let asked = Asked::new(self, WRITE, &base, &path);
        let set = self.changing(&durable).set_times_at(base, follow, path, accessed, modified).await;
        settle(self, [asked], set)
    }

    async fn create_directory_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<()> {
        let durable = self.durable().await?;
        let asked = Asked::new(self, WRITE, &base, &path);
        let made = self.changing(&durable).create_directory_at(base, path).await;
        settle(self, [asked], made)
    }

    async fn remove_directory_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<()> {
        let durable = self.durable().await?;
        let asked = Asked::new(self, WRITE, &base, &path);
        let removed = self.changing(&durable).remove_directory_at(base, path).await;
        settle(self, [asked], removed)
    }

    async fn unlink_file_at(&mut self, base: Resource<Descriptor>, path: String) -> FsResult<()> {
        let durable = self.durable().await?;
        let asked = Asked::new(self, WRITE, &base, &path);
        let removed = self.changing(&durable).unlink_file_at(base, path).await;
        settle(self, [asked], removed)
    }

    async fn rename_at(
        &mut self,
        from: Resource<Descriptor>,
        old: String,
        to: Resource<Descriptor>,
        new: String,
    ) -> FsResult<()> {
        let durable = self.durable().await?;
        let asked = [Asked::new(self, WRITE, &from, &old), Asked::new(self, WRITE, &to, &new)];
        let moved = self.changing(&durable).rename_at(from, old, to, new).await;
        settle(self, asked, moved)
    }

    // Links are not made, whoever asks.

    async fn link_at(
        &mut self,
        _: Resource<Descriptor>,
        _: PathFlags,
        _: String,
        base: Resource<Descriptor>,
        path: String,
    ) -> FsResult<()> {
        super::paths::refuse_link(self, &base, &path)
    }

    async fn symlink_at(&mut self, base: Resource<Descriptor>, _: String, path: String) -> FsResult<()> {
        super::paths::refuse_link(self, &base, &path)
    }
}

impl HostDirectoryEntryStream for Sandbox {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        self.looking().read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        HostDirectoryEntryStream::drop(&mut self.looking(), stream)
    }
}
