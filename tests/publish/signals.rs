//! Signals end the process and leave no half run.

use crate::house::*;
use huiqi::publish::signals::Scratch;
use huiqi::publish::{Lock, Staging, current, signals};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Tells the helper process where to publish.
const HALF: &str = "HUIQI_TEST_HALF_RUN";

/// Where the helper says which scratch folder it has.
const SCRATCH: &str = "scratch";

#[test]
fn signals_end_with_their_codes_and_leave_no_half_run() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let out = folder();
        let old = publish(out.path(), manifest("old")).expect("old");
        let mut helper = start(out.path());
        assert_eq!(left_over(out.path()).len(), 1, "the half run is there");
        let scratch = PathBuf::from(fs::read_to_string(out.path().join(SCRATCH)).expect("its place"));
        let mode = fs::metadata(&scratch).expect("the scratch folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "nobody else looks in");
        let sent = Command::new("kill").args([format!("-{signal}"), helper.id().to_string()]).status().expect("kill");
        assert!(sent.success());
        assert_eq!(helper.wait().expect("ended").code(), Some(code), "{signal}");
        assert_eq!(left_over(out.path()), Vec::<String>::new(), "{signal}");
        assert!(!scratch.exists(), "{signal}");
        assert_eq!(current(out.path()).expect("link"), Some(old.run));
        publish(out.path(), manifest("new")).expect("the lock is free");
    }
}

#[test]
fn a_scratch_folder_goes_with_what_is_in_it() {
    let scratch = Scratch::new().expect("a folder");
    let other = Scratch::new().expect("another");
    assert_ne!(scratch.path(), other.path());
    let file = scratch.path().join("file");
    fs::write(&file, "read-only, as a published file is").expect("filled");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).expect("read-only");
    let place = scratch.path().to_owned();
    drop(scratch);
    assert!(!place.exists() && other.path().exists());
}

/// Starts the helper and waits until it is half through.
fn start(out: &Path) -> Child {
    let this = std::env::current_exe().expect("this test");
    let mut helper = Command::new(this)
        .args(["--exact", "signals::helper_that_waits", "--nocapture"])
        .env(HALF, out)
        .stdout(Stdio::piped())
        .spawn()
        .expect("helper");
    let lines = BufReader::new(helper.stdout.take().expect("stdout")).lines();
    let is_ready = lines.map_while(Result::ok).any(|line| line.contains("half through"));
    assert!(is_ready);
    helper
}

/// Only in the helper process: writes half a run and waits for the signal.
#[test]
fn helper_that_waits() {
    let Ok(out) = std::env::var(HALF) else { return };
    signals::install().expect("signals");
    let mut lock = Lock::take(Path::new(&out), &holder()).expect("lock");
    let staging = Staging::begin(&mut lock, "half").expect("begun");
    fill(&staging).expect("filled");
    assert!(fs::exists(Path::new(&out)).expect("out"));
    let scratch = Scratch::new().expect("a folder");
    fs::write(scratch.path().join("file"), "half").expect("filled");
    fs::write(Path::new(&out).join(SCRATCH), scratch.path().to_str().expect("a name")).expect("told");
    println!("half through");
    std::thread::sleep(Duration::from_secs(60));
    panic!("no signal came");
}
