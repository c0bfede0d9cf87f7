//! Phrases of folded words, longest match first.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::Sense;

/// A word of the vocabulary.
pub(crate) type WordId = u32;

/// The start of every phrase.
pub(crate) const ROOT: u32 = 0;

/// Phrases, each with what it may mean.
#[derive(Debug)]
pub(crate) struct Trie {
    steps: FxHashMap<(u32, WordId), u32>,
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    senses: SmallVec<[Sense; 2]>,
    /// Whether the senses come from the language itself; English then adds nothing.
    own: bool,
}

impl Trie {
    pub fn new() -> Self {
        Self { steps: FxHashMap::default(), nodes: vec![Node::default()] }
    }

    /// The node one word further.
    pub fn step(&self, node: u32, word: WordId) -> Option<u32> {
        self.steps.get(&(node, word)).copied()
    }

    /// What the phrase that ends at a node may mean.
    pub fn senses(&self, node: u32) -> &[Sense] {
        &self.nodes[node as usize].senses
    }

    pub fn is_own(&self, node: u32) -> bool {
        self.nodes[node as usize].own
    }

    /// Adds a meaning to a phrase. The language's own meanings shadow those it borrows from English.
    pub fn add(&mut self, phrase: &[WordId], sense: Sense, own: bool) {
        let mut at = ROOT;
        for word in phrase {
            let next = u32::try_from(self.nodes.len()).expect("a lexicon has fewer than 2^32 nodes");
            at = *self.steps.entry((at, *word)).or_insert(next);
            if at == next {
                self.nodes.push(Node::default());
            }
        }
        let node = &mut self.nodes[at as usize];
        if node.own && !own {
            return;
        }
        if own && !node.own {
            node.senses.clear();
            node.own = true;
        }
        if !node.senses.contains(&sense) {
            node.senses.push(sense);
        }
    }
}
