//! `rules`: the rules that propose what to say of pages. Not for accepting what they
//! propose (`decide`).

use std::path::Path;

use serde_json::json;

use super::arguments::{AddRule, RulesVerb};
use super::output::{self, say};
use super::{CommandError, Ending, decide, reader};
use crate::library::Library;
use crate::model::{Change, ProposalRule, Ruling};

/// Lists the rules, or changes them.
pub fn rules(library: &Path, verb: Option<&RulesVerb>, json: bool) -> Result<Ending, CommandError> {
    let mut rules = match verb {
        // The first rule may come before the first batch.
        Some(RulesVerb::Add(_)) => Library::open(library)?.reader().rules()?,
        _ => reader(library)?.rules()?,
    };
    match verb {
        None => {
            for (number, rule) in (1..).zip(&rules) {
                let what = rule.change.in_words();
                match json {
                    true => output::print_json(&json!({
                        "rule": number,
                        "where": rule.query,
                        "proposes": rule.change,
                    })),
                    false => say!("{number}  {}: {what}", rule.query),
                }
            }
            if rules.is_empty() && !json {
                say!("there are no rules; `pagesieve rules add 'blank:yes' --reject` adds one");
            }
            return Ok(Ending::Done);
        }
        Some(RulesVerb::Add(add)) => {
            if decide::query(&add.query)?.is_empty() {
                return Err(CommandError::Usage("a rule asks for some pages".into()));
            }
            let rule = ProposalRule {
                query: add.query.clone(),
                change: change(add),
            };
            if let Some(problem) = rule.change.problem() {
                return Err(CommandError::Usage(problem));
            }
            say!("rule {}: {}", rules.len() + 1, rule.change.in_words());
            rules.push(rule);
        }
        Some(RulesVerb::Remove { number }) => {
            let place = place_of(*number, &rules)?;
            rules.remove(place);
        }
    }
    Library::open(library)?.write(|writer| writer.keep_rules(&rules))?;
    Ok(Ending::Done)
}

/// The place of a rule by its number.
pub fn place_of(number: usize, rules: &[ProposalRule]) -> Result<usize, CommandError> {
    let place = number.checked_sub(1).filter(|place| *place < rules.len());
    place.ok_or_else(|| {
        CommandError::Usage(format!(
            "there is no rule {number}; `pagesieve rules` lists them"
        ))
    })
}

/// What a rule proposes; one of them is given.
fn change(add: &AddRule) -> Change {
    let name = |name: &String| name.trim().to_owned();
    match (&add.pile, &add.tag) {
        (Some(pile), _) => Change::Pile(Some(name(pile))),
        (_, Some(tag)) => Change::Tag(name(tag)),
        _ if add.keep => Change::Rule(Some(Ruling::Keep)),
        _ if add.flag => Change::Rule(Some(Ruling::Flag)),
        _ => Change::Rule(Some(Ruling::Reject)),
    }
}
