//! `mpp list`

use clap::Args;
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Outcome;
use crate::serve::{Listed, ServedAs, listed};

/// List the installed packages
#[derive(Debug, Args)]
#[command(after_help = "\
A tool that another package has, too, is served under a longer name, which stands behind its own:
`search as notes__search`.")]
pub(crate) struct List {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let packages = listed(&context.home()?)?;
        if self.json {
            let packages: Vec<Value> = packages.iter().map(document).collect();
            return context.streams.json(&json!({ "packages": packages }));
        }
        if packages.is_empty() {
            context.streams.note("nothing", "no package is installed; `mpp install FILE` installs one");
            return Ok(());
        }
        let rows = packages.iter().map(row).collect();
        context.streams.table(&["name", "version", "publisher", "tools", "can"], rows)?;
        for failure in packages.iter().filter_map(|package| package.tools.as_ref().err()) {
            context.streams.trouble(failure);
        }
        Ok(())
    }
}

fn row(listed: &Listed) -> Vec<String> {
    let Listed { package, tools } = listed;
    let can = package.granted.sentences();
    let tools = match tools {
        Ok(tools) => tools.iter().map(both_names).collect::<Vec<_>>().join(", "),
        Err(_) => "not served".to_owned(),
    };
    vec![
        package.name.to_string(),
        package.version.to_string(),
        package.publisher.to_string(),
        tools,
        if can.is_empty() { "nothing".to_owned() } else { can.join("; ") },
    ]
}

fn both_names(tool: &ServedAs) -> String {
    let ServedAs { name, served_as } = tool;
    if name == served_as { name.clone() } else { format!("{name} as {served_as}") }
}

/// What is on disk of a package, its tools, and why it has none.
fn document(listed: &Listed) -> Value {
    let Listed { package, tools } = listed;
    let mut document = json!(**package);
    if let Value::Object(fields) = &mut document {
        fields.insert("tools".to_owned(), json!(tools.as_ref().ok()));
        fields.insert(
            "problem".to_owned(),
            json!(tools.as_ref().err().map(|failure| failure.why().join("; "))),
        );
    }
    document
}
