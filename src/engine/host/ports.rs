//! Ports of this machine that jobs publish services at. On GitHub each job has a machine
//! of its own; here, jobs that want the same port have it one after the other.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::super::JobSpec;

/// A port by its number and protocol.
type Port = (u16, String);

/// The ports that jobs of a run have.
#[derive(Debug, Default)]
pub(super) struct Ports {
    taken: Mutex<BTreeSet<Port>>,
    freed: Notify,
}

/// Ports that a job has, until this is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    of: Arc<Ports>,
    ports: BTreeSet<Port>,
}

/// The ports of the machine that the services of a job name.
pub(super) fn fixed(spec: &JobSpec) -> BTreeSet<Port> {
    spec.services
        .iter()
        .flat_map(|service| &service.options.ports)
        .filter_map(|port| Some((port.host?, port.protocol.clone())))
        .collect()
}

impl Ports {
    /// Waits until all of the ports are free, and takes them. All at once: two jobs never
    /// wait for each other.
    pub(super) async fn take(all: &Arc<Self>, wanted: &BTreeSet<Port>) -> Taken {
        loop {
            let freed = all.freed.notified();
            tokio::pin!(freed);
            // From here on, nothing that is freed goes unnoticed.
            freed.as_mut().enable();
            {
                let mut taken = all.taken.lock().unwrap_or_else(PoisonError::into_inner);
                if taken.is_disjoint(wanted) {
                    taken.extend(wanted.iter().cloned());
                    return Taken {
                        of: Arc::clone(all),
                        ports: wanted.clone(),
                    };
                }
            }
            freed.await;
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|port| !self.ports.contains(port));
        drop(taken);
        self.of.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_port_is_had_by_one_job_at_a_time() {
        let set = |ports: &[u16]| -> BTreeSet<Port> {
            ports.iter().map(|port| (*port, "tcp".to_owned())).collect()
        };
        let ports = Arc::new(Ports::default());
        let first = Ports::take(&ports, &set(&[5432, 6379])).await;
        let _other = Ports::take(&ports, &set(&[80])).await;
        let wanted = set(&[6379]);
        let mut second = std::pin::pin!(Ports::take(&ports, &wanted));
        let soon = Duration::from_secs(1);
        assert!(tokio::time::timeout(soon, &mut second).await.is_err());
        drop(first);
        let second = tokio::time::timeout(soon, second).await.unwrap();
        drop(second);
        assert_eq!(*ports.taken.lock().unwrap(), set(&[80]));
    }
}
