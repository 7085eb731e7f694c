//! Concurrency groups within one run (GitHub docs, "Control the concurrency of
//! workflows and jobs"): of each, one leg runs and one waits, unless `queue: max` lets
//! more of them wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::record::{Cause, Failure};

use super::stop::Cancel;

/// Most legs that wait in a group with `queue: max`.
const MAX_WAITING: usize = 100;

/// What a leg wants of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    /// The group's name. Names that differ in case are the same.
    pub(super) name: String,
    /// Whether the one that runs is to be cancelled.
    pub(super) cancel_in_progress: bool,
    /// `queue: max`: whether those that wait go on waiting.
    pub(super) queue_max: bool,
}

/// All groups of a run.
#[derive(Debug, Default)]
pub(super) struct Groups {
    all: Mutex<Members>,
}

#[derive(Debug, Default)]
struct Members {
    /// The number of the last member.
    last: u64,
    /// Members by the group's name in lower case: the first one runs, the others wait.
    groups: BTreeMap<String, Vec<Member>>,
}

#[derive(Debug)]
struct Member {
    id: u64,
    /// The members that it is a part of, which run until it has ended.
    within: Vec<u64>,
    state: watch::Sender<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waits,
    Runs,
    Cancelled,
}

impl Members {
    /// Whether a member could end only after one that waits for `asking`: the members
    /// around it run until it has ended.
    fn waits_for(&self, holder: u64, asking: &[u64], seen: &mut Vec<u64>) -> bool {
        if asking.contains(&holder) {
            return true;
        }
        if seen.contains(&holder) {
            return false;
        }
        seen.push(holder);
        self.groups.values().any(|members| {
            let Some(first) = members.first() else {
                return false;
            };
            members
                .iter()
                .skip(1)
                .any(|member| member.within.contains(&holder))
                && self.waits_for(first.id, asking, seen)
        })
    }
}

impl Groups {
    /// Queues for a group. `within` are the tickets of what the leg is a part of.
    ///
    /// # Errors
    /// It can never run: the queue is full, or it would wait for what waits for it.
    pub(super) fn enter(self: &Arc<Self>, wish: &Wish, within: &[u64]) -> Result<Ticket, Failure> {
        let refuse = |message: String| Failure::new(Cause::Superseded, message);
        let mut all = self.lock();
        let key = wish.name.to_lowercase();
        let holder = all
            .groups
            .get(&key)
            .and_then(|members| members.first())
            .map(|first| first.id);
        if holder.is_some_and(|holder| all.waits_for(holder, within, &mut Vec::new())) {
            return Err(refuse(format!(
                "cancelled since it could never begin: what it is a part of is in the \
                 concurrency group `{}`, or waits for it",
                wish.name
            )));
        }
        all.last += 1;
        let id = all.last;
        let members = all.groups.entry(key.clone()).or_default();
        if wish.queue_max && members.len() > MAX_WAITING {
            return Err(refuse(format!(
                "cancelled since {MAX_WAITING} wait already in the concurrency group `{}`",
                wish.name
            )));
        }
        if !wish.queue_max {
            for replaced in members.drain(1.min(members.len())..) {
                replaced.state.send_replace(State::Cancelled);
            }
        }
        let state = match members.first() {
            None => State::Runs,
            Some(first) => {
                if wish.cancel_in_progress {
                    first.state.send_replace(State::Cancelled);
                }
                State::Waits
            }
        };
        let (sender, receiver) = watch::channel(state);
        members.push(Member {
            id,
            within: within.to_vec(),
            state: sender,
        });
        Ok(Ticket {
            id,
            name: wish.name.clone(),
            key,
            state: receiver,
            groups: Arc::clone(self),
        })
    }

    fn leave(&self, key: &str, id: u64) {
        let mut all = self.lock();
        let Some(members) = all.groups.get_mut(key) else {
            return;
        };
        members.retain(|member| member.id != id);
        match members.first() {
            Some(next) => {
                next.state.send_if_modified(|state| {
                    let waits = *state == State::Waits;
                    if waits {
                        *state = State::Runs;
                    }
                    waits
                });
            }
            None => {
                all.groups.remove(key);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Members> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a group, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    /// Its number.
    pub(super) id: u64,
    name: String,
    key: String,
    state: watch::Receiver<State>,
    groups: Arc<Groups>,
}

impl Ticket {
    /// Whether another one of the group runs.
    pub(super) fn must_wait(&self) -> bool {
        *self.state.borrow() == State::Waits
    }

    /// That a later one of the group cancelled it, if that is so.
    pub(super) fn replaced(&self) -> Option<Cancel> {
        let cancelled = *self.state.borrow() == State::Cancelled;
        cancelled.then(|| Cancel::Group(self.name.clone()))
    }

    /// Waits for its turn, or until a later one takes its place.
    pub(super) async fn turn(&self) {
        self.reach(|state| *state != State::Waits).await;
    }

    /// Waits until a later one of the group cancels it.
    pub(super) async fn cancelled(&self) -> Cancel {
        self.reach(|state| *state == State::Cancelled).await;
        Cancel::Group(self.name.clone())
    }

    async fn reach(&self, reached: impl FnMut(&State) -> bool) {
        let mut state = self.state.clone();
        let reached = state.wait_for(reached).await.is_ok();
        if !reached {
            // Its member is gone, and with it every reason to change.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.groups.leave(&self.key, self.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn wish(name: &str) -> Wish {
        Wish {
            name: name.to_owned(),
            cancel_in_progress: false,
            queue_max: false,
        }
    }

    fn state(ticket: &Ticket) -> State {
        *ticket.state.borrow()
    }

    #[test]
    fn one_runs_and_the_latest_waits() {
        let groups = Arc::new(Groups::default());
        let first = groups.enter(&wish("Deploy"), &[]).unwrap();
        let second = groups.enter(&wish("deploy"), &[]).unwrap();
        let third = groups.enter(&wish("deploy"), &[]).unwrap();
        let other = groups.enter(&wish("other"), &[]).unwrap();
        assert_eq!(state(&first), State::Runs);
        assert_eq!(state(&second), State::Cancelled);
        assert_eq!(state(&third), State::Waits);
        assert_eq!(state(&other), State::Runs);
        drop(second);
        assert_eq!(state(&third), State::Waits);
        drop(first);
        assert_eq!(state(&third), State::Runs);
        drop((third, other));
        assert!(groups.lock().groups.is_empty());
    }

    #[test]
    fn the_running_one_is_cancelled_when_asked_for() {
        let groups = Arc::new(Groups::default());
        let first = groups.enter(&wish("a"), &[]).unwrap();
        let second = groups.enter(&wish("a"), &[]).unwrap();
        let third = Wish {
            cancel_in_progress: true,
            ..wish("a")
        };
        let third = groups.enter(&third, &[]).unwrap();
        assert_eq!(state(&first), State::Cancelled);
        assert_eq!(state(&second), State::Cancelled);
        // It begins only when the other has ended.
        assert_eq!(state(&third), State::Waits);
        drop(first);
        assert_eq!(state(&third), State::Runs);
    }

    #[test]
    fn a_long_queue_is_served_in_its_order_and_has_an_end() {
        let groups = Arc::new(Groups::default());
        let all = Wish {
            queue_max: true,
            ..wish("a")
        };
        let mut tickets: Vec<Ticket> = (0..=MAX_WAITING)
            .map(|_| groups.enter(&all, &[]).unwrap())
            .collect();
        let refused = groups.enter(&all, &[]).unwrap_err();
        assert_eq!(
            refused.message,
            "cancelled since 100 wait already in the concurrency group `a`"
        );
        for _ in 0..MAX_WAITING {
            assert_eq!(state(&tickets[0]), State::Runs);
            assert_eq!(state(&tickets[1]), State::Waits);
            tickets.remove(0);
        }
    }

    #[test]
    fn nobody_waits_for_itself() {
        let groups = Arc::new(Groups::default());
        let a = groups.enter(&wish("a"), &[]).unwrap();
        let b = groups.enter(&wish("b"), &[]).unwrap();
        assert!(groups.enter(&wish("A"), &[a.id]).is_err());
        // A part of `a` waits for `b`; a part of `b` must not wait for `a`.
        let part = groups.enter(&wish("b"), &[a.id]).unwrap();
        assert!(part.must_wait());
        assert!(groups.enter(&wish("a"), &[b.id]).is_err());
        assert!(groups.enter(&wish("c"), &[b.id]).is_ok());
    }
}
