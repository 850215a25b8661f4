//! Memory and errors, the same for the decoder's and the encoder's module.

use fidelog_codec::Error;
use wasm_bindgen::prelude::*;

/// A quarter of the size of the standard one.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen(raw_module = "../error.mjs")]
extern "C" {
    /// What every function throws.
    pub type FidelogError;
    #[wasm_bindgen(js_name = moduleError)]
    fn module_error(detail: &str, kind: &str, stage: &str, offset: usize) -> FidelogError;
}

impl From<Error> for FidelogError {
    fn from(error: Error) -> Self {
        module_error(&error.detail, error.kind.name(), error.stage.name(), error.offset)
    }
}
