//! Exact programs and writers over columns, rows a second: `cargo bench --bench columns`; of one core with `RAYON_NUM_THREADS=1`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use huiqi::ledger::columns::{code, number, text};
use huiqi::money::Fen;
use huiqi::publish::csv::{Csv, Out, fen};
use huiqi::sql::exact::{Cells, Inputs, Program};
use huiqi::sql::ir::Comparison;
use std::ops::Range;

fn main() {
    divan::main();
}

const ROWS: usize = 1_000_000;

/// Money, a rate and days, all known.
struct Columns([Vec<i64>; 3]);

impl Columns {
    fn new(money: i64) -> Columns {
        let column = |value: fn(i64, i64) -> i64| (0..ROWS as i64).map(|row| value(row, money)).collect();
        Columns([
            column(|row, money| money + row * 7919 % 100_000_000),
            column(|row, _| 3_650_000 + row % 1_000),
            column(|row, _| row % 366 + 1),
        ])
    }
}

impl Inputs for Columns {
    fn cells(&self, index: usize, rows: &Range<usize>) -> Cells<'_> {
        Cells::Small { values: &self.0[index][rows.clone()], known: None }
    }
}

fn input(index: usize, scale: u32) -> Box<Program> {
    Box::new(Program::Input { index, scale })
}

/// 本金 × 年利率 × 天数 ÷ 360.
fn interest() -> Program {
    let product = Program::Multiply(Box::new(Program::Multiply(input(0, 2), input(1, 8))), input(2, 0));
    Program::Divide(Box::new(product), Box::new(Program::Constant { value: 360, scale: 0 }))
}

/// An amount that 64 bits hold (small money), and one that needs 128 (large).
#[divan::bench(args = [0, 900_000_000_000_000], sample_count = 10)]
fn amounts(bencher: Bencher, money: i64) {
    let (columns, program) = (Columns::new(money), interest());
    bencher.counter(ItemsCount::new(ROWS)).bench(|| program.rounded(&columns, ROWS, 2));
}

/// A threshold: money at least a share of other money.
#[divan::bench(sample_count = 10)]
fn comparisons(bencher: Bencher) {
    let columns = Columns::new(0);
    let share = Program::Multiply(input(2, 2), Box::new(Program::Constant { value: 30_000_000, scale: 8 }));
    bencher.counter(ItemsCount::new(ROWS)).bench(|| input(0, 2).compare(&share, Comparison::GreaterOrEqual, &columns, ROWS));
}

/// Lines of a ledger as bytes.
#[divan::bench(sample_count = 10)]
fn lines(bencher: Bencher) {
    const LINES: usize = 100_000;
    let columns = [code("统一社会信用代码"), text("主体名称"), code("日期"), number("金额"), text("计算依据")];
    let line = |row: usize, out: &mut dyn Out| {
        out.code("91140902MA0GT5XY1K");
        out.text("忻州恒信商贸有限公司");
        out.code_by(&mut |text| huiqi::period::write_date(text, 19_000 + (row % 365) as i32));
        out.number(fen(Fen(row as i64 * 1_234)));
        out.text_by(&mut |text| {
            text.push_str("补助基数 ");
            Fen(row as i64 * 41_133).write_grouped(text);
            text.push_str(" × 补助比例 3%");
        });
    };
    let bytes = Csv::build(&columns, LINES, line).to_bytes().len();
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(LINES)).bench(|| Csv::build(&columns, LINES, line));
}
