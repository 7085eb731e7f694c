//! What an assertion compares may hold any words: these come first.

use super::kinds;

kinds! {
    vague: false;
    Test:
        ["AssertionError"],
        ["E  ", "assert "],
        ["assertion failed"],
        ["ssertion `"];
}
