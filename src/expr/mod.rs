//! Expressions: what stands between `${{` and `}}`, and in `if:`.
//!
//! This room reads and evaluates the expression language of GitHub Actions as GitHub's
//! runner does, down to the wording of its errors. It is pure: contexts, the state of
//! the job and the hashing of files come in through a [`Scope`](scope::Scope).
//!
//! - [`parser`] turns the text of one expression into an [`Expr`](ast::Expr);
//! - [`mod@eval`] evaluates it to a [`Value`];
//! - [`Template`] is a text with `${{ … }}` in it;
//! - [`condition()`] is the text of an `if:`.
//!
//! The rules come from the documentation ("Evaluate expressions in workflows and
//! actions", docs.github.com) and, where that is silent, from the source of
//! actions/runner: `src/Sdk/Expressions` and `src/Sdk/WorkflowParser`. What a user
//! writes can be of any shape, so nothing here recurses without a limit.

mod allowed;
mod ast;
mod compare;
mod condition;
mod error;
mod eval;
mod fold;
mod foresee;
mod format;
mod format_json;
mod functions;
mod lexer;
mod number;
mod parser;
mod read_json;
mod scope;
mod template;
mod terms;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use allowed::{Allowed, FnSpec, Function};
pub(crate) use ast::NameRef;
pub(crate) use compare::equal;
pub(crate) use condition::condition;
pub(crate) use error::ExprError;
pub(crate) use eval::eval;
pub(crate) use foresee::Known;
pub(crate) use parser::parse_with;
pub(crate) use scope::{Contexts, StatusCheck};
pub(crate) use template::Template;
pub(crate) use terms::Terms;
pub(crate) use value::{Object, Value};
