//! Same inputs, same bytes: whatever the thread count, the order of rows, and how a table is cut into part files.

use crate::house::House;
use crate::tables::shuffle;
use std::fs;

#[test]
fn threads_row_order_and_part_files_change_no_byte() {
    let house = House::new();
    assert_eq!(house.run("plain", &["--threads", "1"]).status, 0);
    assert_eq!(house.run("threads", &["--threads", "4"]).status, 0);
    assert_eq!(house.figures("plain"), house.figures("threads"));
    let tables: Vec<_> = fs::read_dir(house.path("data")).unwrap().map(|e| e.unwrap().path()).collect();
    for path in tables.iter().filter(|p| p.extension().is_some_and(|e| e == "csv")) {
        let text = fs::read_to_string(path).unwrap();
        let (header, rows) = text.split_once('\n').unwrap();
        let mut shuffled: Vec<&str> = rows.lines().collect();
        shuffle(&mut shuffled);
        let folder = path.with_extension("");
        fs::create_dir(&folder).unwrap();
        for (part, rows) in shuffled.chunks(shuffled.len().div_ceil(3).max(1)).enumerate() {
            fs::write(folder.join(format!("part-{part}.csv")), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
        }
        fs::remove_file(path).unwrap();
    }
    let parts = house.run("parts", &[]);
    assert_eq!(parts.status, 0, "{}", parts.stderr);
    assert_eq!(house.figures("plain"), house.figures("parts"));
}
