//! Coverage as Cobertura XML (`coverage.xml`), by the DTD coverage-04, with
//! coverage.py's `missing-branches` attribute.

mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;
