//! Disks that fail: a full one, a read-only one, a damaged file. The program says what is wrong, stays up, and keeps what
//! it acknowledged.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use common::program::Program;

const APP: Uuid = Uuid::from_u128(1);
const TOKEN: Uuid = Uuid::from_u128(2);

/// How many entities a transaction of these tests makes.
const ENTITIES: usize = 10;

fn start(folder: &Path) -> Program {
    Program::start(folder, APP, TOKEN)
}

/// Writes entities that all have the number of their transaction.
async fn write(program: &Program, number: usize) -> (StatusCode, Value) {
    let text = format!("{number} ").repeat(1000);
    let entity = |_| json!(["create", "notes", Uuid::new_v4(), { "number": number, "text": text }]);
    program.transact(&(0..ENTITIES).map(entity).collect()).await
}

/// How many entities each of the transactions left.
async fn counts(program: &Program, transactions: usize) -> Vec<usize> {
    let (status, found) = program.query(&json!({ "notes": { "$": { "fields": ["number"] } } })).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    let mut counts = vec![0; transactions];
    for note in found["notes"].as_array().unwrap() {
        counts[usize::try_from(note["number"].as_u64().unwrap()).unwrap()] += 1;
    }
    counts
}

/// A small file system of its own, in memory.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None`, with the reason printed, where this process may not mount one.
    fn mount(megabytes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(mounted) if mounted.status.success() => Some(Self(folder)),
            Ok(mounted) => {
                println!(
                    "left out: no file system was mounted: {}",
                    String::from_utf8_lossy(&mounted.stderr)
                );
                None
            }
            Err(error) => {
                println!("left out: `mount` cannot be run: {error}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn make_read_only(&self) {
        let status = Command::new("mount").args(["-o", "remount,ro"]).arg(self.path()).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the program may still be ending.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_takes_writes_again_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; 4 * 1024 * 1024]).unwrap();
    let program = start(disk.path());

    let mut acknowledged = 0;
    let full = loop {
        let (status, body) = write(&program, acknowledged).await;
        if status != StatusCode::OK {
            break (status, body);
        }
        acknowledged += 1;
        assert!(acknowledged < 1000, "8 MB never filled up");
    };
    assert_eq!(full.0, StatusCode::INTERNAL_SERVER_ERROR);
    let message = full.1["message"].as_str().unwrap();
    assert!(message.starts_with("The disk with the data folder is full"), "{message}");

    // It stays up, answers queries, and refuses further writes the same way.
    assert!(program.is_healthy().await);
    assert_eq!(counts(&program, acknowledged).await, vec![ENTITIES; acknowledged]);
    let (status, body) = write(&program, acknowledged).await;
    assert_eq!((status, &body["message"]), (StatusCode::INTERNAL_SERVER_ERROR, &json!(message)));

    fs::remove_file(&ballast).unwrap();
    let (status, body) = write(&program, acknowledged).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    drop(program);
    let again = start(disk.path());
    assert_eq!(counts(&again, acknowledged + 1).await, vec![ENTITIES; acknowledged + 1]);
}

#[tokio::test]
async fn a_disk_that_is_too_full_to_begin_is_said() {
    let Some(disk) = SmallDisk::mount(1) else { return };
    fs::write(disk.path().join("ballast"), vec![0; 1000 * 1024]).unwrap();
    let said = Program::try_start(disk.path(), APP, TOKEN).err().unwrap();
    assert!(said.starts_with("error: cannot open ") && said.contains("full"), "{said}");
}

#[tokio::test]
async fn a_read_only_folder_is_said() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let program = start(disk.path());
    assert_eq!(write(&program, 0).await.0, StatusCode::OK);
    drop(program);
    disk.make_read_only();
    let said = Program::try_start(disk.path(), APP, TOKEN).err().unwrap();
    let path = disk.path().display().to_string();
    assert!(said.starts_with("error: cannot use the data folder ") && said.contains(&path), "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
}

/// A folder whose database has several hundred pages, all written to the file itself.
async fn filled() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let mut program = start(folder.path());
    for number in 0..30 {
        assert_eq!(write(&program, number).await.0, StatusCode::OK);
    }
    let id = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(program.child.wait().unwrap().success());
    let file = folder.path().join("instant.db");
    (folder, file)
}

/// What happens to the bytes of a file.
type Damage = Box<dyn Fn(&mut Vec<u8>)>;

const DAMAGED: &str =
    "The database file is damaged. Stop the program, and put back a copy of the data folder.";

/// Uses a damaged file in every way. Each answer is right, or says that the file is damaged; the program stays up.
async fn survives(folder: &Path, how: &str) {
    let program = match Program::try_start(folder, APP, TOKEN) {
        Ok(program) => program,
        Err(said) => {
            assert!(said.starts_with("error: ") && said.contains("instant.db"), "{how}: {said}");
            assert!(!said.contains("panicked"), "{how}: {said}");
            return;
        }
    };
    let all = json!({ "notes": {}, "$users": {} });
    let newest = json!({ "notes": { "$": { "order": { "serverCreatedAt": "desc" }, "limit": 3 } } });
    let mut answers = vec![program.query(&all).await, program.query(&newest).await];
    for number in 0..3 {
        answers.push(write(&program, number).await);
    }
    answers.push(program.query(&all).await);
    for (status, body) in answers {
        let said = body["message"].as_str().unwrap_or_default();
        let is_known = status == StatusCode::OK
            || said == DAMAGED
            || said.starts_with("Something went wrong")
            || said.starts_with("Record not found");
        assert!(is_known, "{how}: {status} {body}");
        assert!(program.is_healthy().await, "{how}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_said_and_crashes_nothing() {
    let (folder, file) = filled().await;
    let whole = fs::read(&file).unwrap();
    let garbage = |bytes: &mut [u8]| {
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from((place * 89 + 7) % 251).unwrap();
        }
    };
    let middle = whole.len() / 2;
    let damage: [(&str, Damage); 6] = [
        ("cut in half", Box::new(move |bytes| bytes.truncate(middle))),
        ("cut to a part of a page", Box::new(|bytes| bytes.truncate(1000))),
        ("another header", Box::new(move |bytes| garbage(&mut bytes[..100]))),
        ("garbage in the middle", Box::new(move |bytes| garbage(&mut bytes[middle..middle + 40_000]))),
        ("garbage from the second page on", Box::new(move |bytes| garbage(&mut bytes[4096..]))),
        (
            "one page over another",
            Box::new(move |bytes| bytes.copy_within(8192..12288, middle / 4096 * 4096)),
        ),
    ];
    for (how, damage) in damage {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        for rest in ["instant.db-wal", "instant.db-shm"] {
            let _ = fs::remove_file(folder.path().join(rest));
        }
        survives(folder.path(), how).await;
    }
    // The copy that was put back works.
    fs::write(&file, &whole).unwrap();
    for rest in ["instant.db-wal", "instant.db-shm"] {
        let _ = fs::remove_file(folder.path().join(rest));
    }
    assert_eq!(counts(&start(folder.path()), 30).await, vec![ENTITIES; 30]);
}

#[tokio::test]
async fn a_log_that_is_damaged_after_a_crash_gives_up_its_end_and_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(folder.path());
    for number in 0..5 {
        assert_eq!(write(&program, number).await.0, StatusCode::OK);
    }
    drop(program);
    let log = folder.path().join("instant.db-wal");
    let mut bytes = fs::read(&log).unwrap();
    let place = bytes.len() - 30_000;
    bytes[place] ^= 0xff;
    fs::write(&log, bytes).unwrap();
    let counts = counts(&start(folder.path()), 5).await;
    assert!(counts.iter().all(|count| *count == 0 || *count == ENTITIES), "{counts:?}");
    assert_eq!(counts[0], ENTITIES, "what stands before the damage is kept");
}
