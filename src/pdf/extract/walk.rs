//! Keeping a walk over a document's objects within bounds: it knows where it has been,
//! and ends after so many steps, for a few objects can refer to each other in more ways
//! than anybody can count.

use std::collections::HashSet;

use lopdf::{Object, ObjectId};

/// Steps after which a walk ends; the trees of the largest documents are a tenth of it.
const MOST_STEPS: usize = 1_000_000;

/// Deeper trees of pages, names, numbers, layers or outlines are not honest ones.
pub(super) const DEEPEST: usize = 64;

/// A walk over objects.
pub(super) struct Walk {
    seen: HashSet<ObjectId>,
    left: usize,
}

impl Walk {
    /// At its beginning.
    pub(super) fn new() -> Self {
        Self {
            seen: HashSet::new(),
            left: MOST_STEPS,
        }
    }

    /// One more step. False for an object of the document where the walk has been
    /// before, and for all once it is long enough.
    pub(super) fn enters(&mut self, object: &Object) -> bool {
        let is_new = match object {
            Object::Reference(id) => self.seen.insert(*id),
            _ => true,
        };
        is_new && self.steps(1) == 1
    }

    /// How many of `wanted` further steps may be taken.
    pub(super) fn steps(&mut self, wanted: usize) -> usize {
        let allowed = wanted.min(self.left);
        self.left -= allowed;
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_entered_once_and_a_walk_ends() {
        let mut walk = Walk::new();
        let object = Object::Reference((7, 0));
        assert!(walk.enters(&object));
        assert!(!walk.enters(&object));
        // Objects without a number have no way back to them.
        assert!(walk.enters(&Object::Null) && walk.enters(&Object::Null));
        assert_eq!(walk.steps(2 * MOST_STEPS), MOST_STEPS - 3);
        assert!(!walk.enters(&Object::Null));
    }
}
