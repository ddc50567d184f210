//! `#[tool] fn ...`

mod description;
mod options;
mod signature;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Error, Item, ItemFn};

use options::Options;
use signature::Signature;

/// The type that stands for a tool function. Its name is what the compiler
/// prints when `export!` is given a function that has no `#[tool]`.
pub fn tool_type(function: &Ident) -> Ident {
    format_ident!("__tool_attribute_of_{}", function.unraw(), span = function.span())
}

pub fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let function = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Fn(function)) => function,
        Ok(other) => {
            let error = Error::new_spanned(
                &other,
                "`#[mpp_guest::tool]` goes on a function: `fn word_count(input: Input) -> Output`",
            )
            .into_compile_error();
            return quote!(#other #error);
        }
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#item #error);
        }
    };
    let tool = read(options, &function).unwrap_or_else(|error| {
        let error = error.into_compile_error();
        let stand_in = stand_in(&function);
        quote!(#error #stand_in)
    });
    quote!(#function #tool)
}

/// Everything that is wrong with the function, or its implementation.
fn read(options: TokenStream, function: &ItemFn) -> syn::Result<TokenStream> {
    let signature = Signature::read(function);
    let description = description::read(function);
    let options = Options::read(options, &function.sig.ident);
    let (signature, description, options) = all(signature, description, options)?;

    let Options { name, title } = options;
    let title = match title {
        Some(title) => quote!(::core::option::Option::Some(#title)),
        None => quote!(::core::option::Option::None),
    };
    let about = quote! {
        ::mpp_guest::rt::About { name: #name, title: #title, description: #description }
    };
    Ok(implement(function, &about, &signature.answer()))
}

/// What keeps `export!` from complaining a second time about a function that
/// was refused. In an `impl`, where a method stands, it would be one mistake
/// more.
fn stand_in(function: &ItemFn) -> TokenStream {
    if function.sig.receiver().is_some() {
        return TokenStream::new();
    }
    let about = quote! {
        ::mpp_guest::rt::About {
            name: "",
            title: ::core::option::Option::None,
            description: "",
        }
    };
    implement(function, &about, &quote!(::core::unreachable!()))
}

fn implement(function: &ItemFn, about: &TokenStream, answer: &TokenStream) -> TokenStream {
    let tool = tool_type(&function.sig.ident);
    let visibility = &function.vis;
    let conditions: Vec<&Attribute> =
        function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        #visibility struct #tool {}

        #(#conditions)*
        impl ::mpp_guest::rt::Tool for #tool {
            const ABOUT: ::mpp_guest::rt::About = #about;

            fn answer(ask: ::mpp_guest::rt::Ask<'_>) -> ::mpp_guest::rt::Answer {
                #answer
            }
        }
    }
}

/// All three, or all their errors at once.
fn all<A, B, C>(a: syn::Result<A>, b: syn::Result<B>, c: syn::Result<C>) -> syn::Result<(A, B, C)> {
    match (a, b, c) {
        (Ok(a), Ok(b), Ok(c)) => Ok((a, b, c)),
        (a, b, c) => {
            let errors = [a.err(), b.err(), c.err()].into_iter().flatten();
            let error = errors.reduce(|mut all, next| {
                all.combine(next);
                all
            });
            Err(error.expect("one of them is no Ok"))
        }
    }
}
