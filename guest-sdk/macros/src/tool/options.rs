//! `#[tool(name = "text-stats", title = "Text statistics")]`

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Error, LitStr};

/// The contract's bound on the name of a tool, in bytes.
const LONGEST_NAME: usize = 128;

pub struct Options {
    pub name: String,
    pub title: Option<String>,
}

impl Options {
    pub fn read(options: TokenStream, function: &Ident) -> syn::Result<Self> {
        let mut name: Option<LitStr> = None;
        let mut title: Option<LitStr> = None;
        syn::meta::parser(|option| {
            let place = if option.path.is_ident("name") {
                &mut name
            } else if option.path.is_ident("title") {
                &mut title
            } else {
                return Err(option.error("unknown option: expected `name = \"...\"` or `title = \"...\"`"));
            };
            if place.is_some() {
                return Err(option.error("this option is given twice"));
            }
            *place = Some(option.value()?.parse()?);
            Ok(())
        })
        .parse2(options)?;

        let (name, span) = match name {
            Some(name) => (name.value(), name.span()),
            None => (default_name(function), function.span()),
        };
        check(&name).map_err(|reason| Error::new(span, reason))?;
        Ok(Self { name, title: title.map(|title| title.value()) })
    }
}

/// `text_stats` -> `text-stats`
fn default_name(function: &Ident) -> String {
    function.unraw().to_string().trim_matches('_').replace('_', "-")
}

fn check(name: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(format!(
            "`{name}` cannot be the name of a tool: a name is 1 to {LONGEST_NAME} of \
             `A-Z a-z 0-9 _ . -`; choose one with `#[mpp_guest::tool(name = \"...\")]`"
        ))
    }
}
