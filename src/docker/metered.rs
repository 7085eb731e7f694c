//! Reading tar streams that nobody trusts: headers that do not end.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Most bytes of headers in front of one entry, long names and extensions included: the
/// library holds them in memory.
const HEADERS: u64 = 1024 * 1024;

/// A stream that ends with an error where more is read of it than was foreseen.
pub(crate) struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

/// What may still be read of a [`Metered`] stream.
pub(crate) struct Meter(Rc<Cell<u64>>);

impl<R: Read> Metered<R> {
    /// The stream, of which the headers of a first entry may be read, and its meter.
    pub(crate) fn new(inner: R) -> (Self, Meter) {
        let left = Rc::new(Cell::new(HEADERS));
        let metered = Self {
            inner,
            left: Rc::clone(&left),
        };
        (metered, Meter(left))
    }
}

impl Meter {
    /// Lets the content of an entry be read, and the headers of the next one.
    pub(crate) fn allow(&self, content: u64) {
        self.0.set(content.saturating_add(HEADERS));
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "more than 1 MiB of headers for one entry",
            ));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let read = self
            .inner
            .read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left.set(left.saturating_sub(read as u64));
        Ok(read)
    }
}

/// Bytes that the stream holds of an entry: of a sparse file less than its size.
///
/// # Errors
/// The entry's header is wrong.
pub(crate) fn held_bytes<R: Read>(entry: &tar::Entry<'_, R>) -> io::Result<u64> {
    if entry.header().entry_type().is_gnu_sparse() {
        entry.header().entry_size()
    } else {
        Ok(entry.size())
    }
}
