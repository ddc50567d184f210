//! The guests are in `examples/`: one component each, named by its deed.
