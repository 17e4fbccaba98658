#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| drop(tenshot_fuzz::targets::serve(data)));
