#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seatrial::fuzz::packages(data));
