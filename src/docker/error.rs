//! What can go wrong between seatrial and an engine.

use std::time::Duration;

use crate::record::{Cause, Failure};

/// A failed call to the engine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DockerError {
    /// No engine listens there.
    #[error("no container engine answers at {address}: {detail}")]
    Unreachable {
        /// The address that was tried.
        address: String,
        /// What the system said.
        detail: String,
    },
    /// The engine accepted the call and did not answer in time.
    #[error("the engine did not answer `{call}` within {} s", .limit.as_secs())]
    Unresponsive {
        /// The call.
        call: &'static str,
        /// Its deadline.
        limit: Duration,
    },
    /// The engine refused the call.
    #[error("the engine refused `{call}` ({status}): {message}")]
    Refused {
        /// The call.
        call: &'static str,
        /// HTTP status code.
        status: u16,
        /// The engine's own words.
        message: String,
    },
    /// The connection broke, or the answer makes no sense.
    #[error("the connection to the engine broke during `{call}`: {detail}")]
    Broken {
        /// The call.
        call: &'static str,
        /// What happened.
        detail: String,
    },
    /// A container that was killed again and again still runs.
    #[error("the container {id} cannot be ended: one of its processes does not die")]
    Unkillable {
        /// The container.
        id: String,
    },
    /// The engine is older than what seatrial supports.
    #[error("the engine speaks API {found}, seatrial needs {needed} or newer")]
    TooOld {
        /// Newest API version of the engine.
        found: String,
        /// Oldest API version that seatrial supports.
        needed: String,
    },
    /// The address cannot be used.
    #[error("{0}")]
    Address(String),
}

impl DockerError {
    /// Whether the engine said that the thing does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Whether the engine said that the thing is being removed, or already is in
    /// the state that was asked for.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 409 | 304,
                ..
            }
        )
    }

    /// Whether a container could not start because the kernel has no IPv6: the runtime
    /// finds no file for the switch that gives it `::1` (or may not write it).
    pub(super) fn is_no_ipv6(&self) -> bool {
        let named = |message: &str| {
            message
                .replace('/', ".")
                .contains("net.ipv6.conf.lo.disable_ipv6")
        };
        matches!(self, Self::Refused { message, .. } if named(message))
    }

    /// Whether the same call may well succeed in a moment: its answer did not come
    /// through, or the engine is in trouble. What it says for good is believed.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Broken { .. } => true,
            Self::Refused { status, .. } => *status >= 500 && self.cause() == Cause::EngineError,
            _ => false,
        }
    }

    /// The published reason for this error.
    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::Unreachable { .. } | Self::Address(_) | Self::TooOld { .. } => {
                Cause::EngineUnreachable
            }
            Self::Unresponsive { .. } => Cause::EngineUnresponsive,
            Self::Broken { .. } => Cause::EngineLost,
            Self::Unkillable { .. } => Cause::Unkillable,
            Self::Refused { message, .. } => {
                let message = message.to_ascii_lowercase();
                if message.contains("no space left on device") {
                    Cause::HostDiskFull
                } else if message.contains("address pool") {
                    Cause::NetworkPoolExhausted
                } else if message.contains("port is already allocated")
                    || message.contains("address already in use")
                {
                    Cause::PortInUse
                } else {
                    Cause::EngineError
                }
            }
        }
    }

    /// The error as it is recorded.
    pub(crate) fn failure(&self) -> Failure {
        Failure::new(self.cause(), self.to_string())
    }

    /// Translates an error of the client library.
    pub(super) fn of(call: &'static str, error: &bollard::errors::Error) -> Self {
        use bollard::errors::Error as E;
        match error {
            E::DockerResponseServerError {
                status_code,
                message,
            } => Self::Refused {
                call,
                status: *status_code,
                message: message.trim().to_owned(),
            },
            E::DockerStreamError { error } => Self::Refused {
                call,
                status: 500,
                message: error.trim().to_owned(),
            },
            other => Self::Broken {
                call,
                detail: chain(other),
            },
        }
    }
}

/// The error and its sources on one line; the client library keeps the telling
/// part ("Connection refused") in a source.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let part = inner.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::DockerError;

    #[test]
    fn a_kernel_without_ipv6_is_recognised() {
        let refused = |message: &str| DockerError::Refused {
            call: "start container",
            status: 400,
            message: message.to_owned(),
        };
        for message in [
            // runc
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: open /proc/sys/net/ipv6/conf/lo/disable_ipv6: no such file or directory: unknown",
            // crun
            "crun: open `/proc/sys/net/ipv6/conf/lo/disable_ipv6`: No such file or directory: OCI runtime attempted to invoke a command that was not found",
            "sysctl \"net.ipv6.conf.lo.disable_ipv6\" is not in a separate kernel namespace: unknown",
        ] {
            assert!(refused(message).is_no_ipv6(), "{message}");
        }
        for message in [
            "exec: \"sh\": executable file not found in $PATH: unknown",
            "open /proc/sys/net/ipv4/ip_forward: no such file or directory",
        ] {
            assert!(!refused(message).is_no_ipv6(), "{message}");
        }
    }
}
