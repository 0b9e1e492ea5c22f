//! A pair in a file: who else may read it, who else writes to it, and what speaks against it before anything is made.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sailpat::api::fields::Fields;
use sailpat::error::Error;
use sailpat::store::{Over, Pair, Store};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

const URL: &str = "https://tenant.example";
const OLD: &str = "{\"ClientId\": \"old\", \"ClientSecret\": \"old secret\"}";
/// A user and a group that nobody is.
const STRANGER: u32 = 54_321;

fn pair(id: &str) -> Pair {
    Pair::new(id, Zeroizing::new(format!("{id} secret")))
}

fn store(path: &Path) -> Store {
    let text = json!({"file": path}).to_string();
    Store::parse(Fields::of_request(&text).unwrap(), None, None).unwrap()
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

/// A folder for its owner alone, and a file in it that holds the old pair.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, OLD).unwrap();
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Some of these tests change owners and flags, which only root may.
fn is_root(test: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("skipped: {test} needs root");
    }
    root
}

/// Whether a program did it; where it is not there or the file system cannot, the test is skipped.
fn done(program: &str, words: &[&str], path: &Path) -> bool {
    let result = Command::new(program).args(words).arg(path).output();
    let done = result.as_ref().is_ok_and(|output| output.status.success());
    if !done {
        println!(
            "skipped: {program} {words:?} {}: {result:?}",
            path.display()
        );
    }
    done
}

/// The look and the write both refuse, with these words and this remedy, and nothing changes.
fn refused(path: &Path, words: &[&str], remedy: &str) {
    let before = fs::read(path).ok();
    let around = path.parent().filter(|folder| folder.is_dir()).map(names);
    let over = Over::Only(&["old"]);
    for error in [
        store(path).check(URL).unwrap_err(),
        store(path).write(&pair("new"), URL, over).unwrap_err(),
    ] {
        says(&error, path, words, remedy);
    }
    assert_eq!(fs::read(path).ok(), before);
    assert_eq!(path.parent().filter(|f| f.is_dir()).map(names), around);
}

fn says(error: &Error, path: &Path, words: &[&str], remedy: &str) {
    let said = error.to_string();
    assert!(said.contains(&*path.to_string_lossy()), "{said}");
    for word in words {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    let told = error.detail().remedy.as_deref().unwrap_or_default();
    assert!(told.contains(remedy), "{said}: {told}");
    assert!(!format!("{said}{told}").contains("secret\""), "{said}");
}

fn rotated(path: &Path) {
    store(path).check(URL).unwrap();
    let over = Over::Only(&["old", "new"]);
    store(path).write(&pair("new"), URL, over).unwrap();
    assert_eq!(store(path).read().unwrap(), Some(pair("new")));
}

#[test]
fn whoever_could_read_the_file_still_can_and_nobody_else() {
    for bits in [0o600, 0o640, 0o644, 0o400, 0o660] {
        let (_folder, path) = place();
        mode(&path, bits);
        rotated(&path);
        assert_eq!(mode_of(&path), bits, "{bits:o}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.json");
    rotated(&path);
    assert_eq!(mode_of(&path), 0o600);
}

#[test]
fn owner_and_group_stay_where_root_writes() {
    if !is_root("owner_and_group_stay_where_root_writes") {
        return;
    }
    let (_folder, path) = place();
    mode(&path, 0o640);
    chown(&path, Some(STRANGER), Some(STRANGER + 1)).unwrap();
    rotated(&path);
    let now = fs::metadata(&path).unwrap();
    assert_eq!((now.uid(), now.gid()), (STRANGER, STRANGER + 1));
    assert_eq!(mode_of(&path), 0o640);
}

/// A list as the system keeps it: owner rw, user STRANGER r, group none, mask r, others none.
#[cfg(target_os = "linux")]
fn access_list() -> Vec<u8> {
    const NOBODY: u32 = u32::MAX;
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in [
        (1_u16, 6_u16, NOBODY),
        (2, 4, STRANGER),
        (4, 0, NOBODY),
        (16, 4, NOBODY),
        (32, 0, NOBODY),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(rights.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    list
}

#[cfg(target_os = "linux")]
#[test]
fn an_access_control_list_stays_and_none_is_inherited() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    const ACCESS: &str = "system.posix_acl_access";
    let (folder, path) = place();
    let (list, none) = (access_list(), XattrFlags::empty());
    if let Err(error) = setxattr(&path, ACCESS, &list, none) {
        println!("skipped: this file system has no such lists: {error}");
        return;
    }
    rotated(&path);
    let mut found = vec![0; 1024];
    let length = getxattr(&path, ACCESS, &mut found[..]).unwrap();
    assert_eq!(found[..length], list);
    // A folder that hands a list down to its files gives nobody the secret of one that had none.
    setxattr(folder.path(), "system.posix_acl_default", &list, none).unwrap();
    let fresh = folder.path().join("new.json");
    for plain in [&folder.path().join("plain.json"), &fresh] {
        if plain != &fresh {
            fs::write(plain, OLD).unwrap();
            rustix::fs::removexattr(plain, ACCESS).unwrap();
            mode(plain, 0o640);
        }
        rotated(plain);
        assert!(getxattr(plain, ACCESS, &mut found[..]).is_err());
    }
}

#[test]
fn a_second_name_is_told_before() {
    let (folder, path) = place();
    fs::hard_link(&path, folder.path().join("other")).unwrap();
    refused(&path, &["has 2 names"], "remove the other names");
    fs::remove_file(folder.path().join("other")).unwrap();
    symlink(&path, folder.path().join("other")).unwrap();
    rotated(&folder.path().join("other"));
    assert!(folder.path().join("other").is_symlink());
    assert_eq!(store(&path).read().unwrap(), Some(pair("new")));
}

#[test]
fn a_folder_is_no_file_and_a_missing_one_is_made_first() {
    let (folder, path) = place();
    refused(folder.path(), &["is a folder"], "name a file");
    refused(&path.join("x.json"), &["is no folder"], "make the folder");
    let missing = folder.path().join("missing/config.json");
    refused(&missing, &["is not there"], "make the folder");
    let link = folder.path().join("link.json");
    symlink(folder.path().join("gone"), &link).unwrap();
    refused(&link, &["is a link to a file that is not there"], "look at");
}

#[test]
fn a_folder_that_others_may_write_to_gets_no_secret() {
    for bits in [0o777, 0o775, 0o757] {
        let (folder, path) = place();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        mode(folder.path(), bits);
        let shown = format!("mode {bits:04o}");
        for path in [path, inner.join("config.json")] {
            refused(
                &path,
                &["others may write to", &shown, "owner "],
                "chmod go-w",
            );
        }
        mode(folder.path(), bits | 0o1000);
        rotated(&folder.path().join("config.json"));
    }
}

#[test]
fn what_a_stranger_made_where_everybody_may_gets_no_secret() {
    if !is_root("what_a_stranger_made_where_everybody_may_gets_no_secret") {
        return;
    }
    let (folder, path) = place();
    mode(folder.path(), 0o1777);
    chown(&path, Some(STRANGER), None).unwrap();
    let words = [
        "belongs to another user",
        "owner 54321",
        "made it in a folder",
    ];
    refused(&path, &words, "remove that file");
    let (safe, target) = place();
    let link = folder.path().join("link.json");
    symlink(&target, &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(STRANGER), None).unwrap();
    let words = ["leads over the link", "another user, 54321, made"];
    refused(&link, &words, "name the file itself");
    // Nor does root follow one out of its maker's own folder.
    let (theirs, file) = place();
    chown(theirs.path(), Some(STRANGER), None).unwrap();
    chown(&file, Some(STRANGER), None).unwrap();
    let linked = |name: &str, to: &Path| {
        let link = theirs.path().join(name);
        symlink(to, &link).unwrap();
        std::os::unix::fs::lchown(&link, Some(STRANGER), None).unwrap();
        link
    };
    let out = linked("link.json", &target);
    refused(&out, &words, "name the file itself");
    let out = linked("inside", safe.path()).join("config.json");
    refused(&out, &words, "name the file itself");
    rotated(&linked("own.json", &file));
    // What is root's lies in no folder whose owner can put another file in its place.
    chown(&file, Some(0), Some(0)).unwrap();
    refused(
        &file,
        &["its folder", "belongs to another user"],
        "in a folder of this user's",
    );
    std::fs::remove_file(&file).unwrap();
    refused(
        &file,
        &["its folder", "belongs to another user"],
        "in a folder of this user's",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn flags_that_forbid_it_are_told_before() {
    let (folder, path) = place();
    for (flag, on_folder, words) in [
        ("i", false, "file"),
        ("a", false, "file"),
        ("i", true, "folder"),
        ("a", true, "folder"),
    ] {
        let what = if on_folder { folder.path() } else { &path };
        if !done("chattr", &[&format!("+{flag}")], what) {
            return;
        }
        let name = if flag == "i" {
            "immutable"
        } else {
            "append-only"
        };
        let said = std::panic::catch_unwind(|| {
            refused(&path, &[words, name], &format!("chattr -{flag}"));
        });
        assert!(done("chattr", &[&format!("-{flag}")], what));
        said.unwrap();
    }
    rotated(&path);
}

#[test]
fn long_names_leave_room_for_the_unfinished_one() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        format!("{}.json", "x".repeat(235)),
        format!("{}.json", "x".repeat(250)),
        format!("{}.json", "ü".repeat(120)),
    ] {
        rotated(&folder.path().join(name));
    }
    let longer = folder.path().join("x".repeat(256));
    let error = store(&longer).check(URL).unwrap_err();
    says(&error, &longer, &["cannot be written"], "a shorter name");
}

/// Not a test by itself: what each process of the others does, as `SAILPAT_TEST_STORE` says.
#[test]
fn one_of_several_processes() {
    let Ok(text) = std::env::var("SAILPAT_TEST_STORE") else {
        return;
    };
    let task: Value = serde_json::from_str(&text).unwrap();
    let store = store(Path::new(task["file"].as_str().unwrap()));
    let told = |result: Result<(), Error>| match result {
        Ok(()) => println!("DONE:"),
        Err(error) => {
            let remedy = error.detail().remedy.clone().unwrap_or_default();
            println!("SAID:{error} ({remedy})");
        }
    };
    match task["does"].as_str().unwrap() {
        "check" => told(store.check(URL)),
        "read" => told(store.read().map(drop)),
        "rotate" => told(store.write(&pair("new"), URL, Over::Only(&["old"]))),
        _ => {
            for turn in 0..25 {
                let pair = pair(&format!("{}-{turn}", std::process::id()));
                store.write(&pair, URL, Over::Anything).unwrap();
            }
        }
    }
}

fn child(path: &Path, does: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "stores::one_of_several_processes"]);
    command.env(
        "SAILPAT_TEST_STORE",
        json!({"file": path, "does": does}).to_string(),
    );
    command
}

/// What a child said.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = text
        .lines()
        .find_map(|line| line.split_once("DONE:").or(line.split_once("SAID:")));
    match found {
        Some((_, said)) => said.to_owned(),
        None => panic!("{output:?}"),
    }
}

#[test]
fn several_processes_write_one_file_and_none_fails() {
    let (folder, path) = place();
    let mut children: Vec<_> = (0..4)
        .map(|_| child(&path, "write").stdout(Stdio::null()).spawn().unwrap())
        .collect();
    // A reader is held up by nobody and finds a whole pair at every moment.
    while children
        .iter_mut()
        .any(|child| child.try_wait().unwrap().is_none())
    {
        let found = store(&path).read().unwrap().unwrap();
        assert_eq!(found, pair(&found.client_id));
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(names(folder.path()), ["config.json"]);
}

#[test]
fn what_a_crash_left_goes_and_what_another_writes_stays() {
    let (folder, path) = place();
    let left = folder.path().join(".config.json.abcdef.sailpat-new");
    let busy = folder.path().join(".config.json.ghijkl.sailpat-new");
    fs::write(&left, "secret").unwrap();
    let writing = fs::File::create(&busy).unwrap();
    writing.lock().unwrap();
    store(&path).tidy();
    assert_eq!(
        names(folder.path()),
        [".config.json.ghijkl.sailpat-new", "config.json"]
    );
    rotated(&path);
    assert!(busy.exists());
    drop(writing);
    store(&path).tidy();
    assert_eq!(names(folder.path()), ["config.json"]);
}

#[test]
fn a_file_of_another_user_is_told_before() {
    if !is_root("a_file_of_another_user_is_told_before") {
        return;
    }
    let (folder, path) = place();
    mode(folder.path(), 0o755);
    mode(&path, 0o640);
    chown(&path, None, Some(STRANGER)).unwrap();
    let as_stranger = |path: &Path, does| said(child(path, does).uid(STRANGER).gid(STRANGER));
    // A member of the group reads before and after, and writes neither time.
    assert_eq!(as_stranger(&path, "read"), "");
    rotated(&path);
    assert_eq!(as_stranger(&path, "read"), "");
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    chown(&own, Some(STRANGER), Some(STRANGER)).unwrap();
    let theirs = own.join("config.json");
    fs::write(&theirs, OLD).unwrap();
    mode(&theirs, 0o604);
    let text = as_stranger(&theirs, "check");
    for words in [
        "belongs to another user (owner 0, group 0, mode 0604) than this one, 54321",
        "run this as user 0",
    ] {
        assert!(text.contains(words), "{text}");
    }
    // Nor is a group that cannot be kept given up.
    chown(&theirs, Some(STRANGER), Some(STRANGER + 1)).unwrap();
    let text = as_stranger(&theirs, "check");
    assert!(
        text.contains("group 54322 of the file cannot be kept"),
        "{text}"
    );
    chown(&theirs, None, Some(STRANGER)).unwrap();
    assert_eq!(as_stranger(&theirs, "check"), "");
}

/// What a look at the file says where `mounts`, a script that knows the paths as $1, $2, …, was done before; none
/// where nothing can be mounted.
#[cfg(target_os = "linux")]
fn checked_after(mounts: &str, paths: &[&Path], path: &Path) -> Option<String> {
    let inner = child(path, "check");
    let script = format!(
        "{{ {mounts}; }} || {{ echo SKIP; exit; }}; shift {}; exec \"$@\"",
        paths.len()
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &script, "sh"]).args(paths);
    command.arg(inner.get_program()).args(inner.get_args());
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if text.is_empty() || text.contains("SKIP") {
        println!("skipped: nothing can be mounted here");
        return None;
    }
    Some(text)
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_mounted_is_told_before() {
    let (folder, path) = place();
    let other = folder.path().join("other.json");
    fs::write(&other, OLD).unwrap();
    for (mounts, paths, words) in [
        (
            "mount --bind \"$1\" \"$2\"",
            [&*other, &path],
            ["is a mount point of its own", "mount the folder"],
        ),
        (
            "mount --bind \"$1\" \"$2\" && mount -o remount,ro,bind \"$2\"",
            [folder.path(), folder.path()],
            ["Read-only file system", "mount the file system for writing"],
        ),
        (
            "mount -t tmpfs -o size=4k,mode=700 none \"$1\" && echo x > \"$2\".txt",
            [folder.path(), &path],
            ["No space left on device", "make room on the disk"],
        ),
    ] {
        let Some(text) = checked_after(mounts, &paths, &path) else {
            return;
        };
        for word in words {
            assert!(text.contains(word), "{text}");
        }
    }
    rotated(&path);
}

/// Root writes to a file of a user who exchanges the unfinished file for a link to one of root's, right before it
/// gets its owner.
#[cfg(target_os = "linux")]
#[test]
fn root_gives_away_no_file_that_a_link_leads_to() {
    if !is_root("root_gives_away_no_file_that_a_link_leads_to") {
        return;
    }
    let (folder, path) = place();
    let (_vault, precious) = place();
    chown(folder.path(), Some(STRANGER), Some(STRANGER)).unwrap();
    chown(&path, Some(STRANGER), Some(STRANGER)).unwrap();
    let inner = child(&path, "rotate");
    let slow = "inject=chown,fchown,lchown,fchownat:delay_enter=500ms";
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-e", slow]);
    command.arg(inner.get_program()).args(inner.get_args());
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let Ok(mut child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
        println!("skipped: there is no strace to slow the write down");
        return;
    };
    let mut exchanged = false;
    while child.try_wait().unwrap().is_none() {
        let names = names(folder.path());
        if let Some(name) = names.iter().find(|name| name.ends_with("-new"))
            && !exchanged
        {
            let unfinished = folder.path().join(name);
            let _ = fs::remove_file(&unfinished);
            exchanged = symlink(&precious, &unfinished).is_ok();
        }
    }
    if !exchanged {
        println!("skipped: strace may not slow the write down here");
        return;
    }
    let now = fs::metadata(&precious).unwrap();
    assert_eq!((now.uid(), now.gid()), (0, 0));
    assert_eq!(fs::read_to_string(&precious).unwrap(), OLD);
}
