//! Comparing what documents say: whether two objects are the same in all that they
//! refer to.

use lopdf::{Dictionary, Object};

use super::original::Original;

/// Objects that lie deeper are not compared, nor ones that refer to more: they count
/// as different.
const DEEPEST: usize = 16;
const MOST_COMPARED: u32 = 10_000;

/// Whether two objects are the same in all that they refer to.
pub(super) fn same<'a>(a: (&'a Original, &'a Object), b: (&'a Original, &'a Object)) -> bool {
    let mut compared = 0;
    let mut waiting = vec![(a.1, b.1, 0)];
    while let Some((x, y, depth)) = waiting.pop() {
        if std::ptr::eq(a.0, b.0) && x == y {
            continue;
        }
        compared += 1;
        if depth > DEEPEST || compared > MOST_COMPARED {
            return false;
        }
        let mut entries = |x: &'a Dictionary, y: &'a Dictionary| {
            let pairs = x
                .iter()
                .map(|(key, x)| Some((x, y.get(key).ok()?, depth + 1)));
            let pairs: Option<Vec<_>> = pairs.collect();
            let is_same = x.len() == y.len() && pairs.is_some();
            waiting.extend(pairs.into_iter().flatten());
            is_same
        };
        let is_same = match (a.0.resolve(x), b.0.resolve(y)) {
            (Object::Dictionary(x), Object::Dictionary(y)) => entries(x, y),
            (Object::Stream(x), Object::Stream(y)) => {
                x.content == y.content && entries(&x.dict, &y.dict)
            }
            (Object::Array(x), Object::Array(y)) => {
                waiting.extend(x.iter().zip(y).map(|(x, y)| (x, y, depth + 1)));
                x.len() == y.len()
            }
            (x, y) => x == y,
        };
        if !is_same {
            return false;
        }
    }
    true
}
