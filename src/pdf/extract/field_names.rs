//! Names of form fields. Fields of one name share one value (ISO 32000-1,
//! 12.7.3.2), so those of different documents get different names. Names are
//! compared as text, whatever they are written in.

use std::collections::{HashMap, HashSet};

use super::form::Field;
use super::walk::DEEPEST;
use crate::pdf::text_string::text_string;

/// New names for fields whose names are taken.
pub(super) struct Names(HashMap<usize, String>);

impl Names {
    /// Finds names for the fields of these documents. Those of the first keep theirs.
    pub(super) fn new(fields: &[Field], sources: &[usize]) -> Self {
        if sources.len() < 2 {
            return Self(HashMap::new());
        }
        let named: Vec<Named> = (0..fields.len())
            .filter_map(|place| Named::of(fields, place))
            .collect();
        let there: HashSet<&str> = named.iter().map(|field| field.whole.as_str()).collect();
        let mut taken: HashSet<String> = HashSet::new();
        let mut new_names = HashMap::new();
        for (count, &source) in (1u32..).zip(sources) {
            let of_this = |field: &&Named| fields[field.place].source == source;
            // Whole names below each name at the top.
            let mut below: HashMap<&str, Vec<&Named>> = HashMap::new();
            let mut order = Vec::new();
            for field in named.iter().filter(of_this) {
                let all = below.entry(field.top()).or_insert_with(|| {
                    order.push(field.top());
                    Vec::new()
                });
                all.push(field);
            }
            let mut own: Vec<String> = Vec::new();
            for top in order {
                let all = &below[top];
                let mut name = top.to_owned();
                if all.iter().any(|field| taken.contains(&field.whole)) {
                    let is_free = |name: &String| {
                        let mut renamed = all.iter().map(|field| field.under(name));
                        let is_used =
                            |name: &String| there.contains(name.as_str()) || taken.contains(name);
                        !renamed.any(|name| is_used(&name))
                    };
                    let candidates = (count..).map(|count| format!("{top}-{count}"));
                    name = candidates.into_iter().find(is_free).unwrap_or(name);
                    let tops = all.iter().filter(|field| field.is_top());
                    new_names.extend(tops.map(|field| (field.place, name.clone())));
                }
                own.extend(all.iter().map(|field| field.under(&name)));
            }
            taken.extend(own);
        }
        Self(new_names)
    }

    /// The new name of a field by its place; none where it keeps its own.
    pub(super) fn new_name(&self, place: usize) -> Option<&str> {
        self.0.get(&place).map(String::as_str)
    }
}

/// A field that has a name.
struct Named {
    place: usize,
    /// Its name with those above it, joined by dots.
    whole: String,
    /// Bytes of it that are the name at the top.
    top: usize,
}

impl Named {
    fn of(fields: &[Field], place: usize) -> Option<Self> {
        let own = name(&fields[place])?;
        let mut names = vec![own];
        let mut above = fields[place].parent;
        for _ in 0..DEEPEST {
            let Some(field) = above.and_then(|above| fields.get(above)) else {
                break;
            };
            names.extend(name(field));
            above = field.parent;
        }
        names.reverse();
        Some(Self {
            place,
            top: names[0].len(),
            whole: names.join("."),
        })
    }

    fn top(&self) -> &str {
        &self.whole[..self.top]
    }

    fn is_top(&self) -> bool {
        self.top == self.whole.len()
    }

    /// Its whole name below another name at the top.
    fn under(&self, top: &str) -> String {
        format!("{top}{}", &self.whole[self.top..])
    }
}

/// The name of a field as text; none where it has none.
fn name(field: &Field) -> Option<String> {
    text_string(field.own.get(b"T").ok()?)
}
