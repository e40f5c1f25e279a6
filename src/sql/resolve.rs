//! Syntax tree → typed expression: every name becomes exactly one thing, every unit is checked.
//!
//! Reports every mistake it meets and returns `None` for what it could not make sense of; a caller goes on
//! with the next expression, so that one `check` shows them all.

use super::functions;
use super::ir::*;
use super::parse::Written;
use super::types;
use crate::diagnostic::{Diagnostic, Findings, Mistake, Place, Text};
use crate::money;
use crate::schema::{SourceId, Sources};
use crate::value::{EnumType, Number, Type, Unit, Value};
use sqlparser::ast::{self, Spanned};
use std::collections::BTreeMap;

/// What a bare name of the pipeline stands for.
#[derive(Debug, Clone)]
pub enum Named {
    /// A fact of this source's rows.
    Fact {
        fact: FactId,
        per: SourceId,
        ty: Type,
    },
    /// One value for the run.
    RunValue {
        fact: FactId,
        ty: Type,
    },
    Parameter(ParameterUse),
}

/// How a parameter is read where its name stands.
#[derive(Debug, Clone)]
pub struct ParameterUse {
    pub parameter: ParameterId,
    pub ty: Type,
    /// Expressions of the row that is judged, as text to resolve where the name stands.
    pub at: Option<Text>,
    pub by: Option<Text>,
}

/// What names mean in this pipeline; implemented by the policy loader. Without more said, there are names of columns only.
pub trait Catalogue {
    fn sources(&self) -> &Sources;
    fn effective_from(&self) -> i32;
    fn files(&self) -> &crate::diagnostic::Files;
    /// A fact or shared parameter by name, its type known. Errors have been reported when this is `Err`.
    fn named(&self, _name: &str) -> Option<Result<Named, ()>> {
        None
    }
    /// A function by name: its parameters and body text.
    fn function(&self, _name: &str) -> Option<(&[String], &Text)> {
        None
    }
    fn measure(&self, _id: &str) -> Option<(MeasureId, SourceId)> {
        None
    }
    /// Every name, for hints.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
    fn fact_type(&self, _fact: FactId) -> Type {
        Type::Null
    }
}

/// The row at hand: its source, what it is called, how it leads to its subject's registration.
#[derive(Debug, Clone)]
pub struct RowScope {
    pub source: SourceId,
    pub alias: Option<String>,
    pub link: Option<Link>,
}

/// The code that leads from a row to one of another source, said by the row itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub target: SourceId,
    /// A column, or a code that is made of several: the operator's registration for an identity number.
    pub key: Expr,
}

/// What names may mean where an expression stands.
#[derive(Clone, Default)]
pub struct Scope {
    pub own: Option<RowScope>,
    pub around: Option<RowScope>,
    /// The rows of the group that an indicator's column is about: aggregates speak of them.
    pub group: Option<RowScope>,
    /// A function's arguments, as its caller's row says them.
    pub args: BTreeMap<String, Expr>,
    /// The parameters of the measure at hand.
    pub parameters: BTreeMap<String, ParameterUse>,
    /// A function's body sees bare names of its arguments only.
    pub in_function: bool,
    /// A bare name is of the row at hand where that has it, else of the row around: a parameter's date and key.
    pub own_first: bool,
    /// Functions being expanded, to refuse cycles.
    pub expanding: Vec<String>,
}

/// Resolves the expressions of one text.
pub struct Resolver<'a> {
    pub catalogue: &'a dyn Catalogue,
    pub findings: &'a Findings,
    pub source: &'a Written<'a>,
}

impl<'a> Resolver<'a> {
    /// Parses and resolves `text` in `scope`.
    pub fn text(catalogue: &'a dyn Catalogue, findings: &'a Findings, text: &Text, scope: &Scope) -> Option<Expr> {
        let source = Written::new(text, catalogue.files());
        match source.parse() {
            Ok(tree) => Resolver { catalogue, findings, source: &source }.expr(&tree, scope),
            Err(diagnostic) => {
                findings.push(diagnostic);
                None
            }
        }
    }

    pub(super) fn error(&self, code: Mistake, place: Place, message: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, place, message));
    }

    pub(super) fn error_hint(&self, code: Mistake, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, place, message).hint(hint));
    }

    pub fn expr(&self, e: &ast::Expr, scope: &Scope) -> Option<Expr> {
        use ast::Expr::*;
        match e {
            Nested(inner) => self.expr(inner, scope),
            Identifier(name) => self.name(name, scope),
            CompoundIdentifier(parts) => self.path(parts, scope),
            Value(v) => self.literal(v),
            TypedString(t) => self.typed_literal(t),
            BinaryOp { left, op, right } => self.binary(e, left, op, right, scope),
            UnaryOp { op, expr } => self.unary(e, *op, expr, scope),
            IsNull(x) => Some(is_null(self.expr(x, scope)?)),
            IsNotNull(x) => Some(not(is_null(self.expr(x, scope)?))),
            IsTrue(x) => Some(Expr::new(Node::Is(true, Box::new(self.condition(x, scope)?)), Type::Bool)),
            IsNotTrue(x) => Some(not(Expr::new(Node::Is(true, Box::new(self.condition(x, scope)?)), Type::Bool))),
            IsFalse(x) => Some(Expr::new(Node::Is(false, Box::new(self.condition(x, scope)?)), Type::Bool)),
            IsNotFalse(x) => Some(not(Expr::new(Node::Is(false, Box::new(self.condition(x, scope)?)), Type::Bool))),
            Between { expr, negated, low, high } => self.between(expr, low, high, *negated, scope),
            In { expr, target: ast::InTarget::List(list), negated, .. } => self.in_list(expr, list, *negated, scope),
            Like { negated, expr, pattern, .. } => self.like(e, expr, pattern, *negated, scope),
            Case { operand, conditions, else_result, .. } => self.case(e, operand.as_deref(), conditions, else_result.as_deref(), scope),
            Cast { expr, data_type: ast::DataType::Date, .. } => {
                let value = self.expr(expr, scope)?;
                self.check_type(&Type::DateTime, &value, &**expr)?;
                Some(Expr::new(Node::Call(functions::Function::ToDate, vec![value]), Type::Date))
            }
            Function(f) => self.function(e, f, scope),
            Exists { subquery, negated } => {
                let found = self.exists(subquery, scope)?;
                Some(if *negated { not(found) } else { found })
            }
            Subquery(query) => self.scalar_subquery(query, scope),
            AnyOp { left, compare_op, right, .. } => self.any(e, left, compare_op, right, scope),
            _ => {
                self.error_hint(
                    Mistake::Unsupported,
                    self.source.place(e),
                    format!("`{e}` is not part of the expression language"),
                    SUBSET,
                );
                None
            }
        }
    }

    /// An expression that must be true, false or unknown.
    pub fn condition(&self, e: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let value = self.expr(e, scope)?;
        self.check_type(&Type::Bool, &value, e)?;
        Some(value)
    }

    pub(super) fn check_type(&self, wanted: &Type, found: &Expr, at: &impl Spanned) -> Option<()> {
        if types::fits(wanted, &found.ty) {
            return Some(());
        }
        self.error(Mistake::WrongType, self.source.place(at), format!("expected {}, found {}", wanted.name(), found.ty.name()));
        None
    }

    fn literal(&self, v: &ast::ValueWithSpan) -> Option<Expr> {
        use ast::Value::*;
        match &v.value {
            Number(text, _) => match money::decimal(text) {
                Some((value, scale)) => {
                    Some(Expr::literal(Value::Number(value), Type::Number(crate::value::Number { scale, unit: Unit::Literal })))
                }
                None => {
                    self.error(Mistake::BadNumber, self.source.of_span(v.span), format!("`{text}` is not a plain decimal number"));
                    None
                }
            },
            SingleQuotedString(s) => Some(Expr::literal(Value::Text(s.clone()), Type::Text)),
            Boolean(b) => Some(Expr::literal(Value::Bool(*b), Type::Bool)),
            Null => Some(Expr::literal(Value::Null, Type::Null)),
            other => {
                self.error_hint(
                    Mistake::Unsupported,
                    self.source.of_span(v.span),
                    format!("`{other}` is not part of the expression language"),
                    SUBSET,
                );
                None
            }
        }
    }

    fn typed_literal(&self, t: &ast::TypedString) -> Option<Expr> {
        let text = match &t.value.value {
            ast::Value::SingleQuotedString(s) => s.as_str(),
            _ => "",
        };
        match (&t.data_type, crate::period::parse_iso_date(text.as_bytes())) {
            (ast::DataType::Date, Some(days)) => Some(Expr::literal(Value::Date(days), Type::Date)),
            _ => {
                self.error_hint(
                    Mistake::BadDate,
                    self.source.of_span(t.value.span),
                    format!("`{text}` is not a date"),
                    "write DATE '2022-04-08'",
                );
                None
            }
        }
    }

    fn unary(&self, e: &ast::Expr, op: ast::UnaryOperator, operand: &ast::Expr, scope: &Scope) -> Option<Expr> {
        match op {
            ast::UnaryOperator::Not => Some(not(self.condition(operand, scope)?)),
            ast::UnaryOperator::Minus => {
                let value = self.expr(operand, scope)?;
                let ty = value.ty.clone();
                self.number(&value, operand)?;
                Some(Expr::new(Node::Negate(Box::new(value)), ty))
            }
            _ => {
                self.error_hint(
                    Mistake::Unsupported,
                    self.source.place(e),
                    format!("operator `{op}` is not part of the expression language"),
                    SUBSET,
                );
                None
            }
        }
    }

    fn number(&self, e: &Expr, at: &impl Spanned) -> Option<Number> {
        match &e.ty {
            Type::Number(n) => Some(*n),
            other => {
                self.error(Mistake::WrongType, self.source.place(at), format!("expected a number, found {}", other.name()));
                None
            }
        }
    }

    fn binary(&self, e: &ast::Expr, left: &ast::Expr, op: &ast::BinaryOperator, right: &ast::Expr, scope: &Scope) -> Option<Expr> {
        use ast::BinaryOperator::*;
        match op {
            And | Or => {
                let (l, r) = (self.condition(left, scope), self.condition(right, scope));
                let parts = vec![l?, r?];
                Some(Expr::new(if *op == And { Node::And(flatten(parts, true)) } else { Node::Or(flatten(parts, false)) }, Type::Bool))
            }
            Plus | Minus | Multiply | Divide => self.arithmetic(e, left, op, right, scope),
            _ => match comparison(op) {
                Some(op) => {
                    let (l, r) = (self.expr(left, scope), self.expr(right, scope));
                    self.compare(e, op, l?, r?)
                }
                None => {
                    self.error_hint(
                        Mistake::Unsupported,
                        self.source.place(e),
                        format!("operator `{op}` is not part of the expression language"),
                        SUBSET,
                    );
                    None
                }
            },
        }
    }

    fn arithmetic(&self, e: &ast::Expr, left: &ast::Expr, op: &ast::BinaryOperator, right: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let (l, r) = (self.expr(left, scope), self.expr(right, scope));
        let (l, r) = (l?, r?);
        let (a, b) = (self.number(&l, left), self.number(&r, right));
        let (a, b) = (a?, b?);
        let (op, ty) = match op {
            ast::BinaryOperator::Multiply => (Arithmetic::Multiply, types::product(a, b).map(Type::Number)),
            ast::BinaryOperator::Divide => (Arithmetic::Divide, types::quotient(a, b).map(Type::Number)),
            ast::BinaryOperator::Plus => (Arithmetic::Add, types::common(&l.ty, &r.ty)),
            _ => (Arithmetic::Subtract, types::common(&l.ty, &r.ty)),
        };
        match ty {
            Some(ty) => Some(Expr::new(Node::Arithmetic(op, Box::new(l), Box::new(r)), ty)),
            None => {
                let sign = match op {
                    Arithmetic::Add => "+",
                    Arithmetic::Subtract => "-",
                    Arithmetic::Multiply => "×",
                    Arithmetic::Divide => "÷",
                };
                let message = format!("{} {sign} {} has no meaning", l.ty.name(), r.ty.name());
                self.error(Mistake::Unit, self.source.place(e), message);
                None
            }
        }
    }

    /// `l op r`, the two brought to one type.
    pub(super) fn compare(&self, at: &impl Spanned, op: Comparison, l: Expr, r: Expr) -> Option<Expr> {
        let (l, r) = self.same_type(at, l, r)?;
        if matches!(l.ty, Type::Bool | Type::Enum(_)) && !matches!(op, Comparison::Equal | Comparison::NotEqual) {
            self.error(Mistake::WrongType, self.source.place(at), format!("{} values have no order", l.ty.name()));
            return None;
        }
        // Dense ids have no order of their own: codes are ordered as they are written.
        let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual) && l.ty == Type::Code;
        let (l, r) = if ordered { (code_text(l), code_text(r)) } else { (l, r) };
        Some(Expr::new(Node::Compare(op, Box::new(l), Box::new(r)), Type::Bool))
    }

    /// Brings two alternatives to a common type: enum literals become indices.
    pub(super) fn same_type(&self, at: &impl Spanned, l: Expr, r: Expr) -> Option<(Expr, Expr)> {
        let (l, r) = match (&l.ty, &r.ty) {
            (Type::Enum(values), Type::Text) => {
                let r = self.enum_literal(at, values, r)?;
                (l, r)
            }
            (Type::Text, Type::Enum(values)) => {
                let l = self.enum_literal(at, values, l)?;
                (l, r)
            }
            (Type::Code, Type::Text) if !matches!(r.node, Node::Literal(_)) => (code_text(l), r),
            (Type::Text, Type::Code) if !matches!(l.node, Node::Literal(_)) => (l, code_text(r)),
            _ => (l, r),
        };
        if types::common(&l.ty, &r.ty).is_none() {
            let hint = match (&l.ty, &r.ty) {
                (Type::Date, Type::DateTime) | (Type::DateTime, Type::Date) => "CAST(… AS DATE) makes a datetime a date",
                (Type::Date, Type::Text) | (Type::Text, Type::Date) => "a date is written DATE '2022-04-08'",
                _ => "both sides must be of one type and unit",
            };
            self.error_hint(
                Mistake::WrongType,
                self.source.place(at),
                format!("{} and {} cannot be compared", l.ty.name(), r.ty.name()),
                hint,
            );
            return None;
        }
        Some((l, r))
    }

    fn enum_literal(&self, at: &impl Spanned, values: &EnumType, e: Expr) -> Option<Expr> {
        let Node::Literal(Value::Text(text)) = &e.node else {
            self.error(Mistake::WrongType, self.source.place(at), "an enum can only be compared with one of its values");
            return None;
        };
        match values.0.values.iter().position(|v| v == text) {
            Some(i) => Some(Expr::literal(Value::Enum(i as u8), Type::Enum(values.clone()))),
            None => {
                let hint = format!("its values: {}", values.0.values.join(" | "));
                self.error_hint(Mistake::UnknownValue, self.source.place(at), format!("`{text}` is not a value of this column"), hint);
                None
            }
        }
    }

    fn between(&self, e: &ast::Expr, low: &ast::Expr, high: &ast::Expr, negated: bool, scope: &Scope) -> Option<Expr> {
        let value = self.expr(e, scope);
        let (low_value, high_value) = (self.expr(low, scope), self.expr(high, scope));
        let value = value?;
        let from = self.compare(low, Comparison::GreaterOrEqual, value.clone(), low_value?)?;
        let to = self.compare(high, Comparison::LessOrEqual, value, high_value?)?;
        let both = Expr::new(Node::And(vec![from, to]), Type::Bool);
        Some(if negated { not(both) } else { both })
    }

    fn in_list(&self, e: &ast::Expr, list: &[ast::Expr], negated: bool, scope: &Scope) -> Option<Expr> {
        let value = self.expr(e, scope)?;
        let mut resolved = Vec::new();
        for item in list {
            let item_value = self.expr(item, scope)?;
            resolved.push(self.same_type(item, value.clone(), item_value)?.1);
        }
        let found = Expr::new(Node::InList { value: Box::new(value), list: resolved }, Type::Bool);
        Some(if negated { not(found) } else { found })
    }

    fn like(&self, e: &ast::Expr, value: &ast::Expr, pattern: &ast::Expr, negated: bool, scope: &Scope) -> Option<Expr> {
        let resolved = self.expr(value, scope)?;
        self.check_type(&Type::Text, &resolved, value)?;
        let prefix = match pattern {
            ast::Expr::Value(v) => match &v.value {
                ast::Value::SingleQuotedString(s) => s.strip_suffix('%').filter(|p| !p.contains(['%', '_'])),
                _ => None,
            },
            _ => None,
        };
        let Some(prefix) = prefix else {
            self.error_hint(Mistake::Unsupported, self.source.place(e), "LIKE takes a prefix only", "write LIKE 'C16%'");
            return None;
        };
        let found = Expr::new(Node::StartsWith { value: Box::new(resolved), prefix: prefix.to_string() }, Type::Bool);
        Some(if negated { not(found) } else { found })
    }

    fn case(
        &self,
        e: &ast::Expr,
        operand: Option<&ast::Expr>,
        whens: &[ast::CaseWhen],
        otherwise: Option<&ast::Expr>,
        scope: &Scope,
    ) -> Option<Expr> {
        let operand = match operand {
            Some(o) => Some(self.expr(o, scope)?),
            None => None,
        };
        let (mut branches, mut values) = (Vec::new(), Vec::new());
        for when in whens {
            let condition = match &operand {
                Some(o) => {
                    let c = self.expr(&when.condition, scope)?;
                    self.compare(&when.condition, Comparison::Equal, o.clone(), c)?
                }
                None => self.condition(&when.condition, scope)?,
            };
            branches.push(condition);
            values.push(self.expr(&when.result, scope)?);
        }
        if let Some(o) = otherwise {
            values.push(self.expr(o, scope)?);
        }
        let (mut values, ty) = self.alternatives(e, values)?;
        let otherwise = otherwise.and_then(|_| values.pop()).map(Box::new);
        Some(Expr::new(Node::Case { branches: branches.into_iter().zip(values).collect(), otherwise }, ty))
    }

    /// Several values of which one will stand: their common type.
    pub(super) fn alternatives(&self, at: &impl Spanned, values: Vec<Expr>) -> Option<(Vec<Expr>, Type)> {
        let lead = values.iter().find(|v| matches!(v.ty, Type::Enum(_))).or(values.first())?.clone();
        let values: Option<Vec<Expr>> = values
            .into_iter()
            .map(|v| match (&lead.ty, &v.ty) {
                (Type::Text, Type::Code) => Some(code_text(v)),
                (Type::Code, Type::Text) => Some(v),
                _ => Some(self.same_type(at, lead.clone(), v)?.1),
            })
            .collect();
        let mut values = values?;
        if values.iter().any(|v| v.ty == Type::Text) {
            values = values.into_iter().map(|v| if v.ty == Type::Code { code_text(v) } else { v }).collect();
        }
        let ty = values.iter().skip(1).try_fold(values[0].ty.clone(), |ty, v| types::common(&ty, &v.ty));
        match ty {
            Some(ty) => Some((values, ty)),
            None => {
                self.error(Mistake::WrongType, self.source.place(at), "the alternatives are not of one type and unit");
                None
            }
        }
    }
}

pub(super) const SUBSET: &str = "`huiqi help unsupported` lists what an expression may say";

pub(super) fn comparison(op: &ast::BinaryOperator) -> Option<Comparison> {
    use ast::BinaryOperator::*;
    Some(match op {
        Eq => Comparison::Equal,
        NotEq => Comparison::NotEqual,
        Lt => Comparison::Less,
        LtEq => Comparison::LessOrEqual,
        Gt => Comparison::Greater,
        GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

pub(super) fn not(e: Expr) -> Expr {
    Expr::new(Node::Not(Box::new(e)), Type::Bool)
}

fn is_null(e: Expr) -> Expr {
    Expr::new(Node::IsNull(Box::new(e)), Type::Bool)
}

pub(super) fn code_text(e: Expr) -> Expr {
    Expr::new(Node::Call(functions::Function::CodeText, vec![e]), Type::Text)
}

/// `a AND (b AND c)` as one list, so that each part can be looked at by itself.
pub fn flatten(parts: Vec<Expr>, and: bool) -> Vec<Expr> {
    let mut flat = Vec::new();
    for part in parts {
        match part.node {
            Node::And(inner) if and => flat.extend(inner),
            Node::Or(inner) if !and => flat.extend(inner),
            node => flat.push(Expr { node, ty: part.ty }),
        }
    }
    flat
}
