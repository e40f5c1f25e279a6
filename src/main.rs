use huiqi::ledger::{Book, lines, summarise};
use huiqi::policy::{Broken, Overlay, load};
use std::path::Path;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut p = match load(Path::new("pipelines/xinzhou-2022")) {
        Ok(p) => p,
        Err(Broken::Io(path, e)) => return println!("{path:?} {e}"),
        Err(Broken::Invalid(d, files)) => {
            return println!("{}{} findings", huiqi::diagnostic::render(&d, &files, false), d.len());
        }
    };
    if args.len() > 4 {
        let mut o = Overlay::default();
        o.add_file(&std::fs::read_to_string(&args[4]).unwrap()).unwrap();
        o.apply(&mut p).unwrap();
    }
    let t = std::time::Instant::now();
    let wanted = vec![true; p.sources.len()];
    let tables = huiqi::sources::read(&p.sources, Path::new(&args[1]), Path::new("pipelines/xinzhou-2022/tables"), &wanted).unwrap();
    println!("read {:?} rejects {} warnings {:?}", t.elapsed(), tables.rejects.len(), tables.warnings);
    for r in tables.rejects.iter().take(5) {
        println!("{r:?}");
    }
    let as_of = huiqi::period::parse_iso_date(args[2].as_bytes()).unwrap();
    let world = huiqi::facts::World::new(&p, &tables, as_of);
    let all: Vec<usize> = (0..p.measures.len()).collect();
    let decided = huiqi::measures::decide_all(&world, &all, 2).map_err(|(m, e)| format!("{}: {e}", p.measures[m].id)).unwrap();
    println!("decided {:?}", t.elapsed());
    let settled = huiqi::settlement::settle(&world, decided).map_err(|(m, e)| format!("{}: {e}", p.measures[m].id)).unwrap();
    let all: Vec<_> =
        settled.iter().map(|s| lines(&world, s).map_err(|e| format!("{}: {e}", p.measures[s.measure()].id)).unwrap()).collect();
    let summary = summarise(&settled, &all).unwrap();
    println!("lines {:?} summary {}", t.elapsed(), summary.len());
    let out = Path::new(&args[3]);
    std::fs::create_dir_all(out.join("ledger")).unwrap();
    for book in Book::ALL {
        let mut w = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![0xEF, 0xBB, 0xBF]);
        w.write_record(huiqi::ledger::columns::LEDGER).unwrap();
        let m = |v: Option<i64>| v.map_or(String::new(), |v| huiqi::money::format_yuan(v.into()));
        for l in all.iter().filter(|l| Book::of(l.measure.kind) == book) {
            for x in &l.lines {
                w.write_record([
                    &x.id,
                    &l.measure.id,
                    &l.measure.article.to_string(),
                    &l.measure.title,
                    l.measure.kind.name(),
                    &x.subject,
                    &x.name,
                    &x.county,
                    &x.document,
                    &x.period,
                    &m(x.before),
                    &m(x.cut),
                    &x.reason,
                    &m(x.amount),
                    &m(x.ceiling),
                    x.status,
                    l.measure.payer.as_deref().unwrap_or(""),
                    &l.offices,
                    &x.basis,
                    &l.version,
                ])
                .unwrap();
            }
        }
        std::fs::write(out.join("ledger").join(book.file()), w.into_inner().unwrap()).unwrap();
    }
    let t = std::time::Instant::now();
    let all: Vec<usize> = (0..p.indicators.len()).collect();
    let kpis = huiqi::indicators::evaluate(&world, &all).map_err(|(i, e)| format!("{}: {e}", p.indicators[i].name)).unwrap();
    println!("indicators {:?} {:?} {:?}", t.elapsed(), kpis.remarks, kpis.warnings);
    std::fs::create_dir_all(out.join("kpi")).unwrap();
    for kpi in &kpis.tables {
        let mut w = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![0xEF, 0xBB, 0xBF]);
        w.write_record(&kpi.header).unwrap();
        kpi.rows.iter().for_each(|r| w.write_record(r).unwrap());
        std::fs::write(out.join("kpi").join(format!("{}.csv", kpi.name)), w.into_inner().unwrap()).unwrap();
    }
    for s in &summary {
        if s.dimension == "措施" {
            println!("{} {:?} {}", s.group, s.verdicts, s.total);
        }
    }
}
