//! The file that `seatrial init` writes: every key with its meaning, none of them in force.

use super::{Content, Form, Key, Table, tables};

/// The text of a new `seatrial.toml`. Each line that says something is a comment; without its
/// `# ` the whole is a file that holds.
pub(crate) fn template() -> String {
    let mut text = format!("#:schema {}\n", super::schema::ID);
    text.push_str(
        "\n# What seatrial cannot see in the workflow. Every key is optional, and all of them are\n\
         # comments: take the # off a key and off the [table] above it to set it.\n",
    );
    for table in tables() {
        text.push('\n');
        one(&mut text, table);
    }
    text
}

fn one(text: &mut String, table: &Table) {
    text.push_str(&format!("## {}.\n", table.meaning));
    match (table.name, table.repeated) {
        ("", _) => {}
        (name, true) => text.push_str(&format!("# [[{name}]]\n")),
        (name, false) => text.push_str(&format!("# [{name}]\n")),
    }
    match table.content {
        Content::Names(_, example) => text.push_str(&format!("# {example}\n")),
        Content::Keys(keys) => {
            for key in keys {
                text.push_str(&of_key(key));
            }
        }
    }
}

fn of_key(key: &Key) -> String {
    let mut words = key.meaning.to_owned();
    if let Some(range) = range(key.form) {
        words.push_str(&format!(" ({range})"));
    }
    if !key.default.is_empty() {
        words.push_str(&format!(". Default: {}", key.default));
    }
    format!("## {words}\n# {} = {}\n", key.name, key.example)
}

/// What a value may be, where its example does not say it.
fn range(form: Form) -> Option<String> {
    match form {
        Form::Word(words) => Some(words.join(", ")),
        Form::Whole(least, most) => Some(format!("{least} to {most}")),
        Form::Number(least, most) if most <= 100.0 => Some(format!("{least} to {most}")),
        _ => None,
    }
}
