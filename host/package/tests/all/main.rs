//! What the package format promises, against whoever wants to break it.
