//! Publishing, publishing again, and stops between any two acts: the old run or the new one, nothing else.

use crate::house::*;
use huiqi::publish::{IoFault, Lock, Manifest, PublishError, Staging, current, resolve, verify};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tells the helper process where to publish and before which act to die.
const CRASH: &str = "HUIQI_TEST_CRASH";

#[test]
fn a_run_is_published_whole_and_becomes_current() {
    let out = folder();
    let new = manifest("0.015");
    let published = publish(out.path(), new.clone()).expect("published");
    assert_eq!((published.is_new, published.is_current), (true, true));
    assert_eq!(fs::read_link(out.path().join("current")).expect("link"), Path::new("runs").join(&new.run));
    assert_eq!(left_over(out.path()), Vec::<String>::new());
    let verified = verify(&out.path().join("current")).unwrap_or_else(|findings| panic!("{}", findings[0]));
    assert_eq!(verified.run, new.run);
    assert_eq!(verified.totals["奖补"].amount, "50000.00");
    assert_eq!(verified.totals, new.totals);
    let written = Manifest::read(&published.folder).expect("manifest");
    assert_eq!(written.files["ledger/awards.csv"].rows, Some(4));
    assert_eq!(written.files["report.html"].rows, None);
    for file in written.files.keys() {
        assert!(fs::metadata(published.folder.join(file)).expect("file").permissions().readonly(), "{file}");
    }
}

#[test]
fn a_published_run_is_kept_and_current_moves_back_to_it() {
    let out = folder();
    let (first, second) = (manifest("0.015"), manifest("0.016"));
    publish(out.path(), first.clone()).expect("first");
    let bytes = fs::read(out.path().join("runs").join(&first.run).join("manifest.json")).expect("manifest");
    publish(out.path(), second.clone()).expect("second");
    assert_eq!(current(out.path()).expect("link"), Some(second.run.clone()));
    let mut again = first.clone();
    again.clock.finished = "later".into();
    again.previous = Some(second.run);
    let published = publish(out.path(), again).expect("again");
    assert_eq!((published.is_new, published.is_current), (false, true));
    assert_eq!(current(out.path()).expect("link"), Some(first.run.clone()));
    assert_eq!(fs::read(published.folder.join("manifest.json")).expect("manifest"), bytes, "a run never changes");
    assert_eq!(runs(out.path()).len(), 2);
    assert_eq!(left_over(out.path()), Vec::<String>::new());
}

#[test]
fn a_published_run_that_differs_is_neither_replaced_nor_made_current() {
    let out = folder();
    let (first, second) = (manifest("0.015"), manifest("0.016"));
    let folder = publish(out.path(), first.clone()).expect("first").folder;
    publish(out.path(), second.clone()).expect("second");
    let file = folder.join("ledger/awards.csv");
    fs::remove_file(&file).expect("removed");
    fs::write(&file, "x").expect("written");
    let error = publish(out.path(), first.clone()).expect_err("damaged");
    assert!(matches!(&error, PublishError::Differs { files, .. } if *files == ["ledger/awards.csv"]), "{error}");
    assert_eq!(current(out.path()).expect("link"), Some(second.run.clone()));
    let mut other = second.clone();
    other.totals.clear();
    let error = publish(out.path(), other).expect_err("another result");
    assert!(matches!(&error, PublishError::Differs { files, .. } if *files == ["manifest.json"]), "{error}");
    assert_eq!(left_over(out.path()), Vec::<String>::new());
}

#[test]
fn a_partial_run_becomes_current_only_where_nothing_else_is() {
    let out = folder();
    let partial = |value| Manifest { partial: true, ..manifest(value) };
    let only = publish(out.path(), partial("1")).expect("first");
    assert!(only.is_current);
    assert!(!publish(out.path(), partial("2")).expect("second").is_current);
    let whole = publish(out.path(), manifest("3")).expect("whole");
    assert!(whole.is_current);
    assert!(!publish(out.path(), partial("1")).expect("again").is_current);
    assert_eq!(current(out.path()).expect("link"), Some(whole.run.clone()));
    fs::remove_dir_all(whole.folder).expect("removed");
    assert_eq!(current(out.path()).expect("link"), None, "a link that leads nowhere is none");
    assert!(publish(out.path(), partial("1")).expect("again").is_current);
}

#[test]
fn an_earlier_day_never_becomes_current_nor_what_must_not() {
    let out = folder();
    let of = |day: &str| {
        let mut manifest = Manifest { as_of: day.into(), ..manifest("1") };
        manifest.run = id(&manifest);
        manifest
    };
    assert!(publish(out.path(), of("2022-12-31")).expect("first").is_current);
    assert!(!publish(out.path(), of("2022-12-30")).expect("a backfill").is_current);
    let mut lock = Lock::take(out.path(), &holder()).expect("free");
    let future = of("2999-12-31");
    let staging = Staging::begin(&mut lock, &future.run).expect("begun");
    assert!(!staging.publish(future, false).expect("published").is_current);
    assert!(publish(out.path(), of("2023-01-01")).is_err(), "the lock is still held");
    drop(lock);
    assert!(publish(out.path(), of("2023-01-01")).expect("the next").is_current);
}

#[test]
fn what_is_refused_stands_until_a_run_is_published() {
    let out = folder();
    for text in ["first", "second"] {
        let mut lock = Lock::take(out.path(), &holder()).expect("free");
        let staging = Staging::begin(&mut lock, "refused").expect("begun");
        staging.write("findings.csv", text.to_string()).expect("written");
        let folder = staging.refuse().expect("refused");
        assert_eq!(fs::read_to_string(folder.join("findings.csv")).expect("there"), text);
        assert_eq!((left_over(out.path()), runs(out.path())), (Vec::new(), Vec::new()));
    }
    publish(out.path(), manifest("1")).expect("published");
    assert!(!out.path().join("refused").exists());
}

#[test]
fn a_run_at_a_time() {
    let out = folder();
    let out = out.path().join("made/here");
    let lock = Lock::take(&out, &holder()).expect("free");
    let error = Lock::take(&out, &holder()).expect_err("held");
    assert!(matches!(error, PublishError::Held { .. }));
    let expected = format!("another run holds {}: process 7 of nobody on host since 2022-12-31 02:00:00", out.display());
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.io_fault(), None);
    drop(lock);
    Lock::take(&out, &holder()).expect("free again");
}

#[test]
fn names_stay_in_the_run_and_are_taken_once() {
    let out = folder();
    let mut lock = Lock::take(out.path(), &holder()).expect("free");
    for run in ["", "..", "a/b", "/a"] {
        assert!(matches!(Staging::begin(&mut lock, run), Err(PublishError::Name { .. })), "{run}");
    }
    let staging = Staging::begin(&mut lock, "run").expect("begun");
    for name in ["", "..", "../x", "/x", "a/../x", "./x", "a//x", "manifest.json"] {
        assert!(matches!(staging.write(name, vec![1]), Err(PublishError::Name { .. })), "{name}");
    }
    staging.write("a.csv", vec![1]).expect("written");
    assert!(matches!(staging.write("a.csv", vec![1]), Err(PublishError::Name { .. })));
    drop(staging);
    assert_eq!(left_over(out.path()), Vec::<String>::new(), "an unpublished run is gone");
}

#[test]
fn runs_are_found_by_folder_and_by_id() {
    let out = folder();
    let published = publish(out.path(), manifest("1")).expect("published");
    let folder = fs::canonicalize(&published.folder).expect("folder");
    let found = |run: &str| resolve(run, out.path());
    assert_eq!(found(&published.run).expect("id"), folder);
    assert_eq!(found(&published.folder.to_string_lossy()).expect("folder"), folder);
    assert_eq!(found(&out.path().join("current").to_string_lossy()).expect("link"), folder);
    for name in ["2022-12-31-000000000000", "", "..", "../runs", &out.path().to_string_lossy()] {
        assert!(found(name).is_err(), "{name}");
    }
}

/// How many acts on the disk a run takes.
fn acts(out: &Path, new: &Manifest) -> usize {
    let acts = AtomicUsize::new(0);
    publish_watched(out, new.clone(), &|_, _| {
        acts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    })
    .expect("published");
    acts.into_inner()
}

/// Whatever is there is whole; gives what `current` names.
#[track_caller]
fn assert_whole(out: &Path, before: &str) -> Option<String> {
    for run in runs(out) {
        if let Err(findings) = verify(&out.join("runs").join(&run)) {
            panic!("{before}: {run}: {}", findings[0]);
        }
    }
    let current = current(out).expect("link");
    assert!(current.as_ref().is_none_or(|run| runs(out).contains(run)), "{before}");
    current
}

#[test]
fn an_error_in_place_of_any_act_leaves_the_old_run() {
    let (old, new) = (manifest("old"), manifest("new"));
    let count = acts(folder().path(), &new);
    assert!(count > 50, "{count}");
    for (stop, kind) in (0..count).zip([ErrorKind::StorageFull, ErrorKind::PermissionDenied].into_iter().cycle()) {
        let out = folder();
        publish(out.path(), old.clone()).expect("old");
        let at = AtomicUsize::new(0);
        let stopped = publish_watched(out.path(), new.clone(), &|_, _| {
            if at.fetch_add(1, Ordering::Relaxed) == stop { Err(io::Error::from(kind)) } else { Ok(()) }
        });
        let error = stopped.expect_err("stopped");
        let fault = if kind == ErrorKind::StorageFull { IoFault::DiskFull } else { IoFault::Permission };
        assert_eq!(error.io_fault(), Some(fault), "{error}");
        let named = assert_whole(out.path(), &error.to_string()).expect("current");
        assert!(named == old.run || named == new.run, "{error}");
        assert_eq!(left_over(out.path()), Vec::<String>::new(), "{error}");
        publish(out.path(), new.clone()).expect("the next run");
        assert_eq!(current(out.path()).expect("link"), Some(new.run.clone()));
    }
}

#[test]
fn a_crash_before_any_act_leaves_the_old_run_or_the_new_one() {
    let (old, new) = (manifest("old"), manifest("new"));
    let count = acts(folder().path(), &new);
    let mut outcomes = [0, 0];
    for stop in 0..count {
        let out = folder();
        publish(out.path(), old.clone()).expect("old");
        crash(out.path(), stop);
        let before = format!("crash before act {stop}");
        let named = assert_whole(out.path(), &before).expect("current");
        outcomes[usize::from(named == new.run)] += 1;
        assert!(named == old.run || named == new.run, "{before}");
        let published = publish(out.path(), new.clone()).unwrap_or_else(|error| panic!("{before}: {error}"));
        assert!(published.is_current, "{before}");
        assert_eq!(left_over(out.path()), Vec::<String>::new(), "{before}");
        assert_eq!(runs(out.path()).len(), 2, "{before}");
    }
    assert!(outcomes[0] > 50 && outcomes[1] > 0, "{outcomes:?}");
}

#[test]
fn a_crash_of_the_first_run_leaves_nothing_or_all() {
    let new = manifest("new");
    let count = acts(folder().path(), &new);
    for stop in 0..count {
        let out = folder();
        crash(out.path(), stop);
        let named = assert_whole(out.path(), &format!("crash before act {stop}"));
        assert!(named.is_none_or(|named| named == new.run), "{stop}");
        publish(out.path(), new.clone()).expect("the next run");
    }
}

/// Publishes in another process, which dies before an act.
#[track_caller]
fn crash(out: &Path, stop: usize) {
    let this = std::env::current_exe().expect("this test");
    let output = Command::new(this)
        .args(["--exact", "stops::helper_that_dies", "--nocapture"])
        .env(CRASH, format!("{stop} {}", out.display()))
        .output()
        .expect("helper");
    assert!(!output.status.success(), "the helper lives");
    assert!(String::from_utf8_lossy(&output.stdout).contains("dying"), "{output:?}");
}

/// Only in the helper process: publishes and aborts before the given act.
#[test]
fn helper_that_dies() {
    let Ok(task) = std::env::var(CRASH) else { return };
    let (stop, out) = task.split_once(' ').expect("act and folder");
    let (stop, at) = (stop.parse::<usize>().expect("act"), AtomicUsize::new(0));
    let published = publish_watched(&PathBuf::from(out), manifest("new"), &|doing, path| {
        if at.fetch_add(1, Ordering::Relaxed) == stop {
            println!("dying before {doing} {}", path.display());
            std::process::abort();
        }
        Ok(())
    });
    panic!("lived: {published:?}");
}
