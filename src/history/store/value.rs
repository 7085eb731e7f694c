//! Values of the database: the few kinds that both drivers have.

use super::error::StoreError;

/// A value of a column, or of a query's `$1`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `DOUBLE PRECISION`.
    Real(f64),
    /// `TEXT`.
    Text(String),
    /// `BYTEA`.
    Bytes(Vec<u8>),
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(i64::from(yes))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

/// PostgreSQL's texts hold no NUL, which no name has for a good reason.
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.replace('\0', "\u{fffd}"))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row that is read from left to right.
#[derive(Debug)]
pub(super) struct Row(std::vec::IntoIter<Value>);

impl Row {
    /// A row of these values.
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    fn next(&mut self) -> Result<Value, StoreError> {
        let next = self.0.next();
        next.ok_or_else(|| StoreError::damaged("a column is missing"))
    }

    /// A text.
    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        self.maybe_text()?.ok_or_else(wrong)
    }

    /// A text, or nothing.
    pub(super) fn maybe_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.next()? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            _ => Err(wrong()),
        }
    }

    /// A number that is not negative.
    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        self.maybe_number()?.ok_or_else(wrong)
    }

    /// A number that is not negative, or nothing.
    pub(super) fn maybe_number(&mut self) -> Result<Option<u64>, StoreError> {
        match self.next()? {
            Value::Int(number) => Ok(Some(u64::try_from(number).map_err(|_| wrong())?)),
            Value::Null => Ok(None),
            _ => Err(wrong()),
        }
    }

    /// A number of things.
    pub(super) fn count(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.number()?).map_err(|_| wrong())
    }

    /// Yes or no.
    pub(super) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.number()? != 0)
    }

    /// Yes, no, or nothing.
    pub(super) fn maybe_flag(&mut self) -> Result<Option<bool>, StoreError> {
        Ok(self.maybe_number()?.map(|number| number != 0))
    }

    /// A number with a fraction, or nothing. SQLite gives whole ones without.
    #[expect(
        clippy::cast_precision_loss,
        reason = "percentages, which are far below 2^52"
    )]
    pub(super) fn maybe_real(&mut self) -> Result<Option<f64>, StoreError> {
        match self.next()? {
            Value::Real(number) => Ok(Some(number)),
            Value::Int(number) => Ok(Some(number as f64)),
            Value::Null => Ok(None),
            _ => Err(wrong()),
        }
    }

    /// Bytes.
    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.next()? {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(wrong()),
        }
    }
}

fn wrong() -> StoreError {
    StoreError::damaged("a column holds what it cannot hold")
}
