use huiqi::policy::{Broken, load};
fn main() {
    let dir = std::env::args().nth(1).unwrap_or("pipelines/xinzhou-2022".into());
    match load(std::path::Path::new(&dir)) {
        Ok(p) => println!("{} measures, {} facts, {} parameters", p.measures.len(), p.facts.len(), p.parameters.len()),
        Err(Broken::Io(path, e)) => println!("{path:?} {e}"),
        Err(Broken::Invalid(d, files)) => println!("{}{} findings", huiqi::diagnostic::render(&d, &files, false), d.len()),
    }
}
