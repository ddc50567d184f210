//! Conformance tests.

mod cache;
mod cli;
mod conformance;
mod contract;
mod determinism;
mod effects;
mod embed;
mod environment;
mod filesystem;
mod floods;
mod imports;
mod inert_base;
mod killed;
mod leaks;
mod limits;
mod log;
mod network;
mod packages;
mod progress;
mod robustness;
mod samples;
mod sandbox;
mod secrets;
mod support;
mod tidy;
mod wat_tool;
