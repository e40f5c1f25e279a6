//! Same inputs, same bytes: whatever the thread count, the order of rows, and how a table is cut into part files.

use crate::house::House;
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
        let shuffled = shuffled(rows.lines().collect());
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

/// A fixed permutation (a small linear congruential generator; no clock, no seed from outside).
fn shuffled(mut rows: Vec<&str>) -> Vec<&str> {
    let mut state: u64 = 2022;
    for at in (1..rows.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(at, (state >> 33) as usize % (at + 1));
    }
    rows
}
