//! The instructions of a Dockerfile with their lines, as text: to say where something is.

/// An instruction and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct TextLine {
    /// The line that it begins on, from 1.
    pub(crate) line: usize,
    /// Name of its stage, else its number from 0.
    stage: (Option<String>, usize),
    /// Its text in one line.
    pub(crate) text: String,
}

impl TextLine {
    /// Whether it is in a stage by the name that BuildKit gives it.
    pub(crate) fn is_in(&self, stage: &str) -> bool {
        match &self.stage {
            (Some(name), _) => name.eq_ignore_ascii_case(stage),
            (None, number) => stage == format!("stage-{number}"),
        }
    }
}

/// A text with single blanks.
pub(crate) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The instructions of a Dockerfile.
pub(crate) fn text_lines(dockerfile: &str) -> Vec<TextLine> {
    let escape = if dockerfile.contains("escape=`") {
        '`'
    } else {
        '\\'
    };
    let mut found: Vec<TextLine> = Vec::new();
    let mut continued = false;
    let mut stage = (None, 0);
    let mut stages = 0;
    for (index, line) in dockerfile.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let body = trimmed.trim_end_matches(escape);
        if !continued {
            let words: Vec<&str> = body.split_whitespace().collect();
            if words
                .first()
                .is_some_and(|word| word.eq_ignore_ascii_case("from"))
            {
                let name = words
                    .iter()
                    .position(|word| word.eq_ignore_ascii_case("as"));
                let name = name.and_then(|at| words.get(at + 1));
                stage = (name.map(|name| (*name).to_owned()), stages);
                stages += 1;
            }
            found.push(TextLine {
                line: index + 1,
                stage: stage.clone(),
                text: squeezed(body),
            });
        } else if let Some(last) = found.last_mut() {
            last.text = squeezed(&format!("{} {body}", last.text));
        }
        continued = trimmed.ends_with(escape);
    }
    found
}
