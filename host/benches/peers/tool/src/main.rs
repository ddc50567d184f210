//! The tool as a command: the input is its one argument, the answer its output.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let input = std::env::args().nth(1).ok_or("usage: text-stats JSON")?;
    println!("{}", peer_tool::answer(&input)?);
    Ok(())
}
