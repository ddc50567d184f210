//! Commands that end in the middle.
//!
//! Whatever ends a command (`kill -9`, a full disk, a disk that fails), what it
//! was to change is afterwards the old or the new, never a third: the trust
//! file, what is installed with its packages, keys, signed files. What was
//! acknowledged before is still in the audit log, nothing has changed without
//! its record, and the same command does its work when it is run again.
//!
//! [`Change`](change::Change) holds a command to this at each system call that
//! it makes. A new command that keeps something is a few lines in [`commands`];
//! what it keeps is compared as it is, unless [`store`] knows better.
//!
//! A kill shows what is in the files, not what is on the disk: the kernel still
//! writes what a dead process wrote. That nothing gets its name before it is on
//! the disk is read off the calls themselves, in [`order`]. A record of which
//! only a part was written is in [`torn`].
//!
//! Two attacks aim at the same weakness: state that is kept for a package that
//! is then refused ([`refused`]), and a file that is swapped between two looks
//! at it ([`swapped`]).

mod change;
mod commands;
mod home;
mod order;
mod refused;
mod releases;
mod seen;
mod store;
mod strace;
mod swapped;
mod torn;
