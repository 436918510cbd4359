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
    let Some(verb) = verb else {
        return list(&reader(library)?.rules()?, json);
    };
    // The first rule may come before the first batch. Nobody else writes meanwhile.
    let mut library = Library::open(library)?;
    let mut rules = library.reader().rules()?;
    let said = match verb {
        RulesVerb::Add(add) => {
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
            rules.push(rule.clone());
            (rules.len(), rule)
        }
        RulesVerb::Remove { number } => {
            let place = place_of(*number, &rules)?;
            (*number, rules.remove(place))
        }
    };
    library.write(|writer| writer.keep_rules(&rules))?;
    let (number, rule) = said;
    match (json, verb) {
        (true, _) => output::print_json(&described(number, &rule)),
        (false, RulesVerb::Add(_)) => say!("rule {number}: {}", rule.change.in_words()),
        (false, RulesVerb::Remove { .. }) => say!("rule {number} is gone: {}", rule.query),
    }
    Ok(Ending::Done)
}

/// Lists the rules.
fn list(rules: &[ProposalRule], json: bool) -> Result<Ending, CommandError> {
    for (number, rule) in (1..).zip(rules) {
        match json {
            true => output::print_json(&described(number, rule)),
            false => say!("{number}  {}: {}", rule.query, rule.change.in_words()),
        }
    }
    if rules.is_empty() && !json {
        say!("there are no rules; `pagesieve rules add 'blank:yes' --reject` adds one");
    }
    Ok(Ending::Done)
}

fn described(number: usize, rule: &ProposalRule) -> serde_json::Value {
    json!({
        "rule": number,
        "where": rule.query,
        "proposes": rule.change,
    })
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
