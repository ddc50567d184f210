//! The contract of `wit/`, as the engine's macro turns it into Rust.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "mpp:tool/tool",
    // What acts outside the sandbox waits for the gate first, and what reads files
    // may wait for them.
    imports: {
        "mpp:tool/fs.open": async | trappable,
        "mpp:tool/fs.stat": async | trappable,
        "mpp:tool/fs.read-directory": async | trappable,
        "mpp:tool/fs.[method]reader.read": async | trappable,
        "mpp:tool/fs-write": async | trappable,
        "mpp:tool/http.send": async | trappable,
        "mpp:tool/progress": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: {
        "mpp:tool/fs.reader": crate::capability::filesystem::Reader,
        "mpp:tool/fs-write.writer": crate::capability::filesystem::Writer,
    },
    require_store_data_send: true,
});
