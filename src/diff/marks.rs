//! The expressions of pytest's `-m` and `-k`: names, `and`, `or`, `not`, brackets (pytest's
//! documentation, "How to mark test functions with attributes" and "Selecting tests").

use crate::expr::Terms;

/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 30;

/// The expression as terms; one that cannot be read is a term of its own.
pub(super) fn terms(text: &str) -> Terms {
    let mut reader = Reader {
        words: words(text),
        at: 0,
        depth: 0,
    };
    let read = reader.either().filter(|_| reader.at == reader.words.len());
    read.unwrap_or_else(|| Terms::term(text.split_whitespace().collect::<Vec<_>>().join(" "), true))
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    // `mark(name='a b')` is one word.
    let mut word = String::new();
    let mut open = 0_usize;
    for one in text.chars() {
        let in_call = open > 0 || (one == '(' && !word.is_empty() && !is_operator(&word));
        match one {
            '(' if in_call => open += 1,
            ')' if open > 0 => open -= 1,
            '(' | ')' => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                words.push(one.to_string());
                continue;
            }
            _ if one.is_whitespace() && !in_call => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                continue;
            }
            _ => {}
        }
        word.push(one);
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn is_operator(word: &str) -> bool {
    matches!(word, "and" | "or" | "not")
}

struct Reader {
    words: Vec<String>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|one| one == word);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Option<Terms> {
        let mut all = self.both()?;
        while self.take("or") {
            all = all.or(&self.both()?)?;
        }
        Some(all)
    }

    fn both(&mut self) -> Option<Terms> {
        let mut all = self.one()?;
        while self.take("and") {
            all = all.and(&self.one()?)?;
        }
        Some(all)
    }

    fn one(&mut self) -> Option<Terms> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let found = if self.take("not") {
            self.one()?.not()
        } else if self.take("(") {
            let inner = self.either()?;
            self.take(")").then_some(inner)
        } else {
            let word = self.words.get(self.at).cloned()?;
            self.at += 1;
            (!is_operator(&word) && word != ")").then(|| Terms::term(word, true))
        };
        self.depth -= 1;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn narrower_expressions_imply_wider_ones() {
        for (narrow, wide) in [
            ("not slow and not db", "not slow"),
            ("unit", "unit or smoke"),
            ("not (slow or db)", "not db"),
            ("a and (b or c)", "a"),
            ("mark(x='a b') and y", "mark(x='a b')"),
        ] {
            assert!(terms(narrow).implies(&terms(wide)), "{narrow}");
            assert!(!terms(wide).implies(&terms(narrow)), "{wide}");
        }
        assert!(terms("a or").implies(&terms("a  or")));
        assert!(!terms("a or").implies(&terms("a")));
        let both = terms("slow").or(&terms("not slow"));
        assert!(both.is_some_and(|both| terms("x").implies(&both)));
        let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
        assert!(!terms(&deep).implies(&terms("a")));
    }
}
