//! Checks what a real rust-analyzer shows inside `query!`: `cargo run -p instant-editor -- <rust-analyzer>`.
//!
//! It opens the crates in `fixture/`, asks for completion, hover and go-to at every marked place of its sources
//! ([`marks`]) and compares the answers with the marks. `docs/editors.md` says how to get a rust-analyzer.

mod marks;
mod project;
mod server;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use marks::{Mark, Wanted};
use project::Project;
use serde_json::Value;
use server::Server;

/// The first load compiles the SDK for its procedural macros.
const LOAD: Duration = Duration::from_mins(15);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().unwrap_or_else(|| "rust-analyzer".to_owned());
    let only = arguments.next();
    match run(&program, only.as_deref()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failures) => {
            println!("{failures} places differ");
            ExitCode::FAILURE
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the number of places whose answer differs from the mark. `only` picks functions by a part of their name.
fn run(program: &str, only: Option<&str>) -> Result<usize, String> {
    let started = Instant::now();
    let project = Project::lay_out()?;
    let mut server = Server::start(program, &project)?;
    server.wait_until_loaded(LOAD)?;
    println!("loaded in {:.1} s", started.elapsed().as_secs_f64());

    let (mut places, mut failures) = (0, 0);
    for file in project.marked_files()? {
        server.open(&file.path, &file.text)?;
        for mark in file.marks.iter().filter(|mark| only.is_none_or(|only| mark.function.contains(only))) {
            places += 1;
            let asked = Instant::now();
            let outcome = check(&mut server, &file.path, mark)?;
            let verdict = if outcome.is_ok() { "ok  " } else { "FAIL" };
            let (Ok(answer) | Err(answer)) = &outcome;
            let (line, wanted, took) = (mark.line + 1, mark.wanted.name(), asked.elapsed().as_millis());
            println!("{verdict} {line:>4} {wanted:<8} {:<32} {took:>4} ms  {answer}", mark.function);
            failures += usize::from(outcome.is_err());
        }
    }
    println!("{places} places in {:.1} s", started.elapsed().as_secs_f64());
    Ok(failures)
}

/// Asks at one place. `Ok` and `Err` both hold the text to print; the outer error means that the server failed.
fn check(server: &mut Server, path: &Path, mark: &Mark) -> Result<Result<String, String>, String> {
    Ok(match &mark.wanted {
        Wanted::Completion { labels, open } => {
            let answer = server.ask("textDocument/completion", path, mark.line, mark.column)?;
            let mut got = labels_of(&answer);
            got.sort();
            got.dedup();
            let fits = if *open { labels.iter().all(|label| got.contains(label)) } else { *labels == got };
            let shown =
                if *open { format!("{} with {}", got.len(), labels.join(", ")) } else { got.join(", ") };
            if fits {
                Ok(shown)
            } else {
                Err(format!("wanted [{}], got [{}]", labels.join(", "), got.join(", ")))
            }
        }
        Wanted::Hover { parts } => {
            let answer = server.ask("textDocument/hover", path, mark.line, mark.column)?;
            let got = answer["contents"]["value"].as_str().unwrap_or("nothing").replace('\n', " ");
            if parts.iter().all(|part| got.contains(part)) { Ok(got) } else { Err(got) }
        }
        Wanted::Definition { text } => {
            let answer = server.ask("textDocument/definition", path, mark.line, mark.column)?;
            match definitions(&answer)?.as_slice() {
                [only] if only.contains(text) => Ok(only.clone()),
                others => Err(format!("wanted `{text}`, got {others:?}")),
            }
        }
        Wanted::Problems { texts } => {
            let got = server.problems(path, mark.line)?;
            let fits =
                got.len() == texts.len() && texts.iter().zip(&got).all(|(text, got)| got.contains(text));
            if fits { Ok(format!("{got:?}")) } else { Err(format!("wanted {texts:?}, got {got:?}")) }
        }
    })
}

/// What completion would insert, as labels carry decorations; of a call the name alone.
fn labels_of(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().or_else(|| answer.as_array());
    let inserted = |item: &Value| {
        let text =
            item["textEdit"]["newText"].as_str().or(item["insertText"].as_str()).or(item["label"].as_str());
        let text = text.unwrap_or_default();
        text.split('(').next().unwrap_or(text).to_owned()
    };
    items.into_iter().flatten().map(inserted).collect()
}

/// The lines that go-to leads to, each with its file: `schema.rs: include_schema!(..)`.
fn definitions(answer: &Value) -> Result<Vec<String>, String> {
    let targets = answer.as_array().map_or(&[][..], Vec::as_slice);
    let mut lines = targets.iter().map(definition).collect::<Result<Vec<_>, _>>()?;
    lines.dedup();
    Ok(lines)
}

fn definition(target: &Value) -> Result<String, String> {
    let uri = target["targetUri"].as_str().unwrap_or_default();
    let path = server::path_of(uri);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("go-to leads to {uri}: {error}"))?;
    let line = target["targetSelectionRange"]["start"]["line"].as_u64().unwrap_or(0);
    let line = text.lines().nth(usize::try_from(line).unwrap_or(0)).unwrap_or_default().trim();
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(format!("{}: {line}", file.unwrap_or_default()))
}
