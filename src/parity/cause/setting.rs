//! Causes that lie in time zone, language, variables and folders.

use super::Failing;
use crate::parity::differences;

/// The clock shows another hour.
pub(super) fn time_zone(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "timezone",
        "time zone",
        "tzinfo",
        "tzset",
        "tzlocal",
        "zoneinfo",
        "pytz",
        "localtime",
        "gmtime",
        "mktime",
        "utc",
        "strftime",
        "fromtimestamp",
        "datetime.now",
        "datetime.today",
        "date.today",
    ];
    if !failing.speaks_of(&words) {
        return None;
    }
    let (there, elsewhere) = failing.differ(differences::time_zone)?;
    Some(format!(
        "the time zone is {there} in the {} and {elsewhere} in the {}; the variable TZ sets it",
        failing.fails, failing.passes
    ))
}

/// Text files have another encoding.
pub(super) fn encoding(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "unicodedecodeerror",
        "unicodeencodeerror",
        "codec can't",
        "encoding",
        "surrogate",
        "\\udc",
    ];
    if !failing.speaks_of(&words) {
        return None;
    }
    let of = |facts: &crate::record::JobFacts| {
        let python = facts.python.as_ref()?;
        Some((
            python.encoding.to_lowercase(),
            python.file_names.to_lowercase(),
        ))
    };
    let ((there, names), (elsewhere, names_elsewhere)) = failing.differ(of)?;
    let (what, there, elsewhere) = if there == elsewhere {
        ("names of files", names, names_elsewhere)
    } else {
        ("text files", there, elsewhere)
    };
    Some(format!(
        "{what} are {there} in the {} and {elsewhere} in the {}; LANG=C.UTF-8 makes them UTF-8",
        failing.fails, failing.passes
    ))
}

/// Programs speak another language, or one that is not installed.
pub(super) fn language(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "locale",
        "setlocale",
        "lc_all",
        "strcoll",
        "strxfrm",
        "gettext",
        "decimal separator",
        "localeconv",
    ];
    if !failing.speaks_of(&words) {
        return None;
    }
    let installed = "unsupported locale setting";
    match failing.differ(differences::language) {
        Some((there, elsewhere)) => Some(format!(
            "the language (LC_ALL, LANG) is {there} in the {} and {elsewhere} in the {}",
            failing.fails, failing.passes
        )),
        None => failing.lower.contains(installed).then(|| {
            format!(
                "the {} lacks a locale that the {} has; the package `locales` and `locale-gen` make it",
                failing.fails, failing.passes
            )
        }),
    }
}

/// A variable is set on one side only.
pub(super) fn variable(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "environ", "getenv", "keyerror", "variable", "not set", "unset", "setenv",
    ];
    if !failing.speaks_of(&words) {
        return None;
    }
    let (there, elsewhere) = (
        failing.there.variables.as_ref()?,
        failing.elsewhere.variables.as_ref()?,
    );
    let named = |name: &&String| name.len() > 2 && holds_word(&failing.text, name);
    let missing = elsewhere
        .keys()
        .filter(|name| !there.contains_key(*name))
        .find(named);
    let added = there
        .keys()
        .filter(|name| !elsewhere.contains_key(*name))
        .find(named);
    let (fails, passes) = (failing.fails, failing.passes);
    match (missing, added) {
        (Some(name), _) => Some(format!("the variable {name} is set only in the {passes}")),
        (None, Some(name)) => Some(format!("the variable {name} is set only in the {fails}")),
        (None, None) => {
            let (name, value) = there.iter().find(|(name, value)| {
                // Folders differ in any case; what is made of them tells more.
                !["PATH", "PWD", "HOME"].contains(&name.as_str())
                    && value.is_some()
                    && elsewhere.get(*name).is_some_and(|other| other != *value)
                    && named(name)
            })?;
            let other = elsewhere.get(name).cloned().flatten().unwrap_or_default();
            let value = value.clone().unwrap_or_default();
            Some(format!(
                "the variable {name} is `{value}` in the {fails} and `{other}` in the {passes}"
            ))
        }
    }
}

/// Whether a name stands in a text, and not as a part of a longer one.
pub(super) fn holds_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The home folder is another one.
pub(super) fn home(failing: &Failing<'_>) -> Option<String> {
    let (there, elsewhere) = failing.differ(|facts| facts.home.clone())?;
    let places = [&there, &elsewhere];
    let named = places.iter().any(|place| {
        let place = format!("{}/", place.trim_end_matches('/'));
        place.len() > 2 && failing.text.contains(&place)
    });
    let words = [
        "expanduser",
        "path.home",
        "~/",
        "\"home\"",
        "'home'",
        "$home",
        "/root",
    ];
    (named || failing.speaks_of(&words)).then(|| {
        format!(
            "the home folder is {there} in the {} and {elsewhere} in the {}",
            failing.fails, failing.passes
        )
    })
}
