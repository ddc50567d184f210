//! The contract of `wit/`, as the engine's macro turns it into Rust.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "mpp:tool/tool",
    imports: {
        "mpp:tool/http.send": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: {
        "mpp:tool/fs.reader": crate::capability::filesystem::Reader,
        "mpp:tool/fs-write.writer": crate::capability::filesystem::Writer,
    },
    require_store_data_send: true,
});
