#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fidelog_fuzz::Target::InferAny.run(data));
