#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seatrial::fuzz::coverage_data(data));
