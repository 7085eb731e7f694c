//! The header `Link`, which names the next page (RFC 8288).

/// The address of the next page.
pub(super) fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, behind)) = rest.split_once('<') {
        let (address, behind) = behind.split_once('>')?;
        // Parameters end where the next address begins.
        let (parameters, more) = match behind.find('<') {
            Some(at) => behind.split_at(at),
            None => (behind, ""),
        };
        let is_next = parameters.split([';', ',']).any(|one| {
            one.trim()
                .strip_prefix("rel=")
                .is_some_and(|kind| kind.trim_matches('"').split(' ').any(|word| word == "next"))
        });
        if is_next {
            return Some(address);
        }
        rest = more;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_page() {
        let header = r#"<https://a/x?page=1>; rel="prev", <https://a/x?page=3>; rel="next", <https://a/x?page=9>; rel="last""#;
        assert_eq!(next(header), Some("https://a/x?page=3"));
        assert_eq!(next("<https://a>; rel=next"), Some("https://a"));
        for none in [
            "",
            "<",
            "<https://a>",
            "<https://a>; rel=\"last\"",
            "rel=next",
        ] {
            assert_eq!(next(none), None, "{none}");
        }
    }
}
