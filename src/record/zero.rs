//! Numbers that need not be written.

/// Whether a number says nothing and need not be written.
pub(crate) fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}
