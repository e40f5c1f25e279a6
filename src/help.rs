//! The page behind a code: what it means, why it is so, an example that a fixture proves, what to do.
//!
//! Guarantees: a code without a whole page, or without a fixture that earns it, does not compile; the example is the fixture's own.
//! A page is in the language of who meets the code: English for authors of rules, Chinese for the offices that deliver data.

use std::fmt;

/// Who reads a page, in which language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Whoever writes pipeline files.
    Author,
    /// Whoever delivers data.
    Office,
}

/// What is known of a code.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub code: &'static str,
    pub reader: Reader,
    /// One line. What stands in braces only the place knows.
    pub means: &'static str,
    pub why: &'static str,
    /// What a fixture of this code shows, among other things.
    pub shown: &'static str,
    pub todo: &'static str,
}

impl Page {
    /// The part of what the fixture shows that is about this code.
    pub fn example(&self) -> &'static str {
        let mark = match self.reader {
            Reader::Author => format!("[{}]", self.code),
            Reader::Office => format!("规则 {}\n", self.code),
        };
        let found = self.shown.split("\n\n").find(|part| part.contains(&mark));
        found.unwrap_or(self.shown).trim_end()
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [why, example, todo] = match self.reader {
            Reader::Author => ["Why", "Example", "What to do"],
            Reader::Office => ["为什么", "示例", "怎么办"],
        };
        writeln!(f, "{}\n{}", self.code, without_braces(self.means))?;
        writeln!(f, "\n{why}\n{}", indented(self.why))?;
        writeln!(f, "\n{example}\n{}", indented(self.example()))?;
        writeln!(f, "\n{todo}\n{}", indented(self.todo))
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}").trim_end().to_string()).collect();
    lines.join("\n")
}

fn without_braces(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, (_, after))) = rest.split_once('{').and_then(|(before, inner)| Some((before, inner.split_once('}')?))) {
        shown.push_str(before);
        shown.push('…');
        rest = after;
    }
    shown + rest
}

/// Declares an enum of codes with their pages.
macro_rules! explained {
    ($(#[$attribute:meta])* $name:ident for $reader:ident, shown in $folder:literal:
     $($variant:ident = $code:literal { means: $means:expr, why: $why:expr, todo: $todo:expr $(,)? })*) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $means] $variant,)*
        }

        impl $name {
            /// Every one, in the order of this file.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The stable name: it never changes its meaning.
            pub const fn code(self) -> &'static str {
                match self {
                    $($name::$variant => $code,)*
                }
            }

            /// What `huiqi help` prints.
            pub const fn page(self) -> $crate::help::Page {
                match self {
                    $($name::$variant => $crate::help::Page {
                        code: $code,
                        reader: $crate::help::Reader::$reader,
                        means: $means,
                        why: $why,
                        shown: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $code, "/expected.txt")),
                        todo: $todo,
                    },)*
                }
            }
        }
    };
}

pub(crate) use explained;
