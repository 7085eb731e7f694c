//! The signatures, a file for each matter.

mod builds;
mod docker;
mod files;
mod git;
mod github;
mod install;
mod machine;
mod network;
mod pytest;
mod python;
mod results;
mod services;
mod shell;

use super::signature::Signature;

/// All signatures.
pub(crate) fn all() -> impl Iterator<Item = &'static Signature> {
    [
        docker::SIGNATURES,
        builds::SIGNATURES,
        network::SIGNATURES,
        machine::SIGNATURES,
        files::SIGNATURES,
        git::SIGNATURES,
        shell::SIGNATURES,
        services::SIGNATURES,
        install::SIGNATURES,
        python::SIGNATURES,
        pytest::SIGNATURES,
        results::SIGNATURES,
        github::SIGNATURES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;
    use crate::triage::Matcher;

    #[test]
    fn each_has_its_example_and_not_its_near_miss() {
        let matcher = Matcher::new();
        let mut wrong = Vec::new();
        for signature in all() {
            if !matcher
                .of(signature.example)
                .signatures
                .iter()
                .any(|one| one.id == signature.id)
            {
                wrong.push(format!("{} is not in: {}", signature.id, signature.example));
            }
            if matcher
                .of(signature.near_miss)
                .signatures
                .iter()
                .any(|one| one.id == signature.id)
            {
                wrong.push(format!("{} is in: {}", signature.id, signature.near_miss));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn ids_are_unique_and_there_are_many() {
        let ids: BTreeSet<&str> = all().map(|one| one.id).collect();
        assert_eq!(ids.len(), all().count());
        assert!(ids.len() >= 80, "{}", ids.len());
        for one in all() {
            assert!(
                !one.words.is_empty() && one.words.iter().all(|word| word.len() >= 2),
                "{}",
                one.id
            );
            assert!(
                !one.cause.ends_with('.') && !one.next.ends_with('.'),
                "{}",
                one.id
            );
            assert_ne!(one.example, one.near_miss, "{}", one.id);
        }
    }
}
