//! The writer on a disk that fails, and after it was interrupted.
