//! Sources as a whole: what was not sent, what has gone since the run before, of what too much was refused.

use super::{Finding, Found, Look, Rule, Weight};

/// Of fewer rows in the run before nobody asks where half of them have gone.
const FEW: u64 = 20;

/// More rows are refused than may be. Files that are not read at all are another matter.
pub fn rejected(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for (id, source) in look.sources() {
        let files = look.data.files.iter().filter(|file| file.source == id && file.refusals.is_empty());
        let (refused, rows) = files.fold((0, 0), |(refused, rows), file| (refused + file.rejected, rows + file.rows));
        if look.wanted.limits.max_rejects.is_exceeded(refused, rows) {
            let says = format!("{rows} 行中拒收 {refused} 行，超过允许的比例");
            let advice = format!("请按拒收清单改正{}后重新报送；确认可以只用其余各行的，调高 --max-rejects", source.title);
            found.add(Weight::Aside, Finding { count: Some(refused), ..look.of_source(Rule::RowsRejected, id, says, advice) });
        }
    }
}

/// Needed sources of which nothing was sent, core ones without a row.
pub fn missing(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for (id, source) in look.sources() {
        let was_sent = look.data.files.iter().any(|file| file.source == id);
        let has_none = || look.data.files.iter().all(|f| f.source != id || f.rows == 0 && f.refusals.is_empty());
        let is_bare = was_sent && source.core && !source.may_be_empty && has_none();
        let is_accepted = found.looked.taken.empty.contains(&source.name);
        // All that was sent is left out, as somebody wants.
        let is_left_out = was_sent && source.core && look.data.tables[id].is_none() && look.accepts(Rule::FileUnreadable, source);
        if is_accepted && !source.core || was_sent && !is_bare && !is_left_out {
            continue;
        }
        let (title, name) = (&source.title, &source.name);
        let (says, advice) = match is_bare {
            _ if is_left_out => (format!("{title}没有一份文件可用"), format!("请报送{title}（{name}）")),
            true => (format!("{title}只有表头，没有一行"), format!("请报送{title}（{name}）的全部数据")),
            false => (format!("没有收到{title}"), format!("请报送{title}（{name}）；没有报送以前，受影响的措施为未提供数据")),
        };
        let finding = look.of_source(Rule::SourceMissing, id, says, advice);
        if source.core || !finding.affected.is_empty() {
            found.add(if source.core { Weight::Stop } else { Weight::Note }, finding);
        }
    }
}

/// Sources that had rows in the run before and have none.
pub fn gone(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for (id, source, known) in look.known_before().filter(|(id, _, known)| known.rows > 0 && look.rows(*id) == 0) {
        let was_sent = look.data.files.iter().any(|file| file.source == id);
        let now = if was_sent { "没有一行接收" } else { "没有报送" };
        let says = format!("上次有 {} 行，本次{now}", known.rows);
        let advice = format!("请补报{}；确实不再有数据的，用 --accept {}:{} 确认", source.title, Rule::SourceGone.code(), source.name);
        let finding = Finding { count: Some(known.rows), ..look.of_source(Rule::SourceGone, id, says, advice) };
        if found.add_or_accept(Weight::Aside, finding) {
            found.looked.taken.empty.insert(source.name.clone());
        }
    }
}

/// Sources that have lost more rows since the run before than may be.
pub fn fell(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for (id, source, known) in look.known_before().filter(|(_, source, _)| !source.may_shrink) {
        let (was, is) = (known.rows, look.rows(id));
        if is > 0 && was >= FEW && look.wanted.limits.max_drop.is_exceeded(was.saturating_sub(is), was) {
            let says = format!("上次有 {was} 行，本次只有 {is} 行");
            let advice = format!("请核对{}是否报全；确实减少的，用 --accept {}:{} 确认", source.title, Rule::RowsFell.code(), source.name);
            found.add(Weight::Aside, Finding { count: Some(was - is), ..look.of_source(Rule::RowsFell, id, says, advice) });
        }
    }
}
