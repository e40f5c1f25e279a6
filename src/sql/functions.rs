//! The functions of the language, one entry each: all that is known of a function stands in its entry.
//!
//! The compiler forces every entry whole; a test computes every example. Who evaluates, explains or prints an expression asks here.

use crate::period;
use crate::value::Type;
use polars::prelude as pl;
use polars::prelude::DataType;

/// What is known of one function.
pub struct Entry {
    /// As it is written; none where the resolver alone puts it in.
    pub name: Option<&'static str>,
    pub takes: Takes,
    pub computed: Computed,
    /// What it is called in an explanation, from what its arguments are called.
    pub words: fn(&[String]) -> String,
    /// What its number counts, for people; empty where nothing says it.
    pub unit: &'static str,
    /// A call and what comes out, both as they are written; none of what cannot be written.
    pub example: Option<[&'static str; 2]>,
}

/// Arguments and result.
pub enum Takes {
    /// So many of these types; the result's type.
    These(&'static [Type], Type),
    /// One or more of a common type, which is the result's.
    Alternatives,
}

/// How the value comes about; a NULL among the arguments makes it NULL, but for the first of [`Choice::First`].
pub enum Computed {
    /// On the integers that columns store (days, milliseconds, counts), none of which is NULL; `None`: the result does not exist.
    Integers(fn(&[i128]) -> Option<i128>),
    /// From the calendar of working days.
    Calendar,
    /// By the engine, on texts.
    Texts(fn(Vec<pl::Expr>) -> pl::Expr),
    /// One of the arguments.
    Choice(Choice),
    /// The text behind a code of the dictionary.
    Dictionary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The first that is not NULL.
    First,
    Least,
    Greatest,
}

/// The working days of the pipeline's calendar.
pub trait Calendar: Sync {
    /// Working days after `from` up to and including `to`, both days since 1970-01-01 (negative where `to` is before `from`);
    /// or the first day of these that the calendar does not have.
    fn working_days(&self, from: i32, to: i32) -> Result<i32, i32>;
}

const DATE: Type = Type::Date;
const MOMENT: Type = Type::DateTime;
const INT: Type = Type::INT;
const TEXT: Type = Type::Text;

impl Function {
    /// Whether the value depends on more than the arguments.
    pub fn asks_calendar(self) -> bool {
        matches!(self.entry().computed, Computed::Calendar)
    }

    pub fn named(name: &str) -> Option<Function> {
        Function::ALL.iter().copied().find(|f| f.entry().name.is_some_and(|known| known.eq_ignore_ascii_case(name)))
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        Function::ALL.iter().copied().filter_map(|f| f.entry().name)
    }

    /// As a diagnostic calls it.
    pub fn name(self) -> &'static str {
        self.entry().name.unwrap_or("CAST")
    }

    /// The choice that it makes among its arguments, where it makes one.
    pub fn choice(self) -> Option<Choice> {
        match self.entry().computed {
            Computed::Choice(choice) => Some(choice),
            _ => None,
        }
    }
}

/// Declares the functions: each name with its entry.
macro_rules! functions {
    ($($(#[$says:meta])* $name:ident = $entry:expr;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Function {
            $($(#[$says])* $name,)+
        }

        impl Function {
            pub const ALL: &'static [Function] = &[$(Function::$name,)+];

            /// All that is known of it.
            pub fn entry(self) -> Entry {
                match self {
                    $(Function::$name => $entry,)+
                }
            }
        }
    };
}

functions! {
    Year = Entry {
        name: Some("YEAR"),
        takes: Takes::These(&[DATE], INT),
        computed: Computed::Integers(|args| Some(i128::from(period::civil(day(args, 0)?).0))),
        words: |args| format!("{}的年份", args[0]),
        unit: "年",
        example: Some(["YEAR(DATE '2022-04-08')", "2022"]),
    };
    Month = Entry {
        name: Some("MONTH"),
        takes: Takes::These(&[DATE], INT),
        computed: Computed::Integers(|args| Some(i128::from(period::civil(day(args, 0)?).1))),
        words: |args| format!("{}的月份", args[0]),
        unit: "",
        example: Some(["MONTH(DATE '2022-04-08')", "4"]),
    };
    Day = Entry {
        name: Some("DAY"),
        takes: Takes::These(&[DATE], INT),
        computed: Computed::Integers(|args| Some(i128::from(period::civil(day(args, 0)?).2))),
        words: |args| format!("{}的日", args[0]),
        unit: "",
        example: Some(["DAY(DATE '2022-04-08')", "8"]),
    };
    Hour = Entry {
        name: Some("HOUR"),
        takes: Takes::These(&[MOMENT], INT),
        computed: Computed::Integers(|args| Some(args[0].rem_euclid(DAY_MS) / HOUR_MS)),
        words: |args| format!("{}的小时", args[0]),
        unit: "",
        example: Some(["HOUR(AT_HOUR(DATE '2022-04-08', 9))", "9"]),
    };
    /// The last day of the date's month.
    MonthEnd = Entry {
        name: Some("MONTH_END"),
        takes: Takes::These(&[DATE], DATE),
        computed: Computed::Integers(|args| Some(i128::from(period::month_end(day(args, 0)?)))),
        words: |args| format!("{}所在月的最后一天", args[0]),
        unit: "",
        example: Some(["MONTH_END(DATE '2024-02-05')", "DATE '2024-02-29'"]),
    };
    MakeDate = Entry {
        name: Some("MAKE_DATE"),
        takes: Takes::These(&[INT, INT, INT], DATE),
        computed: Computed::Integers(|args| {
            let part = |at: usize| u32::try_from(args[at]).ok();
            Some(i128::from(period::days(small(args, 0)?, part(1)?, part(2)?)?))
        }),
        words: |args| {
            let sign = if args[0].ends_with(|c: char| c.is_ascii_digit()) { "年" } else { "" };
            format!("{}{sign}{}月{}日", args[0], args[1], args[2])
        },
        unit: "",
        example: Some(["MAKE_DATE(2022, 4, 8)", "DATE '2022-04-08'"]),
    };
    AddDays = Entry {
        name: Some("ADD_DAYS"),
        takes: Takes::These(&[DATE, INT], DATE),
        computed: Computed::Integers(|args| args[0].checked_add(args[1])),
        words: |args| format!("{}加{}（天）", args[0], args[1]),
        unit: "",
        example: Some(["ADD_DAYS(DATE '2022-12-31', 1)", "DATE '2023-01-01'"]),
    };
    /// The same day so many months on, or that month's last.
    AddMonths = Entry {
        name: Some("ADD_MONTHS"),
        takes: Takes::These(&[DATE, INT], DATE),
        computed: Computed::Integers(|args| Some(i128::from(period::add_months(day(args, 0)?, small(args, 1)?)?))),
        words: |args| format!("{}加{}（月）", args[0], args[1]),
        unit: "",
        example: Some(["ADD_MONTHS(DATE '2022-01-31', 1)", "DATE '2022-02-28'"]),
    };
    AddYears = Entry {
        name: Some("ADD_YEARS"),
        takes: Takes::These(&[DATE, INT], DATE),
        computed: Computed::Integers(|args| Some(i128::from(period::add_years(day(args, 0)?, small(args, 1)?)?))),
        words: |args| format!("{}加{}（年）", args[0], args[1]),
        unit: "",
        example: Some(["ADD_YEARS(DATE '2020-02-29', 1)", "DATE '2021-02-28'"]),
    };
    /// Counts the first day and not the last.
    DaysBetween = Entry {
        name: Some("DAYS_BETWEEN"),
        takes: Takes::These(&[DATE, DATE], INT),
        computed: Computed::Integers(|args| args[1].checked_sub(args[0])),
        words: |args| format!("{}到{}的天数", args[0], args[1]),
        unit: "天",
        example: Some(["DAYS_BETWEEN(DATE '2022-04-08', DATE '2022-04-10')", "2"]),
    };
    /// From the month of the first date to that of the second; the days do not count.
    MonthsBetween = Entry {
        name: Some("MONTHS_BETWEEN"),
        takes: Takes::These(&[DATE, DATE], INT),
        computed: Computed::Integers(|args| Some(i128::from(period::months_between(day(args, 0)?, day(args, 1)?)))),
        words: |args| format!("{}到{}的月数", args[0], args[1]),
        unit: "个月",
        example: Some(["MONTHS_BETWEEN(DATE '2022-01-31', DATE '2022-03-01')", "2"]),
    };
    ToDate = Entry {
        name: None,
        takes: Takes::These(&[MOMENT], DATE),
        computed: Computed::Integers(|args| Some(args[0].div_euclid(DAY_MS))),
        words: |args| args[0].clone(),
        unit: "",
        example: Some(["CAST(AT_HOUR(DATE '2022-04-08', 9) AS DATE)", "DATE '2022-04-08'"]),
    };
    AtHour = Entry {
        name: Some("AT_HOUR"),
        takes: Takes::These(&[DATE, INT], MOMENT),
        computed: Computed::Integers(|args| args[0].checked_mul(DAY_MS)?.checked_add(args[1].checked_mul(HOUR_MS)?)),
        words: |args| format!("{}{}时", args[0], args[1]),
        unit: "",
        example: Some(["AT_HOUR(DATE '2022-04-08', 24)", "AT_HOUR(DATE '2022-04-09', 0)"]),
    };
    AddHours = Entry {
        name: Some("ADD_HOURS"),
        takes: Takes::These(&[MOMENT, INT], MOMENT),
        computed: Computed::Integers(|args| args[0].checked_add(args[1].checked_mul(HOUR_MS)?)),
        words: |args| format!("{}加{}（小时）", args[0], args[1]),
        unit: "",
        example: Some(["ADD_HOURS(AT_HOUR(DATE '2022-04-08', 9), 72)", "AT_HOUR(DATE '2022-04-11', 9)"]),
    };
    /// After the first date up to and including the second.
    WorkDays = Entry {
        name: Some("WORKDAYS"),
        takes: Takes::These(&[DATE, DATE], INT),
        computed: Computed::Calendar,
        words: |args| format!("{}到{}的工作日数", args[0], args[1]),
        unit: "个工作日",
        example: Some(["WORKDAYS(DATE '2022-04-08', DATE '2022-04-11')", "1"]),
    };
    Left = Entry {
        name: Some("LEFT"),
        takes: Takes::These(&[TEXT, INT], TEXT),
        computed: Computed::Texts(|mut args| {
            let count = args.pop().unwrap_or_else(|| pl::lit(pl::NULL));
            args.pop().unwrap_or_else(|| pl::lit(pl::NULL)).str().head(count)
        }),
        words: |args| format!("{}的前{}位", args[0], args[1]),
        unit: "",
        example: Some(["LEFT('C3612', 1)", "'C'"]),
    };
    Length = Entry {
        name: Some("LENGTH"),
        takes: Takes::These(&[TEXT], INT),
        computed: Computed::Texts(|mut args| args.pop().unwrap_or_else(|| pl::lit(pl::NULL)).str().len_chars().cast(DataType::Int64)),
        words: |args| format!("{}的位数", args[0]),
        unit: "",
        example: Some(["LENGTH('忻州')", "2"]),
    };
    /// The alternatives of a value that may be missing go by the first.
    Coalesce = Entry {
        name: Some("COALESCE"),
        takes: Takes::Alternatives,
        computed: Computed::Choice(Choice::First),
        words: |args| args[0].clone(),
        unit: "",
        example: Some(["COALESCE(NULL, 2, 1)", "2"]),
    };
    Least = Entry {
        name: Some("LEAST"),
        takes: Takes::Alternatives,
        computed: Computed::Choice(Choice::Least),
        words: |args| format!("取小（{}）", args.join("，")),
        unit: "",
        example: Some(["LEAST(2, 1.5)", "1.5"]),
    };
    Greatest = Entry {
        name: Some("GREATEST"),
        takes: Takes::Alternatives,
        computed: Computed::Choice(Choice::Greatest),
        words: |args| format!("取大（{}）", args.join("，")),
        unit: "",
        example: Some(["GREATEST(DATE '2022-04-08', DATE '2022-01-01')", "DATE '2022-04-08'"]),
    };
    CodeText = Entry {
        name: None,
        takes: Takes::These(&[Type::Code], TEXT),
        computed: Computed::Dictionary,
        words: |args| args[0].clone(),
        unit: "",
        example: None,
    };
}

const DAY_MS: i128 = period::DAY_MS as i128;
const HOUR_MS: i128 = 3_600_000;

fn day(args: &[i128], at: usize) -> Option<i32> {
    small(args, at)
}

fn small(args: &[i128], at: usize) -> Option<i32> {
    i32::try_from(args[at]).ok()
}

/// The value of a call whose arguments are integers, none of them NULL; `Err` where the calendar lacks a day of it.
pub fn call(function: Function, args: &[i128], calendar: &dyn Calendar) -> Result<Option<i128>, i32> {
    match function.entry().computed {
        Computed::Integers(compute) => Ok(compute(args)),
        Computed::Calendar => match (day(args, 0), day(args, 1)) {
            (Some(from), Some(to)) => calendar.working_days(from, to).map(|days| Some(i128::from(days))),
            _ => Ok(None),
        },
        Computed::Texts(_) | Computed::Choice(_) | Computed::Dictionary => Ok(None),
    }
}
