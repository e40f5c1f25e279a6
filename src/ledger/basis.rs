//! 计算依据: an amount's expression with the row's own numbers, `实际支付额 2,000,000.00 × 补助比例 3% = 60,000.00`.
//!
//! The text is generated from the expression that computed the amount, so it cannot say anything else.

use crate::facts::{Rows, View, World};
use crate::policy::model::{Measure, Note, NotePart};
use crate::policy::words::label;
use crate::sql::EvalError;
use crate::sql::functions::Choice;
use crate::sql::ir::{Arithmetic, Expr, Node};
use crate::value::{Cell, Number, Type, Unit};

/// 计算依据 of a measure's rows: the arithmetic of the amount, and the note.
#[derive(Default)]
pub struct Basis<'w> {
    formula: Option<Template<'w>>,
    note: Option<Template<'w>>,
}

impl<'w> Basis<'w> {
    pub fn of(world: &World<'_>, measure: &Measure, rows: &mut Rows<'w>) -> Result<Basis<'w>, EvalError> {
        let formula = measure.amount.as_ref().map(|a| Template::of(world, &a.value, rows)).transpose()?;
        let note = measure.basis.as_ref().map(|note| Template::of_note(world, note, rows)).transpose()?;
        Ok(Basis { formula, note })
    }

    /// The text of one row; `came_to` says what stands behind the arithmetic, ` = 60,000.00`.
    pub fn row(&self, row: usize, came_to: impl FnOnce(&mut String)) -> String {
        let mut text = String::new();
        self.write(row, &mut text, came_to);
        text
    }

    /// Appends the text of one row.
    pub fn write(&self, row: usize, text: &mut String, came_to: impl FnOnce(&mut String)) {
        match (&self.formula, &self.note) {
            (None, None) => text.push_str("名单"),
            (None, Some(note)) => note.row(row, text),
            (Some(formula), note) => {
                formula.row(row, text);
                came_to(text);
                if let Some(note) = note {
                    text.push('（');
                    note.row(row, text);
                    text.push('）');
                }
            }
        }
    }
}

/// A text with the values of rows in it, which have been read.
struct Template<'w> {
    pieces: Vec<Piece<'w>>,
}

enum Piece<'w> {
    Text(String),
    /// One value per row.
    Values(View<'w>, Type),
    /// Of several texts the one that each row chose.
    Chosen {
        choice: Vec<Option<usize>>,
        texts: Vec<Template<'w>>,
    },
}

impl<'w> Template<'w> {
    /// Reads what `amount` needs over these rows.
    fn of(world: &World<'_>, amount: &Expr, rows: &mut Rows<'w>) -> Result<Template<'w>, EvalError> {
        let mut template = Template { pieces: Vec::new() };
        template.write(world, amount, rows, 0)?;
        Ok(template)
    }

    /// Reads what a note says of these rows.
    fn of_note(world: &World<'_>, note: &Note, rows: &mut Rows<'w>) -> Result<Template<'w>, EvalError> {
        let mut template = Template { pieces: Vec::new() };
        for part in &note.0 {
            match part {
                NotePart::Text(text) => template.text(text),
                NotePart::Parameter(parameter) => template.text(&world.parameter(*parameter).words_on(world.as_of)),
                NotePart::Word(word) => template.pieces.push(Piece::Values(rows.view(word)?, word.ty.clone())),
            }
        }
        Ok(template)
    }

    /// The text of one row; of an amount up to the equals sign.
    fn row(&self, row: usize, out: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(t) => out.push_str(t),
                Piece::Values(view, ty) => ty.write_shown(view.at(row), out),
                Piece::Chosen { choice, texts } => match choice[row] {
                    Some(chosen) => texts[chosen].row(row, out),
                    None => Type::Null.write_shown(Cell::Null, out),
                },
            }
        }
    }

    fn text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(t)) => t.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_string())),
        }
    }

    /// `level`: how tightly the surrounding operator binds (0 none, 1 sum, 2 product, 3 divisor).
    fn write(&mut self, world: &World<'_>, e: &Expr, rows: &mut Rows<'w>, level: u8) -> Result<(), EvalError> {
        match &e.node {
            Node::Arithmetic(op, a, b) => {
                let (own, right, sign) = match op {
                    Arithmetic::Add => (1, 1, " + "),
                    Arithmetic::Subtract => (1, 2, " − "),
                    Arithmetic::Multiply => (2, 2, " × "),
                    Arithmetic::Divide => (2, 3, " ÷ "),
                };
                let nested = own < level;
                if nested {
                    self.text("（");
                }
                self.write(world, a, rows, own)?;
                self.text(sign);
                self.write(world, b, rows, right)?;
                if nested {
                    self.text("）");
                }
                Ok(())
            }
            Node::Call(f, args) if matches!(f.choice(), Some(Choice::Least | Choice::Greatest)) => {
                self.text(if f.choice() == Some(Choice::Least) { "取小（" } else { "取大（" });
                for (i, arg) in args.iter().enumerate() {
                    if i > 0 {
                        self.text("，");
                    }
                    self.write(world, arg, rows, 0)?;
                }
                self.text("）");
                Ok(())
            }
            Node::Case { branches, otherwise } => self.case(world, branches, otherwise.as_deref(), rows, level),
            // A function that makes money is unfolded; one that counts days or months is named with its value.
            Node::Named { body, .. } if matches!(e.ty, Type::Number(Number { unit: Unit::Money, .. })) => {
                self.write(world, body, rows, level)
            }
            _ => self.leaf(world, e, rows),
        }
    }

    /// Each row says the alternative that its conditions chose.
    fn case(
        &mut self,
        world: &World<'_>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
        rows: &mut Rows<'w>,
        level: u8,
    ) -> Result<(), EvalError> {
        let mut choice = vec![otherwise.map(|_| branches.len()); rows.len()];
        for (at, (condition, _)) in branches.iter().enumerate().rev() {
            let holds = rows.condition(condition)?;
            choice.iter_mut().zip(holds.iter()).filter(|(_, holds)| *holds == Some(true)).for_each(|(chosen, _)| *chosen = Some(at));
        }
        let mut texts = Vec::new();
        for value in branches.iter().map(|(_, value)| value).chain(otherwise) {
            let mut text = Template { pieces: Vec::new() };
            text.write(world, value, rows, level)?;
            texts.push(text);
        }
        self.pieces.push(Piece::Chosen { choice, texts });
        Ok(())
    }

    fn leaf(&mut self, world: &World<'_>, e: &Expr, rows: &mut Rows<'w>) -> Result<(), EvalError> {
        if let Some(label) = label(world.pipeline, e) {
            self.text(&format!("{label} "));
        }
        if let Node::Literal(value) = &e.node {
            self.text(&e.ty.shown(value.cell()));
            return Ok(());
        }
        self.pieces.push(Piece::Values(rows.view(e)?, e.ty.clone()));
        Ok(())
    }
}
