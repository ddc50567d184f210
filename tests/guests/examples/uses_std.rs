//! Touches everything in the standard library that needs no permission.

use std::collections::HashMap;
use std::io::{IsTerminal as _, Read as _};

use mpp_guest::Result;
use mpp_guest::schemars::{self, JsonSchema};
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
struct World {
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    input: String,
    terminals: bool,
    /// Keys of a hash map, in its own order.
    hash_order: Vec<u32>,
    process: String,
    home: String,
}

/// Looks around.
#[mpp_guest::tool]
fn look() -> Result<World> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let map: HashMap<u32, ()> = (0..100).map(|key| (key, ())).collect();
    let failure = |result: std::io::Result<()>| match result {
        Ok(()) => "it worked".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    };
    Ok(World {
        arguments: std::env::args().collect(),
        variables: std::env::vars().collect(),
        input,
        terminals: std::io::stdin().is_terminal()
            || std::io::stdout().is_terminal()
            || std::io::stderr().is_terminal(),
        hash_order: map.into_keys().collect(),
        process: failure(std::process::Command::new("sh").spawn().map(drop)),
        home: format!("{:?}", std::env::current_exe().map_err(|error| error.kind())),
    })
}

/// Prints to both streams, and logs.
#[mpp_guest::tool]
fn print() {
    println!("one line");
    print!("half a ");
    println!("line");
    eprintln!("an error");
    mpp_guest::log::warn!("a warning");
}

mpp_guest::export!(look, print);
