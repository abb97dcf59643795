//! Marks in the sources: comments that say what an editor shows where they stand.
//!
//! - `/*^complete: title, views*/`: completion offers exactly these; `..` at the end allows more.
//! - `/*^hover: String | indexed*/`: hover shows all of these.
//! - `/*^goto: schema.rs: include_schema*/`: go-to leads to one place, a line with this text.
//! - `/*^problems: expected a value*/`: rust-analyzer reports exactly these in this line; `|` between several.
//!
//! The place is just before the comment; the editor is shown the text without the comments.

/// A source file as editors see it.
pub(crate) struct Marked {
    pub(crate) text: String,
    pub(crate) marks: Vec<Mark>,
}

/// A place and what is shown there. Line and column (in bytes) start at zero.
pub(crate) struct Mark {
    pub(crate) function: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) wanted: Wanted,
}

/// The expectation of a mark.
pub(crate) enum Wanted {
    Completion { labels: Vec<String>, open: bool },
    Hover { parts: Vec<String> },
    Definition { text: String },
    Problems { texts: Vec<String> },
}

impl Wanted {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Completion { .. } => "complete",
            Self::Hover { .. } => "hover",
            Self::Definition { .. } => "goto",
            Self::Problems { .. } => "problems",
        }
    }

    fn parse(mark: &str) -> Result<Self, String> {
        let (name, wanted) = mark.split_once(':').unwrap_or((mark, ""));
        let split = |separator| {
            let parts = wanted.split(separator).map(|part: &str| part.trim().to_owned());
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>()
        };
        match name.trim() {
            "complete" => {
                let mut labels = split(',');
                let open = labels.last().is_some_and(|last| last == "..");
                labels.truncate(labels.len() - usize::from(open));
                labels.sort();
                Ok(Self::Completion { labels, open })
            }
            "hover" => Ok(Self::Hover { parts: split('|') }),
            "goto" => Ok(Self::Definition { text: wanted.trim().to_owned() }),
            "problems" => Ok(Self::Problems { texts: split('|') }),
            other => Err(format!("unknown mark `{other}`: write complete, hover, goto or problems")),
        }
    }
}

impl Marked {
    /// Takes the marks out of a source.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let (mut text, mut marks, mut function) = (String::new(), Vec::new(), String::new());
        for (line, mut rest) in source.lines().enumerate() {
            if let Some(name) = declared(rest) {
                function = name;
            }
            let start = text.len();
            while let Some((before, after)) = rest.split_once("/*^") {
                let (mark, after) = after
                    .split_once("*/")
                    .ok_or_else(|| format!("line {}: a mark without `*/`", line + 1))?;
                text.push_str(before);
                let wanted =
                    Wanted::parse(mark).map_err(|message| format!("line {}: {message}", line + 1))?;
                marks.push(Mark { function: function.clone(), line, column: text.len() - start, wanted });
                rest = after;
            }
            text.push_str(rest);
            text.push('\n');
        }
        Ok(Self { text, marks })
    }
}

/// The function, query or fragment that begins in a line.
fn declared(line: &str) -> Option<String> {
    let starts = ["fn ", "async fn ", "query! { pub ", "fragment! { pub "];
    let name = starts.iter().find_map(|start| line.strip_prefix(start))?;
    name.split(|letter: char| letter != '_' && !letter.is_alphanumeric()).next().map(str::to_owned)
}
