//! The lines of a table that an operator brings: below the names of the columns, each with its number, read one by one.
//!
//! **Invariants.** All of a table is read or nothing; what is wrong is told by the line, at most twenty of them at once. A field may stand
//! in double quotes.
//!
//! **Deliberately absent**: what the columns are called and mean, which each kind of file says for itself.

/// The most lines of one file, its head aside.
pub(crate) const LINES_MAX: usize = 5_000;
/// The most mistakes that are told at once.
pub const FAULTS_MAX: usize = 20;

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// Its number in the file, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl LineFault {
    /// What is wrong with this line.
    pub fn at(line: usize, problem: impl Into<String>) -> Self {
        Self { line, problem: problem.into() }
    }
}

/// Reads a whole file: `columns` makes of the names what `read` wants of each line, which may be of no interest.
///
/// # Errors
/// What is wrong with which lines.
pub fn read_lines<C, T>(
    body: &[u8],
    columns: impl FnOnce(&[String]) -> Result<C, String>,
    mut read: impl FnMut(&C, usize, &[String]) -> Result<Option<T>, String>,
) -> Result<Vec<T>, Vec<LineFault>> {
    let in_head = |problem: String| vec![LineFault::at(1, problem)];
    let text = std::str::from_utf8(body).map_err(|_| in_head("the file is not in UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut numbered = text.lines().zip(1..).map(|(line, number)| (number, line));
    let head = numbered.next().map_or(Ok(Vec::new()), |(_, head)| fields(head));
    let columns = head.and_then(|head| columns(&head)).map_err(in_head)?;
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in numbered.filter(|(_, line)| !line.trim().is_empty()) {
        match fields(line).and_then(|fields| read(&columns, number, &fields)) {
            _ if lines.len() >= LINES_MAX => {
                faults.push(LineFault::at(number, format!("more than {LINES_MAX} lines")));
            }
            Ok(line) => lines.extend(line),
            Err(problem) => faults.push(LineFault::at(number, problem)),
        }
        if faults.len() >= FAULTS_MAX {
            break;
        }
    }
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

/// The fields of one line: a quote within a quoted field is doubled.
fn fields(line: &str) -> Result<Vec<String>, String> {
    let mut fields = vec![String::new()];
    let mut rest = line.chars().peekable();
    let mut quoted = false;
    while let Some(c) = rest.next() {
        let Some(field) = fields.last_mut() else { break };
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => field.extend(rest.next()),
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => field.push(c),
        }
    }
    if quoted { Err("a quote is not closed".to_owned()) } else { Ok(fields) }
}
