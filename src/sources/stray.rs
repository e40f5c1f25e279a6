//! What a file that no source takes may be: names as people write them, and files that programs leave behind.

use super::normal;

/// Files of the office programs and of the system that lie about and are nobody's data.
pub fn is_litter(name: &str) -> bool {
    const SYSTEM: [&str; 3] = [".ds_store", "thumbs.db", "desktop.ini"];
    ["~$", ".~", "._"].iter().any(|start| name.starts_with(start)) || SYSTEM.contains(&name.to_ascii_lowercase().as_str())
}

/// A name without what people add to it: extension, brackets with what they hold, and digits, dates, blanks and marks at the end; in
/// small letters.
pub fn bare(name: &str, has_extension: bool) -> String {
    let name = normal::half_width(name).to_lowercase();
    let name = if has_extension { without_extension(&name) } else { &name };
    let mut bare: Vec<char> = without_brackets(name).chars().collect();
    while let Some(&last) = bare.last() {
        let before = bare.len().checked_sub(2).map(|at| bare[at]);
        let ends_date = matches!(last, '年' | '月' | '日') && before.is_some_and(|before| before.is_ascii_digit());
        if !(last.is_ascii_digit() || last.is_whitespace() || matches!(last, '_' | '-' | '.') || ends_date) {
            break;
        }
        bare.pop();
    }
    bare.into_iter().collect::<String>().trim_start().to_owned()
}

/// Extensions are short and of letters and digits; a packed table has two.
fn without_extension(name: &str) -> &str {
    let is_extension = |end: &str| (1..=7).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let cut = |name| match str::rsplit_once(name, '.') {
        Some((stem, end)) if is_extension(end) && end.bytes().any(|byte| byte.is_ascii_alphabetic()) && !stem.is_empty() => stem,
        _ => name,
    };
    cut(cut(name))
}

fn without_brackets(name: &str) -> String {
    const PAIRS: [(char, char); 5] = [('(', ')'), ('[', ']'), ('【', '】'), ('〔', '〕'), ('{', '}')];
    let mut kept = name.to_owned();
    for (open, close) in PAIRS {
        while let Some(from) = kept.find(open)
            && let Some(length) = kept[from..].find(close)
        {
            kept.replace_range(from..from + length + close.len_utf8(), "");
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_write_them() {
        for (name, expected) in [
            ("New_Permits.CSV", "new_permits"),
            ("new_permits.csv.bak", "new_permits"),
            ("new_permits (1).xlsx", "new_permits"),
            ("new_permits.zip", "new_permits"),
            ("增值税申报（终稿）2022年12月31日.xls", "增值税申报"),
            ("增值税申报２０２２．１２.et", "增值税申报"),
            ("【报送】增值税申报-20221231_2.7z", "增值税申报"),
            ("增值税申报2022年度.rar", "增值税申报2022年度"),
            ("历年.csv", "历年"),
        ] {
            assert_eq!(bare(name, true), expected, "{name}");
        }
        assert_eq!(bare("增值税申报 2022.12", false), "增值税申报");
        assert!(["~$1.xlsx", ".~lock.a.xlsx#", "._1.csv", "Thumbs.db", ".DS_Store"].into_iter().all(is_litter) && !is_litter("1.csv"));
    }
}
