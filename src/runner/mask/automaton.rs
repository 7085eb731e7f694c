//! Finds all places of many texts in one pass (Aho and Corasick, 1975).
//!
//! An automaton of our own instead of a crate's, because a masker needs two
//! things that they do not give: of every place the *longest* text that ends
//! there, also where texts overlap, and how much of what was read may still be
//! the beginning of a text.

/// A state of the automaton; the root is 0.
pub(super) type State = u32;

/// What the text so far ends with. The children of a node are a list: the
/// first hangs on the node, each other on the one before it.
#[derive(Debug, Clone, Default)]
struct Node {
    /// The first child; 0 for none.
    child: State,
    /// The next child of the same parent; 0 for none.
    sibling: State,
    /// The state of the longest proper suffix that begins a text.
    fail: State,
    /// How many bytes lead here from the root.
    depth: u32,
    /// Length of the longest text that ends here; 0 for none.
    longest: u32,
    /// Depth of the longest suffix that more bytes can complete.
    open: u32,
    /// The byte that leads here.
    byte: u8,
}

/// The automaton for a set of texts.
#[derive(Debug, Clone)]
pub(super) struct Automaton {
    nodes: Vec<Node>,
    /// The children of the root by their byte: most bytes of a log are looked
    /// up here.
    first: Box<[State; 256]>,
}

impl Automaton {
    /// Builds the automaton. Empty texts match nothing.
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut automaton = Self {
            nodes: vec![Node::default()],
            first: Box::new([0; 256]),
        };
        for text in texts {
            automaton.insert(text);
        }
        automaton.link();
        automaton
    }

    /// The state after one more byte.
    pub(super) fn step(&self, state: State, byte: u8) -> State {
        let mut state = state;
        loop {
            if let Some(next) = self.child(state, byte) {
                return next;
            }
            if state == 0 {
                return 0;
            }
            state = self.node(state).map_or(0, |node| node.fail);
        }
    }

    /// How many of the last bytes may begin a text that is not complete yet.
    pub(super) fn open(&self, state: State) -> usize {
        self.node(state).map_or(0, |node| node.open as usize)
    }

    /// Length of the longest text that ends here; 0 for none.
    pub(super) fn longest(&self, state: State) -> usize {
        self.node(state).map_or(0, |node| node.longest as usize)
    }

    fn node(&self, state: State) -> Option<&Node> {
        self.nodes.get(state as usize)
    }

    fn child(&self, state: State, byte: u8) -> Option<State> {
        if state == 0 {
            let child = self.first.get(usize::from(byte)).copied();
            return child.filter(|child| *child != 0);
        }
        let mut child = self.node(state)?.child;
        while child != 0 {
            let node = self.node(child)?;
            if node.byte == byte {
                return Some(child);
            }
            child = node.sibling;
        }
        None
    }

    fn insert(&mut self, text: &[u8]) {
        let mut state: State = 0;
        for byte in text {
            state = match self.child(state, *byte) {
                Some(next) => next,
                None => self.grow(state, *byte),
            };
        }
        if let Some(node) = self.nodes.get_mut(state as usize) {
            node.longest = node.depth;
        }
    }

    fn grow(&mut self, state: State, byte: u8) -> State {
        // The masker keeps the sum of all texts far below 2^32.
        let new = State::try_from(self.nodes.len()).unwrap_or(State::MAX);
        let (mut sibling, mut depth) = (0, 0);
        if let Some(parent) = self.nodes.get_mut(state as usize) {
            sibling = std::mem::replace(&mut parent.child, new);
            depth = parent.depth;
        }
        if let (0, Some(first)) = (state, self.first.get_mut(usize::from(byte))) {
            *first = new;
        }
        self.nodes.push(Node {
            sibling,
            byte,
            depth: depth + 1,
            ..Node::default()
        });
        new
    }

    /// Sets where each state falls back to, the shallow ones first.
    fn link(&mut self) {
        let mut queue = std::collections::VecDeque::from([0]);
        while let Some(state) = queue.pop_front() {
            let mut child = self.node(state).map_or(0, |node| node.child);
            while child != 0 {
                let (byte, sibling) = self
                    .node(child)
                    .map_or((0, 0), |node| (node.byte, node.sibling));
                queue.push_back(child);
                let fail = match state {
                    0 => 0,
                    _ => {
                        let up = self.node(state).map_or(0, |node| node.fail);
                        self.step(up, byte)
                    }
                };
                let (longest, open) = self
                    .node(fail)
                    .map_or((0, 0), |node| (node.longest, node.open));
                if let Some(node) = self.nodes.get_mut(child as usize) {
                    node.fail = fail;
                    node.longest = node.longest.max(longest);
                    node.open = if node.child == 0 { open } else { node.depth };
                }
                child = sibling;
            }
        }
    }
}
