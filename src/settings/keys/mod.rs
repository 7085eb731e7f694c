//! Every key of `seatrial.toml`: its form, its default and what it means. Of this table are made
//! the file that `seatrial init` writes and the JSON schema; the tests hold it against what
//! [`ConfigFile`](super::ConfigFile) reads.

mod checks;
mod schema;
mod table;
mod template;

#[cfg(test)]
mod tests;

pub(crate) use schema::schema;
pub(crate) use template::template;

/// All tables, in the order in which a file has them.
fn tables() -> impl Iterator<Item = &'static Table> {
    table::TABLES.iter().chain(checks::TABLES)
}

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A text that says something.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// A whole number within these limits.
    Whole(i64, i64),
    /// A number within these limits.
    Number(f64, f64),
    /// A size in bytes: `512m`.
    Size,
    /// A day: `2030-01-31`.
    Day,
    /// A list.
    List(&'static Form),
    /// One of two forms.
    Either(&'static Form, &'static Form),
    /// A table of names that the user chooses.
    Map(&'static Form),
    /// A table of these keys.
    Table(&'static [Key]),
}

/// A key.
#[derive(Debug, Clone, Copy)]
struct Key {
    /// Its name, without that of its table.
    name: &'static str,
    /// What may stand behind it.
    form: Form,
    /// Whether its table needs it.
    needed: bool,
    /// A sensible value, as TOML writes it.
    example: &'static str,
    /// What holds without it, in words; empty where nothing does.
    default: &'static str,
    /// What it means, one sentence without its end.
    meaning: &'static str,
}

/// A table of the file; the first has no name.
#[derive(Debug, Clone, Copy)]
struct Table {
    /// Its name, as its head has it; empty for what stands before the first.
    name: &'static str,
    /// What it is about.
    meaning: &'static str,
    /// Whether the file may have several of it: `[[scan.ignore]]`.
    repeated: bool,
    /// What may stand in it.
    content: Content,
}

/// What may stand in a table.
#[derive(Debug, Clone, Copy)]
enum Content {
    /// These keys.
    Keys(&'static [Key]),
    /// Names that the user chooses; an example, as TOML writes it.
    Names(Form, &'static str),
}
