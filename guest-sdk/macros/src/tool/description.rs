//! Doc comment -> description.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, ExprLit, ItemFn, Lit, Meta};

/// The doc comment as an expression of type `&'static str`.
pub fn read(function: &ItemFn) -> syn::Result<TokenStream> {
    let mut text = String::new();
    let mut pieces = Vec::new();
    for line in lines(function) {
        match line {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => {
                let line = line.value();
                text.push_str(line.strip_prefix(' ').unwrap_or(&line));
                text.push('\n');
            }
            // `#[doc = include_str!("search.md")]`
            other => {
                let before = std::mem::take(&mut text);
                pieces.push(quote!(#before, #other, "\n"));
            }
        }
    }
    let text = text.trim();
    if !pieces.is_empty() {
        return Ok(quote!(::core::concat!(#(#pieces,)* #text).trim_ascii()));
    }
    if text.is_empty() {
        return Err(Error::new_spanned(
            &function.sig.ident,
            format!(
                "the tool `{}` has no doc comment, and a model chooses a tool by its doc comment: \
                 write `/// What it does, and when to use it.` above the function",
                function.sig.ident
            ),
        ));
    }
    Ok(quote!(#text))
}

/// What stands right of the `=` of each `#[doc = ...]`.
fn lines(function: &ItemFn) -> impl Iterator<Item = &Expr> {
    function.attrs.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => Some(&meta.value),
        _ => None,
    })
}
