//! From tokens to simple commands (POSIX "Shell Grammar").

use super::directory::follow;
use super::lexer::tokens;
use super::token::{Token, Word};
use super::{Command, Link};

/// Nesting of compound commands; deeper brackets and keywords are passed over.
const MAX_DEPTH: usize = 60;

/// Nesting of command substitutions whose commands are listed.
const MAX_SUBSTITUTIONS: usize = 4;

/// The commands of a script that starts in `directory` and stands in `nesting`
/// command substitutions.
pub(super) fn parse_at(script: &str, nesting: usize, directory: Option<String>) -> Vec<Command> {
    let (tokens, lines) = tokens(script);
    let mut parser = Parser {
        tokens,
        lines,
        at: 0,
        commands: Vec::new(),
        directory,
        nesting,
        depth: 0,
        statements: 0,
    };
    while parser.at < parser.tokens.len() {
        parser.list(Place::default(), &[]);
        // Whatever stopped the list closes nothing.
        parser.at += 1;
    }
    parser.commands
}

/// Where in the script the parser is.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    condition: bool,
    conditional: bool,
}

impl Place {
    const BRANCH: Self = Self {
        condition: false,
        conditional: true,
    };
}

struct Parser {
    tokens: Vec<Token>,
    lines: Vec<usize>,
    at: usize,
    commands: Vec<Command>,
    directory: Option<String>,
    nesting: usize,
    depth: usize,
    /// Lists that began outside of all compound commands.
    statements: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn plain_word(&self) -> Option<&str> {
        match self.peek()? {
            Token::Word(word) if word.quoted_at.is_none() => Some(&word.text),
            _ => None,
        }
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, text: &str) -> bool {
        let found = self.plain_word() == Some(text);
        self.at += usize::from(found);
        found
    }

    fn skip_separators(&mut self) {
        while self.take(&Token::Separator) {}
    }

    /// Commands up to one of the keywords, `)` or `;;`, which is left there.
    fn list(&mut self, place: Place, until: &[&str]) {
        loop {
            self.skip_separators();
            match self.peek() {
                None | Some(Token::Close | Token::CaseEnd) => return,
                _ if self.plain_word().is_some_and(|word| until.contains(&word)) => return,
                _ => self.and_or(place),
            }
        }
    }

    fn and_or(&mut self, place: Place) {
        self.statements += usize::from(self.depth == 0);
        let first = self.commands.len();
        let before = self.directory.clone();
        let mut place = place;
        let mut after_or = false;
        let mut masked = first;
        let mut link = Link::Sequence;
        loop {
            let start = self.commands.len();
            let from = self.directory.clone();
            let succeeds = self.pipeline(place);
            self.linked(start, link);
            if after_or {
                if self.directory != from {
                    self.directory = None;
                }
                if succeeds {
                    masked = start;
                }
            }
            if self.take(&Token::And) {
                after_or = false;
                link = Link::And;
            } else if self.take(&Token::Or) {
                after_or = true;
                link = Link::Or;
                place.conditional = true;
            } else {
                break;
            }
            self.skip_separators();
        }
        for command in self.commands.iter_mut().take(masked).skip(first) {
            command.or_true = true;
        }
        if self.take(&Token::Background) {
            self.directory = before;
            for command in self.commands.iter_mut().skip(first) {
                command.background = true;
            }
        }
    }

    /// Notes what stands before the first command from `start` on.
    fn linked(&mut self, start: usize, link: Link) {
        let later = self.commands.get_mut(start..).unwrap_or_default();
        // What is substituted into it runs before it.
        if let Some(first) = later.iter_mut().find(|command| !command.substituted)
            && first.after == Link::Sequence
        {
            first.after = link;
        }
    }

    /// Whether the last command of the pipeline is sure to succeed.
    fn pipeline(&mut self, place: Place) -> bool {
        let before = self.directory.clone();
        let mut start = self.commands.len();
        let mut piped = false;
        self.element(place);
        while self.take(&Token::Pipe) {
            piped = true;
            for command in self.commands.iter_mut().skip(start) {
                command.piped = true;
            }
            self.skip_separators();
            start = self.commands.len();
            self.directory.clone_from(&before);
            self.element(place);
            self.linked(start, Link::Pipe);
        }
        if piped {
            self.directory = before;
        }
        self.commands
            .iter()
            .skip(start)
            .rfind(|command| !command.substituted)
            .is_some_and(succeeds)
    }

    /// A simple or a compound command. Always moves on.
    fn element(&mut self, place: Place) {
        while self.take_word("!") || self.take_word("time") {
            self.take_word("-p");
        }
        let start = self.commands.len();
        let before = self.directory.clone();
        self.depth += 1;
        let compound = self.depth <= MAX_DEPTH && self.compound(place, &before);
        self.depth -= 1;
        if compound {
            // `done > file`: one command that writes is enough to tell.
            let writes = self.redirects();
            if let Some(last) = self.commands.get_mut(start..).and_then(<[_]>::last_mut) {
                last.writes.extend(writes);
            }
        } else {
            self.simple(place);
        }
    }

    fn compound(&mut self, place: Place, before: &Option<String>) -> bool {
        if self.take(&Token::Open) {
            self.list(place, &[]);
            self.take(&Token::Close);
            self.directory.clone_from(before);
            return true;
        }
        let Some(keyword) = self.plain_word() else {
            return false;
        };
        match keyword {
            "{" => {
                self.at += 1;
                self.list(place, &["}"]);
                self.take_word("}");
                return true;
            }
            "if" => self.branches(place),
            "while" | "until" => {
                self.at += 1;
                self.list(condition(place), &["do"]);
                self.take_word("do");
                self.body();
            }
            "for" | "select" => {
                while self.at < self.tokens.len() && !self.take_word("do") {
                    self.passed_over(place);
                }
                self.body();
            }
            "case" => self.case(place),
            "function" => {
                self.at += 2;
                if self.take(&Token::Open) {
                    self.take(&Token::Close);
                }
                self.function(before);
                return true;
            }
            "[[" => {
                self.test(place);
                return true;
            }
            "coproc" | "then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}" => {
                self.at += 1;
                return true;
            }
            _ => return false,
        }
        if self.directory != *before {
            self.directory = None;
        }
        true
    }

    fn branches(&mut self, place: Place) {
        self.at += 1;
        loop {
            self.list(condition(place), &["then", "fi"]);
            self.take_word("then");
            self.list(Place::BRANCH, &["elif", "else", "fi"]);
            if !self.take_word("elif") {
                break;
            }
        }
        if self.take_word("else") {
            self.list(Place::BRANCH, &["fi"]);
        }
        self.take_word("fi");
    }

    fn body(&mut self) {
        self.list(Place::BRANCH, &["done"]);
        self.take_word("done");
    }

    fn case(&mut self, place: Place) {
        while self.at < self.tokens.len() && !self.take_word("in") {
            self.passed_over(place);
        }
        loop {
            self.skip_separators();
            if self.take_word("esac") || self.peek().is_none() {
                return;
            }
            self.take(&Token::Open);
            while self.peek().is_some() && !self.take(&Token::Close) {
                self.at += 1;
            }
            self.list(Place::BRANCH, &["esac"]);
            if !self.take(&Token::CaseEnd) {
                self.take_word("esac");
                return;
            }
        }
    }

    fn function(&mut self, before: &Option<String>) {
        self.skip_separators();
        self.element(Place::BRANCH);
        self.directory.clone_from(before);
    }

    /// `[[ … ]]`: operators inside are words.
    fn test(&mut self, place: Place) {
        let mut command = self.command(place);
        while let Some(token) = self.peek() {
            let text = match token {
                Token::Word(word) => word.text.clone(),
                Token::And => "&&".to_owned(),
                Token::Or => "||".to_owned(),
                Token::Open => "(".to_owned(),
                Token::Close => ")".to_owned(),
                Token::Redirect(_) => "<>".to_owned(),
                Token::Pipe => "|".to_owned(),
                Token::Background => "&".to_owned(),
                Token::Separator | Token::CaseEnd => break,
            };
            self.at += 1;
            let last = text == "]]";
            command.words.push(text);
            if last {
                break;
            }
        }
        self.commands.push(command);
    }

    /// A token that is no command, whose substitutions still run.
    fn passed_over(&mut self, place: Place) {
        if let Some(Token::Word(word)) = self.peek() {
            let nested = word.nested.clone();
            let line = self.lines.get(self.at).copied().unwrap_or(0);
            self.substitutions(nested, place, line);
        }
        self.at += 1;
    }

    fn command(&self, place: Place) -> Command {
        Command {
            line: self.lines.get(self.at).copied().unwrap_or(0),
            statement: self.statements,
            condition: place.condition,
            conditional: place.conditional,
            directory: self.directory.clone(),
            ..Command::default()
        }
    }

    fn simple(&mut self, place: Place) {
        let start = self.at;
        let mut command = self.command(place);
        let mut nested = Vec::new();
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Redirect(_) => command.writes.extend(self.redirects()),
                Token::Word(word) => {
                    nested.extend(word.nested.iter().cloned());
                    match word.assignment() {
                        Some((name, value)) if command.words.is_empty() => {
                            command
                                .assignments
                                .push((name.to_owned(), value.to_owned()));
                        }
                        _ => command.words.push(word.text.clone()),
                    }
                    self.at += 1;
                }
                Token::Open
                    if command.words.len() == 1
                        && self.at == start + 1
                        && self.tokens.get(self.at + 1) == Some(&Token::Close) =>
                {
                    let before = self.directory.clone();
                    self.at += 2;
                    if self.depth < MAX_DEPTH {
                        self.depth += 1;
                        self.function(&before);
                        self.depth -= 1;
                    }
                    return;
                }
                _ => break,
            }
        }
        if self.at == start && self.peek() == Some(&Token::Open) {
            // Too deep for a subshell.
            self.at += 1;
        }
        self.substitutions(nested, place, command.line);
        if let Some(directory) = follow(&command.words, self.directory.as_deref()) {
            self.directory = directory;
        }
        if !(command.words.is_empty()
            && command.assignments.is_empty()
            && command.writes.is_empty())
        {
            self.commands.push(command);
        }
    }

    /// Takes redirections; gives the files written to.
    fn redirects(&mut self) -> Vec<String> {
        let mut writes = Vec::new();
        while let Some(Token::Redirect(to_file)) = self.peek() {
            let to_file = *to_file;
            self.at += 1;
            if let Some(Token::Word(Word { text, .. })) = self.peek() {
                if to_file {
                    writes.push(text.clone());
                }
                self.at += 1;
            }
        }
        writes
    }

    fn substitutions(&mut self, nested: Vec<String>, place: Place, line: usize) {
        if self.nesting >= MAX_SUBSTITUTIONS {
            return;
        }
        for script in nested {
            for mut command in parse_at(&script, self.nesting + 1, self.directory.clone()) {
                command.line += line;
                command.statement = self.statements;
                command.substituted = true;
                command.conditional |= place.conditional;
                self.commands.push(command);
            }
        }
    }
}

fn condition(place: Place) -> Place {
    Place {
        condition: true,
        ..place
    }
}

fn succeeds(command: &Command) -> bool {
    match command.name() {
        "true" | ":" | "echo" | "printf" => true,
        "exit" | "return" => command.words.get(1).is_some_and(|status| status == "0"),
        _ => false,
    }
}
