//! Diagnostics as text: the file, the line, the words underlined (at display width), a hint.

use super::{Diagnostic, Files, Severity};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// All diagnostics as one page, errors and warnings in the order of file path and position; what may follow from others comes last.
pub fn render(diagnostics: &[Diagnostic], files: &Files, color: bool) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    let place = |d: &&Diagnostic| d.place.as_ref().map(|p| (p.file, p.span.start, p.span.end));
    sorted.sort_by_key(|d| (d.follows, place(d).map(|(file, start, end)| (files.path(file), start, end)), d.severity, d.message.as_str()));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut page = String::new();
    for diagnostic in sorted {
        page.push_str(&one(diagnostic, files, &renderer));
        page.push_str("\n\n");
    }
    page
}

fn one(d: &Diagnostic, files: &Files, renderer: &Renderer) -> String {
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        level.primary_title(d.message.as_str()).id(d.code.code()).elements([] as [Snippet<annotate_snippets::Annotation<'_>>; 0]);
    if let Some(place) = &d.place {
        let text = files.text(place.file);
        let start = text.floor_char_boundary(place.span.start);
        let end = text.ceil_char_boundary(place.span.end.max(start));
        group = group.element(Snippet::source(text).path(files.path(place.file)).annotation(AnnotationKind::Primary.span(start..end)));
    }
    if let Some(hint) = &d.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    renderer.render(&[group])
}
