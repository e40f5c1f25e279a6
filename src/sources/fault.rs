//! Why a whole file is not read, in words that whoever sent it can act on.

use super::rules::Rule;
use super::seen::Refusal;

/// Why a whole file cannot be read.
#[derive(Debug)]
pub struct FileFault {
    pub rule: Rule,
    pub column: String,
    /// What only the place knows.
    pub note: String,
    /// What helps.
    pub todo: &'static str,
}

impl FileFault {
    pub fn new(rule: Rule, note: impl Into<String>) -> FileFault {
        FileFault { rule, column: String::new(), note: note.into(), todo: rule.page().todo }
    }

    /// Of a file that is a workbook, and called a text.
    pub fn of_book(self) -> FileFault {
        let note = self.note + "；内容是工作簿而不是文本，请把扩展名改为 .xlsx 或 .xls，或者另存为 CSV";
        FileFault { note, ..self }
    }

    /// What is wrong, in Chinese.
    pub fn reason(&self) -> String {
        self.rule.reason(None, &self.note)
    }

    /// As whoever looks at the delivery as a whole is told.
    pub fn refusal(&self) -> Refusal {
        Refusal { rule: self.rule, says: self.reason(), todo: self.todo }
    }
}

/// What is wrong with a file that its reader refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    Damaged,
    /// It ends before its end.
    Cut,
    Empty,
    Password,
    /// It is not what its extension says.
    Other,
}

/// A file that its reader refuses, for this reason.
pub fn unread(why: Unread, detail: impl ToString) -> FileFault {
    let detail = detail.to_string();
    let (note, todo) = match why {
        Unread::Damaged => (format!("文件损坏（{detail}）"), "请从业务系统重新导出，在本机打开确认无误后再报送。"),
        Unread::Cut => (format!("文件不完整，传输时中断（{detail}）"), "请重新传送这份文件，核对大小后再报送。"),
        Unread::Empty => ("文件是空的（0 字节）".to_string(), "请重新导出，确认有内容后再报送。"),
        Unread::Password => ("文件有密码保护".to_string(), "请取消密码后另存，再报送。"),
        Unread::Other => (format!("内容与扩展名不符（{detail}）"), "请在表格软件中打开，另存为 .xlsx（或 CSV）后报送，不要只改扩展名。"),
    };
    FileFault { todo, ..FileFault::new(Rule::FileUnreadable, note + "；" + todo.trim_end_matches('。')) }
}
