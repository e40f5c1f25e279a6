//! Whether a path fits a pattern of `*` (any characters but `/`) and `?` (one of them).

/// Whether the whole of a path fits.
pub fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    // The last star, and where the path went on behind it: what follows is tried again one character later.
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < path.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&wanted) if wanted == path[seen] || wanted == '?' && path[seen] != '/' => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((before, from)) if path[from] != '/' => {
                    (at, seen) = (before + 1, from + 1);
                    star = Some((before, seen));
                }
                _ => return false,
            },
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_marks() {
        for (pattern, path, expected) in [
            ("增值税申报*", "增值税申报2022.xlsx", true),
            ("增值税申报*", "增值税申报", true),
            ("增值税申报*.csv", "增值税申报2022.xlsx", false),
            ("*申报*.csv", "增值税申报申报1.csv", true),
            ("税务/*.csv", "税务/一.csv", true),
            ("税务*.csv", "税务/一.csv", false),
            ("第?季度.csv", "第一季度.csv", true),
            ("第?季度.csv", "第季度.csv", false),
            ("a*b*c", "a-b-b-d", false),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }
}
