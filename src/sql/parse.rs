//! Expression text → syntax tree, and back from a position in the tree to bytes of the pipeline file.

use crate::diagnostic::{Diagnostic, Files, Mistake, Place, Text};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

/// The most operators and keywords of one expression: the tree of `1 + 1 + …` is as deep as it is long, and whoever walks
/// it needs a stack for that.
const MAX_LINKS: usize = 150;

/// An expression's text with its place in a pipeline file.
pub struct Written<'a> {
    text: &'a str,
    place: Place,
    /// Where the text itself begins in the file; `None` where escapes make offsets differ.
    start: Option<usize>,
}

impl<'a> Written<'a> {
    pub fn new(text: &'a Text, files: &Files) -> Self {
        Written { text: &text.value, place: text.place.clone(), start: content_start(&text.value, &text.place, files) }
    }

    /// The place of the whole expression.
    pub fn whole(&self) -> Place {
        match self.start {
            Some(start) if !self.text.trim().is_empty() => {
                let from = start + (self.text.len() - self.text.trim_start().len());
                Place { file: self.place.file, span: from..start + self.text.trim_end().len() }
            }
            _ => self.place.clone(),
        }
    }

    /// The place of a part of the tree; the whole expression where the parser kept no position.
    pub fn place(&self, part: &impl Spanned) -> Place {
        self.of_span(part.span())
    }

    pub fn of_span(&self, span: Span) -> Place {
        match (self.start, self.offset(span.start), self.offset(span.end)) {
            (Some(start), Some(from), Some(to)) if from < to => Place { file: self.place.file, span: start + from..start + to },
            _ => self.whole(),
        }
    }

    fn offset(&self, at: Location) -> Option<usize> {
        if at.line == 0 {
            return None;
        }
        let mut line_start = 0;
        for _ in 1..at.line {
            line_start += self.text[line_start..].find('\n')? + 1;
        }
        let column = at.column.saturating_sub(1) as usize;
        let line = &self.text[line_start..];
        Some(line_start + line.char_indices().nth(column).map_or(line.len(), |(i, _)| i))
    }

    /// The tree, or what is wrong with the text.
    pub fn parse(&self) -> Result<Expr, Diagnostic> {
        self.parse_as_it_is().map_err(|wrong| self.full_width().unwrap_or(wrong))
    }

    /// What signs of Chinese typing there are, outside texts, and what to write for each.
    fn full_width(&self) -> Option<Diagnostic> {
        let (mut inside, mut found) = (None, Vec::new());
        let ends_word = |at: usize| !self.text[at..].starts_with(char::is_alphanumeric) && !self.text[at..].starts_with('_');
        for (at, character) in self.text.char_indices() {
            match (character, inside) {
                ('\'' | '"', None) => inside = Some(character),
                (_, Some(quote)) => inside = inside.filter(|_| character != quote),
                _ => {
                    let is_alone = || ends_word(at + character.len_utf8()) && !self.text[..at].ends_with(char::is_alphanumeric);
                    found.extend(half_width(character, is_alone).map(|sign| (at, character, sign)));
                }
            }
        }
        let (at, character, sign) = found.first()?;
        let mut place = self.whole();
        if let Some(start) = self.start {
            place.span = start + at..start + at + character.len_utf8();
        }
        let mut signs: Vec<String> = found.iter().map(|(_, character, sign)| format!("`{sign}` for `{character}`")).collect();
        signs.dedup();
        let wrong = Diagnostic::error(Mistake::Syntax, place, format!("`{character}` is no sign of an expression: write `{sign}`"));
        Some(wrong.hint(format!("write {}", signs.join(", "))))
    }

    fn parse_as_it_is(&self) -> Result<Expr, Diagnostic> {
        let dialect = GenericDialect {};
        let tokens = Tokenizer::new(&dialect, self.text).tokenize_with_location().map_err(|e| self.syntax(Some(e.location), &e.message))?;
        if let Some(token) = tokens.iter().filter(|token| is_link(token)).nth(MAX_LINKS) {
            let message = format!("more than {MAX_LINKS} operators and keywords in one expression");
            return Err(self.syntax(Some(token.span.start), &message).hint("give its parts names: facts"));
        }
        let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
        let tree = parser.parse_expr().map_err(|e| {
            let at = parser.peek_token().span.start;
            self.syntax(Some(at), &message(&e))
        })?;
        let next = parser.peek_token();
        match next.token {
            Token::EOF => Ok(tree),
            token => Err(self.syntax(Some(next.span.start), &format!("unexpected `{token}` after the expression"))),
        }
    }

    fn syntax(&self, at: Option<Location>, message: &str) -> Diagnostic {
        let mut place = self.whole();
        if let (Some(start), Some(from)) = (self.start, at.and_then(|l| self.offset(l))) {
            let word = self.text[from..].find([' ', '\n', ')', ',']).map_or(self.text.len(), |n| from + n.max(1));
            if from < word {
                place.span = start + from..start + word;
            }
        }
        Diagnostic::error(Mistake::Syntax, place, message.to_string())
            .hint("expressions are a small subset of SQL: `huiqi help unsupported` lists it")
    }
}

/// The sign of an expression that a sign of Chinese typing stands for; a word does where it stands alone.
fn half_width(character: char, is_alone: impl Fn() -> bool) -> Option<String> {
    Some(match character {
        '‘' | '’' | '“' | '”' | '＇' => "'".into(),
        '×' | '＊' => "*".into(),
        '÷' => "/".into(),
        '≥' | '≧' => ">=".into(),
        '≤' | '≦' => "<=".into(),
        '≠' => "<>".into(),
        '、' => ",".into(),
        '。' => ".".into(),
        '－' | '−' | '–' | '—' => "-".into(),
        '\u{3000}' => " ".into(),
        '且' | '或' | '非' if is_alone() => match character {
            '且' => "AND".into(),
            '或' => "OR".into(),
            _ => "NOT".into(),
        },
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0)?.to_string(),
        _ => return None,
    })
}

/// Whether a token may make a tree deeper: lists of values may be as long as they like.
fn is_link(token: &TokenWithSpan) -> bool {
    match &token.token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Whitespace(_) | Token::Comma | Token::Period | Token::LParen | Token::RParen => false,
        Token::Number(..) | Token::SingleQuotedString(_) => false,
        _ => true,
    }
}

fn message(e: &sqlparser::parser::ParserError) -> String {
    let text = e.to_string();
    let text = text.strip_prefix("sql parser error: ").unwrap_or(&text);
    text.split(" at Line:").next().unwrap_or(text).to_string()
}

/// The offset of a string's content in its file, if the quoted text is the value letter by letter.
fn content_start(value: &str, place: &Place, files: &Files) -> Option<usize> {
    let file = files.text(place.file);
    let raw = file.get(place.span.clone())?;
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inner) = raw.strip_prefix(quote) {
            let mut start = quote.len();
            if quote.len() == 3 {
                start += inner.len() - inner.strip_prefix("\r\n").or(inner.strip_prefix('\n')).unwrap_or(inner).len();
            }
            return raw[start..].starts_with(value).then_some(place.span.start + start);
        }
    }
    None
}

/// The plain positional arguments of a call.
pub(super) fn arguments(f: &Function) -> Option<Vec<&Expr>> {
    match &f.args {
        FunctionArguments::List(list) if list.duplicate_treatment.is_none() && list.clauses.is_empty() => list
            .args
            .iter()
            .map(|a| match a {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(e),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}
