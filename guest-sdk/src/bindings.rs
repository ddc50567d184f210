//! What `wit_bindgen` makes of the contract in `wit/`. Not part of the API of
//! this crate: tools use the modules beside this one.
#![allow(
    missing_docs,
    unsafe_code,
    reason = "generated: the canonical ABI passes pointers across the component boundary"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "tool",
    pub_export_macro: true,
    export_macro_name: "export_handler",
    default_bindings_module: "mpp_guest::bindings",
});
