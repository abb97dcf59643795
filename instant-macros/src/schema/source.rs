//! The schema file: where it is, and what is wrong with it.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use instant_schema::{Problem, Schema};

/// Reads the file that `written` names. Returns as much of the schema as could be read, the absolute path of a file that
/// exists, and all problems.
pub fn read(written: &str) -> (Schema, Option<String>, Vec<String>) {
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let file = match expand(written, |name| env::var(name).ok()) {
        Ok(expanded) => root.join(expanded),
        Err(problem) => return (Schema::default(), None, vec![problem]),
    };
    let bytes = match fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let why = match error.kind() {
                ErrorKind::NotFound => missing(&root, &file, written),
                _ if file.is_dir() => {
                    format!("`{}` is a folder: write the path of the file in it", file.display())
                }
                _ => format!("cannot read the schema file `{}`: {error}", file.display()),
            };
            return (Schema::default(), None, vec![why]);
        }
    };
    let (schema, errors) = Schema::read_lossy(&bytes);
    if errors.is_some() && is_script(&file) {
        let problem =
            format!("`{written}` is not JSON: `JSON.stringify(schema)` in it prints what this macro reads");
        return (Schema::default(), None, vec![problem]);
    }
    let problems = errors.iter().flatten();
    let problems = problems.map(|problem| {
        let place =
            problem.place.position().map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
        format!("{written}{place}: {}", describe(problem))
    });
    let file = file.canonicalize().unwrap_or(file);
    (schema, file.to_str().map(str::to_owned), problems.collect())
}

/// Returns whether the file is a schema in the form of the other SDKs.
fn is_script(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default().to_str();
    extension.is_some_and(|name| ["ts", "mts", "cts", "js", "mjs", "cjs"].contains(&name))
}

/// Describes a problem with its place in the JSON.
pub fn describe(problem: &Problem) -> String {
    match problem.place.path() {
        Some(path) if !path.is_root() => format!("at `{path}`: {}", problem.message),
        _ => problem.message.clone(),
    }
}

/// Replaces `$NAME` and `${NAME}` by environment variables; other dollars stay.
fn expand(path: &str, variable: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, after) = braced.unwrap_or_else(|| {
            let is_part = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
            after.split_at(after.find(|letter| !is_part(letter)).unwrap_or(after.len()))
        });
        rest = after;
        if name.is_empty() {
            expanded.push('$');
            continue;
        }
        let value = variable(name).ok_or_else(|| {
            let advice = if name == "OUT_DIR" { ": it is there for crates with a build script" } else { "" };
            format!("the environment variable `{name}` of the path `{path}` is not set{advice}")
        })?;
        expanded.push_str(&value);
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn missing(root: &Path, file: &Path, written: &str) -> String {
    let place = format!(
        "there is no schema file `{}`: the path is relative to the folder of Cargo.toml, `{}`",
        file.display(),
        root.display()
    );
    let typescript = file.with_extension("ts");
    if typescript.is_file() {
        return format!(
            "{place}. `{}` is TypeScript: `JSON.stringify(schema)` prints the JSON this macro reads",
            typescript.display()
        );
    }
    let name = Path::new(written).file_name().unwrap_or_default();
    let elsewhere = [Path::new(""), Path::new("src"), Path::new("..")];
    let found = elsewhere.iter().map(|folder| folder.join(name)).find(|path| root.join(path).is_file());
    match found {
        Some(found) => format!("{place}. Did you mean \"{}\"?", found.display()),
        None => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_the_path_are_expanded() {
        let variable = |name: &str| (name == "OUT_DIR").then(|| "/out".to_owned());
        assert_eq!(expand("$OUT_DIR/a.json", variable), Ok("/out/a.json".to_owned()));
        assert_eq!(expand("x/${OUT_DIR}y", variable), Ok("x//outy".to_owned()));
        assert_eq!(
            expand("$NOPE/a", variable).unwrap_err(),
            "the environment variable `NOPE` of the path `$NOPE/a` is not set"
        );
        assert_eq!(expand("plain", variable), Ok("plain".to_owned()));
        assert_eq!(expand("a$/b$", variable), Ok("a$/b$".to_owned()));
    }

    #[test]
    fn a_missing_file_is_looked_for_nearby() {
        let folder = env::temp_dir().join(format!("instant-source-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/my.json"), "{}").unwrap();
        let message = missing(&folder, &folder.join("my.json"), "my.json");
        assert!(message.ends_with("Did you mean \"src/my.json\"?"), "{message}");
        fs::remove_dir_all(folder).unwrap();
    }
}
