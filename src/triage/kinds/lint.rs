//! What linters, type checkers and formatters say, and programs that miss a setting: no kind of
//! ours, but nothing else either.

use super::kinds;

kinds! {
    vague: false;
    Unknown:
        [": F401 "],
        [": F811 "],
        [": F821 "],
        [": F841 "],
        [": E501 "],
        [": E302 "],
        [": E231 "],
        [": W291 "],
        [": W293 "],
        [": W605 "],
        [": C901 "],
        [": D10"],
        [": I001 "],
        ["would reformat"],
        ["would be reformatted"],
        ["mports are incorrectly sorted"],
        ["Your code has been rated at"],
        [": error: ", "  [", "]"],
        [".py:", ": error: "],
        ["rrors in ", " file", "checked"],
        [" - error: ", "(report"],
        ["error TS"],
        ["hook id: "],
        ["files were modified by this hook"],
        [">> Issue: ["],
        ["known vulnerabilit"],
        ["nvironment variable", "not set"],
        ["nvironment variable", "is required"],
        ["nvironment variable", "not found"],
        ["nvironment variable", "missing"],
        ["issing", "environment variable"],
        ["Set the ", " environment variable"],
        ["UndefinedValueError"],
        ["validation error for Settings"],
        ["validation errors for Settings"],
        ["ImproperlyConfigured: Set the"],
        ["SystemCheckError"],
        ["KeyError: '", "_KEY'"],
        ["KeyError: '", "_URL'"],
        ["KeyError: '", "_TOKEN'"],
        ["Invalid or missing license"],
        ["WARNING: document isn't included in any toctree"],
        ["In ", " line ", "SC2"];
}
