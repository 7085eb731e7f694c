//! What a step that uses an action comes to: asked for where files are fetched, where
//! steps are planned and where an image is chosen, and answered once, here.

use super::super::action_use::action_source;
use super::super::sources::Origin;
use super::{ActionRef, BuiltIn, Refused, Skipped};

/// What becomes of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The user wants it skipped.
    SkippedBySettings,
    /// It is left out on purpose.
    LeftOut(&'static Skipped),
    /// It cannot be done here.
    Refused(&'static Refused),
    /// Seatrial stands in for it.
    BuiltIn(BuiltIn),
    /// Its own code is run, which lies there: the repository and the folder in it.
    OwnCode(Origin, String),
    /// It is nothing but an image.
    Image,
    /// It is none: the value of `uses` has no form of an action's.
    None,
}

impl Meaning {
    /// The meaning of a value of `uses`. `skipped` are the actions that the user wants
    /// skipped, `owner/repo[/path]`.
    pub(crate) fn of(uses: &str, skipped: &[String]) -> Self {
        match ActionRef::parse(uses) {
            Some(ActionRef::Docker(_)) => return Self::Image,
            Some(ActionRef::Repository { name, .. }) => {
                if skipped.iter().any(|one| one.eq_ignore_ascii_case(&name)) {
                    return Self::SkippedBySettings;
                }
                if let Some(known) = Self::known(&name) {
                    return known;
                }
            }
            Some(ActionRef::Local(_)) => {}
            None => return Self::None,
        }
        match action_source(uses) {
            Some((origin, folder)) => Self::OwnCode(origin, folder),
            None => Self::None,
        }
    }

    /// That of an action, by `owner/repo[/path]` in lower case, whose code is never run.
    fn known(name: &str) -> Option<Self> {
        let left_out = Skipped::of(name).map(Self::LeftOut);
        left_out
            .or_else(|| Refused::of(name).map(Self::Refused))
            .or_else(|| BuiltIn::of(name).map(Self::BuiltIn))
    }
}

#[cfg(test)]
mod tests {
    use super::super::OwnCode;
    use super::*;

    #[test]
    fn every_form_has_one_meaning() {
        let skipped = ["Acme/Notify".to_owned(), "actions/checkout".to_owned()];
        let of = |uses: &str| Meaning::of(uses, &skipped);
        assert_eq!(of("acme/notify@v1"), Meaning::SkippedBySettings);
        // What the user says goes before what seatrial knows.
        assert_eq!(of("actions/checkout@v4"), Meaning::SkippedBySettings);
        assert_eq!(
            of("Actions/Cache@v4"),
            Meaning::BuiltIn(BuiltIn::of("actions/cache").unwrap_or(BuiltIn::Checkout))
        );
        assert!(matches!(of("azure/login@v2"), Meaning::LeftOut(_)));
        assert!(matches!(
            of("actions/github-script@v7"),
            Meaning::Refused(_)
        ));
        assert_eq!(
            of("./a/b/"),
            Meaning::OwnCode(Origin::Here, "a/b".to_owned())
        );
        assert!(matches!(
            of("acme/tools/x@v1"),
            Meaning::OwnCode(Origin::Remote { .. }, folder) if folder == "x"
        ));
        assert_eq!(of("docker://alpine"), Meaning::Image);
        for none in ["acme/tools", "a/b@", "./../b", ""] {
            assert_eq!(of(none), Meaning::None, "{none}");
        }
    }

    #[test]
    fn the_code_of_some_is_run_although_they_have_a_row() {
        for name in OwnCode::ALL.iter().flat_map(|row| row.names) {
            let uses = format!("{name}@v1");
            assert!(matches!(
                Meaning::of(&uses, &[]),
                Meaning::OwnCode(Origin::Remote { .. }, _)
            ));
        }
    }
}
