//! A tool for AI agents: an ordinary function on ordinary types.
//!
//! What stands in doc comments is read by a model: above the function, to choose
//! the tool, and above the fields, to fill them in.

use mpp_guest::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Whom to greet.
    name: String,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct Output {
    /// The greeting.
    greeting: String,
}

/// Greets someone by name.
#[mpp_guest::tool]
fn greet(input: Input) -> Result<Output> {
    let name = input.name.trim();
    if name.is_empty() {
        return Err(Error::invalid_input("`name` is empty: say whom to greet"));
    }
    Ok(Output {
        greeting: format!("Hello, {name}!"),
    })
}

mpp_guest::export!(greet);

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Input {
        Input {
            name: name.to_owned(),
        }
    }

    #[test]
    fn the_greeting_names_whom_it_greets() {
        let output = greet(named(" Ada "));
        let greeting = "Hello, Ada!".to_owned();
        assert_eq!(output, Ok(Output { greeting }));
    }

    #[test]
    fn nobody_is_not_greeted() {
        assert!(matches!(greet(named(" ")), Err(Error::InvalidInput(_))));
    }
}
