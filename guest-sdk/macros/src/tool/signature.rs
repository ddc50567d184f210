//! What a tool function takes and returns.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, ReturnType, Safety, Type};

/// The forms of a tool function, for the messages.
const EXPECTED: &str = "expected `fn tool(input: Input) -> Output`, where the argument may be \
                        absent, `context: &Context` may follow it, and the result may be a `Result`";

const GENERIC: &str = "a tool function cannot be generic: JSON Schemas are made from its types";

pub struct Signature {
    function: Ident,
    /// The type of the argument, if there is one.
    input: Option<Type>,
    /// Whether the context follows.
    context: bool,
    /// The type of the result; `()` if none is written.
    output: Type,
}

impl Signature {
    pub fn read(function: &ItemFn) -> syn::Result<Self> {
        let signature = &function.sig;
        refuse_qualifiers(signature)?;
        let (input, context) = arguments(signature)?;
        Ok(Self { function: signature.ident.clone(), input, context, output: output(signature)? })
    }

    /// The body of `Tool::answer`.
    pub fn answer(&self) -> TokenStream {
        let Self { function, input, context, output } = self;
        let input_type = match input {
            Some(input) => quote!(#input),
            None => quote!(::mpp_guest::rt::NoInput),
        };
        let mut arguments = Vec::new();
        arguments.extend(input.as_ref().map(|_| quote!(input)));
        arguments.extend(context.then(|| quote!(context)));
        let call = quote!(#function(#(#arguments),*));

        let (output_type, call) = if is_named(output, "Result") {
            let span = output.span();
            (
                quote_spanned!(span=> <#output as ::mpp_guest::rt::Fallible>::Output),
                quote_spanned!(span=>
                    ::mpp_guest::rt::result::<_, <#output as ::mpp_guest::rt::Fallible>::Error>(#call)
                ),
            )
        } else {
            (output.to_token_stream(), quote!(::core::result::Result::Ok(#call)))
        };
        quote! {
            ::mpp_guest::rt::answer::<#input_type, #output_type>(ask, |input, context| {
                let _ = (&input, context);
                #call
            })
        }
    }
}

fn refuse_qualifiers(signature: &syn::Signature) -> syn::Result<()> {
    if let Some(keyword) = &signature.asyncness {
        return refuse(
            keyword,
            "a tool function cannot be `async`: the host makes one plain call and waits; host \
             calls such as `mpp_guest::http::get` wait for their answers",
        );
    }
    if !matches!(signature.safety, Safety::Default) {
        return refuse(&signature.safety, "a tool function cannot be `unsafe`");
    }
    if let Some(keyword) = &signature.abi {
        return refuse(keyword, "a tool function cannot have another ABI");
    }
    let generics = &signature.generics;
    if !generics.params.is_empty() {
        return refuse(generics, GENERIC);
    }
    if let Some(clause) = &generics.where_clause {
        return refuse(clause, GENERIC);
    }
    Ok(())
}

/// The type of the argument, and whether the context follows.
fn arguments(signature: &syn::Signature) -> syn::Result<(Option<Type>, bool)> {
    let mut types = Vec::new();
    for argument in &signature.inputs {
        match argument {
            FnArg::Typed(argument) => types.push(&*argument.ty),
            FnArg::Receiver(receiver) => {
                return refuse(receiver, "a tool is a free function, not a method");
            }
        }
    }
    if let Some(variadic) = &signature.variadic {
        return refuse(variadic, "a tool function takes no variable arguments");
    }
    match types[..] {
        [] => Ok((None, false)),
        [one] if is_context(one) => Ok((None, true)),
        [input] => Ok((Some(by_value(input)?), false)),
        [input, context] => {
            if is_context(input) {
                return refuse(input, "the context comes after the argument");
            }
            let input = by_value(input)?;
            if !is_context(context) {
                return refuse(
                    context,
                    "the second parameter of a tool function is the context, `&Context`; put all \
                     arguments into one struct",
                );
            }
            Ok((Some(input), true))
        }
        [_, _, third, ..] => refuse(
            third,
            "a tool function takes one argument and perhaps the context; put all arguments into \
             one struct",
        ),
    }
}

fn by_value(input: &Type) -> syn::Result<Type> {
    match input {
        Type::Reference(_) => refuse(input, "a tool function takes its argument by value, without `&`"),
        Type::ImplTrait(_) => refuse(input, GENERIC),
        _ => Ok(input.clone()),
    }
}

fn output(signature: &syn::Signature) -> syn::Result<Type> {
    match &signature.output {
        ReturnType::Default => Ok(syn::parse_quote_spanned!(signature.ident.span()=> ())),
        ReturnType::Type(_, output) if matches!(**output, Type::ImplTrait(_)) => {
            refuse(output, "name the type of the result: the JSON Schema is made from it")
        }
        ReturnType::Type(_, output) => Ok((**output).clone()),
    }
}

fn is_context(argument: &Type) -> bool {
    match argument {
        Type::Reference(reference) => reference.mutability.is_none() && is_named(&reference.elem, "Context"),
        _ => false,
    }
}

/// Whether it is a path that ends in `name`.
fn is_named(kind: &Type, name: &str) -> bool {
    match kind {
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| segment.ident == name),
        Type::Group(group) => is_named(&group.elem, name),
        _ => false,
    }
}

fn refuse<T>(at: &impl ToTokens, reason: &str) -> syn::Result<T> {
    Err(Error::new_spanned(at, format!("{reason}\n{EXPECTED}")))
}
