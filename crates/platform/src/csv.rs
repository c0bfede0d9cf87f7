//! Comma-separated values that are handed out: text stays text in whatever program opens them.

/// A value between quotes, as programs for tables read it back, and as none of them runs it.
pub fn quoted(text: &str) -> String {
    let is_run = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let harmless = if is_run { "'" } else { "" };
    format!("\"{harmless}{}\"", text.replace('"', "\"\""))
}

/// The same, between quotes only where it would be read back as something else without.
pub fn cell(text: &str) -> String {
    let quoted = quoted(text);
    let is_plain = !text.contains([',', '"', '\r', '\n']);
    let bare = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    bare.filter(|_| is_plain).map(str::to_owned).unwrap_or(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_for_tables_would_run_is_text() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("Meena"), "\"Meena\"");
        for run in ["=1", "+1", "-1", "@a", "\t=1", "\r=1"] {
            assert_eq!(quoted(run), format!("\"'{run}\""));
        }
    }

    #[test]
    fn a_cell_is_text_and_nothing_else() {
        assert_eq!(cell("ai4bharat/indictrans"), "ai4bharat/indictrans");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell(""), "");
    }
}
