//! Reading a query: first its shape, with the place of each piece, then what the fields
//! in it can say. Not for evaluating it.

use std::borrow::Cow;
use std::ops::Range;

use winnow::combinator::{alt, cut_err, delimited, fail, preceded, repeat, separated};
use winnow::error::{ContextError, StrContext};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stream};
use winnow::token::{literal, take_till, take_while};

use super::{Node, Query, Test};
use crate::triage::fields::{Field, Kind, PAGE};

/// What is wrong with a query, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Byte of what was typed; its length where something is missing at the end.
    pub at: usize,
    /// In a sentence.
    pub message: String,
}

/// The most parentheses and minus signs within each other.
const DEEPEST: usize = 100;

/// A query as it is typed.
#[derive(Debug)]
enum Shape<'a> {
    All(Vec<Shape<'a>>),
    Any(Vec<Shape<'a>>),
    Not(Box<Shape<'a>>),
    /// A word, or a phrase with its quotation marks.
    Text(&'a str),
    /// A name, what is between, and what has to be said.
    Field {
        name: &'a str,
        sign: &'a str,
        values: Vec<(Cow<'a, str>, Range<usize>)>,
        at: usize,
        /// Where the values begin.
        after: usize,
    },
}

type Input<'a> = LocatingSlice<&'a str>;
type Read<T> = winnow::ModalResult<T>;

/// Reads what was typed.
pub fn parse(typed: &str) -> Result<Query, QueryError> {
    let error = |at: usize, message: String| QueryError { at, message };
    if let Some((at, _)) = typed.char_indices().nth(Query::LONGEST) {
        let message = format!("A query has at most {} characters.", Query::LONGEST);
        return Err(error(at, message));
    }
    if let Some(at) = too_deep(typed) {
        return Err(error(
            at,
            "There are too many parentheses within each other.".to_owned(),
        ));
    }
    if typed.trim().is_empty() {
        return Ok(Query::default());
    }
    let shape = (any, space)
        .map(|(shape, ())| shape)
        .parse(LocatingSlice::new(typed))
        .map_err(|problem| {
            let at = problem.offset();
            error(
                typed.floor_char_boundary(at),
                in_words(typed, at, problem.inner()),
            )
        })?;
    let mut texts = Vec::new();
    let root = resolve(shape, &mut texts)?;
    Ok(Query { root, texts })
}

/// Where each thing is that all pages have to be, and what it asks for; none where what was
/// typed is no list of such things.
pub fn things(typed: &str) -> Option<Vec<(Range<usize>, Node)>> {
    let one = preceded(space, thing.with_span());
    let (shapes, ()): (Vec<(Shape<'_>, Range<usize>)>, ()) = (repeat(1.., one), space)
        .parse(LocatingSlice::new(typed))
        .ok()?;
    let read = shapes
        .into_iter()
        .map(|(shape, at)| Some((at, resolve(shape, &mut Vec::new()).ok()?)));
    read.collect()
}

/// The place from which on more is nested than is read. Parentheses in quotation marks
/// count as well: nobody types so many.
fn too_deep(typed: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut minus = 0usize;
    for (at, letter) in typed.char_indices() {
        minus = if letter == '-' { minus + 1 } else { 0 };
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST || minus > DEEPEST {
            return Some(at);
        }
    }
    None
}

fn in_words(typed: &str, at: usize, error: &ContextError) -> String {
    let said = error.context().find_map(|context| match context {
        StrContext::Label(label) => Some((*label).to_owned()),
        _ => None,
    });
    said.unwrap_or_else(
        || match typed.get(at..).and_then(|rest| rest.chars().next()) {
            Some(')') => "There is no ( for this ).".to_owned(),
            Some('"') => "The closing quotation mark is missing.".to_owned(),
            Some(_) if typed[at..].starts_with("OR") => "OR stands between two things.".to_owned(),
            Some(letter) => format!("{letter} is not understood here."),
            None => "Something is missing at the end.".to_owned(),
        },
    )
}

fn space(input: &mut Input<'_>) -> Read<()> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(input)
}

fn space_between(input: &mut Input<'_>) -> Read<()> {
    take_while(1.., char::is_whitespace)
        .void()
        .parse_next(input)
}

/// Things with OR between them.
fn any<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    let or = (space_between, literal("OR"), space_between);
    let mut alternatives: Vec<Shape<'a>> = separated(1.., all, or).parse_next(input)?;
    Ok(match alternatives.len() {
        1 => alternatives.remove(0),
        _ => Shape::Any(alternatives),
    })
}

/// Things one after the other.
fn all<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    let mut things: Vec<Shape<'a>> = repeat(1.., preceded(space, thing)).parse_next(input)?;
    Ok(match things.len() {
        1 => things.remove(0),
        _ => Shape::All(things),
    })
}

fn thing<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    alt((not, group, field, phrase, word)).parse_next(input)
}

fn not<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    let inner = preceded(
        '-',
        cut_err(thing).context(StrContext::Label("Something has to follow the minus sign.")),
    );
    inner
        .map(|shape| Shape::Not(Box::new(shape)))
        .parse_next(input)
}

fn group<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    let close =
        cut_err(preceded(space, literal(")"))).context(StrContext::Label("A ) is missing."));
    delimited('(', any, close).parse_next(input)
}

/// The name of a field: other words with a colon in them are texts.
fn name<'a>(input: &mut Input<'a>) -> Read<&'a str> {
    let more = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    take_while(1.., more).parse_next(input)
}

fn field<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    let at = input.current_token_start();
    let sign = alt((
        literal("<="),
        literal(">="),
        literal("<"),
        literal(">"),
        literal(":"),
        literal("="),
    ));
    let (name, sign) = (name, sign).parse_next(input)?;
    let after = input.current_token_start();
    let values = separated(0.., value.with_span(), ',').parse_next(input)?;
    Ok(Shape::Field {
        name,
        sign,
        values,
        at,
        after,
    })
}

fn value<'a>(input: &mut Input<'a>) -> Read<Cow<'a, str>> {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '"' | ',');
    alt((quoted_value, take_till(1.., ends).map(Cow::Borrowed))).parse_next(input)
}

/// A value in quotation marks; two of them in it stand for one.
fn quoted_value<'a>(input: &mut Input<'a>) -> Read<Cow<'a, str>> {
    let pieces = repeat::<_, _, (), _, _>(1.., quoted).take();
    let inner = pieces.map(|all: &str| &all[1..all.len() - 1]);
    inner
        .map(|inner| match inner.contains('"') {
            true => Cow::Owned(inner.replace("\"\"", "\"")),
            false => Cow::Borrowed(inner),
        })
        .parse_next(input)
}

/// A phrase without its quotation marks.
fn quoted<'a>(input: &mut Input<'a>) -> Read<&'a str> {
    delimited('"', take_till(0.., '"'), '"').parse_next(input)
}

fn phrase<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    quoted.take().map(Shape::Text).parse_next(input)
}

fn word<'a>(input: &mut Input<'a>) -> Read<Shape<'a>> {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '"');
    let start = input.checkpoint();
    let word = take_till(1.., ends).parse_next(input)?;
    match word {
        "OR" => {
            input.reset(&start);
            fail.parse_next(input)
        }
        word => Ok(Shape::Text(word)),
    }
}

fn resolve(shape: Shape<'_>, texts: &mut Vec<String>) -> Result<Node, QueryError> {
    let several = |shapes: Vec<Shape<'_>>, texts: &mut Vec<String>| {
        let nodes = shapes.into_iter().map(|shape| resolve(shape, texts));
        nodes.collect::<Result<Vec<Node>, QueryError>>()
    };
    Ok(match shape {
        Shape::All(shapes) => Node::All(several(shapes, texts)?),
        Shape::Any(shapes) => Node::Any(several(shapes, texts)?),
        Shape::Not(shape) => Node::Not(Box::new(resolve(*shape, texts)?)),
        Shape::Text(text) => {
            texts.push(text.to_owned());
            Node::Text(texts.len() - 1)
        }
        Shape::Field {
            name,
            sign,
            values,
            at,
            after,
        } => {
            let found = named(name).map_err(|message| QueryError { at, message })?;
            Node::Field(found, test(found, sign, &values, at, after)?)
        }
    })
}

/// The field of a name, or of the only one that begins so.
fn named(name: &str) -> Result<&'static Field, String> {
    if let Some(field) = Field::named(name) {
        return Ok(field);
    }
    let mut begin_so = PAGE.iter().filter(|field| field.name.starts_with(name));
    if let (Some(field), None) = (begin_so.next(), begin_so.next()) {
        return Ok(field);
    }
    let near = PAGE.iter().map(|field| field.name);
    let near = near.max_by_key(|known| alike(known, name));
    Err(match near {
        Some(near) => format!("There is no {name}; do you mean {near}?"),
        None => format!("There is no {name}."),
    })
}

/// How many letters in a row, from the beginning and from the end, two names share.
fn alike(known: &str, name: &str) -> usize {
    let from_start = known.bytes().zip(name.bytes());
    let from_end = known.bytes().rev().zip(name.bytes().rev());
    from_start.take_while(|(a, b)| a == b).count() + from_end.take_while(|(a, b)| a == b).count()
}

fn test(
    field: &'static Field,
    sign: &str,
    values: &[(Cow<'_, str>, Range<usize>)],
    at: usize,
    after: usize,
) -> Result<Test, QueryError> {
    let error = |at: usize, message: String| QueryError { at, message };
    let name = field.name;
    let compares = sign != ":" && sign != "=";
    // A pile may have that name.
    let is_exact = sign == "=" && matches!(field.kind, Kind::Text | Kind::Texts);
    if let ([(value, _)], false) = (values, compares || is_exact) {
        match value.as_ref() {
            "any" | "*" => return Ok(Test::Known),
            "unknown" => return Ok(Test::Unknown),
            _ => {}
        }
    }
    match field.kind {
        Kind::Word(choices) => {
            let words: Vec<&'static str> = choices.iter().map(|choice| choice.word).collect();
            let can = format!("{name} is {}.", words.join(", "));
            if compares || values.is_empty() {
                return Err(error(at, can));
            }
            let chosen = values.iter().map(|(value, span)| {
                let mut known = words.iter().copied();
                known
                    .find(|word| word.eq_ignore_ascii_case(value))
                    .ok_or_else(|| error(span.start, can.clone()))
            });
            chosen.collect::<Result<_, _>>().map(Test::OneOf)
        }
        Kind::YesNo => {
            let can = format!("{name} is yes or no.");
            match values {
                [(value, _)] if !compares && value.eq_ignore_ascii_case("yes") => {
                    Ok(Test::OneOf(vec!["yes"]))
                }
                [(value, _)] if !compares && value.eq_ignore_ascii_case("no") => {
                    Ok(Test::OneOf(vec!["no"]))
                }
                [(_, span), ..] => Err(error(span.start, can)),
                [] => Err(error(at, can)),
            }
        }
        Kind::Text | Kind::Texts => {
            if compares || values.is_empty() {
                let message =
                    format!("{name} is a text: type {name}:word, or {name}=word for all of it.");
                return Err(error(at, message));
            }
            let texts = values.iter().map(|(value, _)| value.to_lowercase());
            Ok(match sign {
                "=" => Test::Is(texts.collect()),
                _ => Test::Has(texts.collect()),
            })
        }
        Kind::Count | Kind::Bytes | Kind::Number { .. } | Kind::Tilt { .. } | Kind::Share => {
            let [(value, span)] = values else {
                return Err(error(after, format!("{name} is compared with one number.")));
            };
            let number = |text: &str| {
                number(text, field.kind)
                    .ok_or_else(|| error(span.start, format!("{text} is not a number.")))
            };
            Ok(match (sign, value.split_once("..")) {
                (":" | "=", Some((least, most))) => Test::Between(
                    match least {
                        "" => f64::NEG_INFINITY,
                        least => number(least)?,
                    },
                    match most {
                        "" => f64::INFINITY,
                        most => number(most)?,
                    },
                ),
                ("<", _) => Test::Below(number(value)?),
                (">", _) => Test::Above(number(value)?),
                ("<=", _) => Test::Between(f64::NEG_INFINITY, number(value)?),
                (">=", _) => Test::Between(number(value)?, f64::INFINITY),
                _ => {
                    let number = number(value)?;
                    Test::Between(number, number)
                }
            })
        }
    }
}

/// A number, with or without its unit. Shares are in per cent, as they are shown.
fn number(text: &str, kind: Kind) -> Option<f64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '%' || c == '°');
    let number: f64 = digits
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())?;
    Some(match kind {
        Kind::Share => number / 100.0,
        _ => number,
    })
}
