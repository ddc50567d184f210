//! Where the variables lead.

use super::*;

#[test]
fn mpp_home_moves_everything_under_one_directory() {
    let home = Environment::of([("MPP_HOME", OsStr::new("/srv/mpp"))]).home().unwrap();
    assert_eq!(home.trust_file(), Path::new("/srv/mpp/config/trust.json"));
    assert_eq!(home.installed_file(), Path::new("/srv/mpp/data/installed.json"));
    assert_eq!(home.cache(), Path::new("/srv/mpp/cache"));
}

#[test]
fn a_relative_mpp_home_is_taken_from_the_working_directory() {
    let home = Environment::of([("MPP_HOME", OsStr::new("here"))]).home().unwrap();
    assert!(home.data().is_absolute());
    assert!(home.data().ends_with("here/data"));
}

#[test]
fn an_empty_mpp_home_is_no_home() {
    let failure = Environment::of([("MPP_HOME", OsStr::new(""))]).home().unwrap_err();
    assert_eq!(failure.blame().status(), 1);
}

#[test]
fn what_leads_to_the_home_is_absolute_and_says_nothing_of_the_default() {
    let of = |variables: [(&str, &str); 3]| {
        let variables = variables.map(|(name, value)| (name, OsStr::new(value)));
        let found = Environment::of(variables).bearings().unwrap();
        found.into_iter().map(|(name, path)| format!("{name}={}", path.display())).collect::<Vec<_>>()
    };
    let user = ("HOME", "/home/ada");
    let data = ("XDG_DATA_HOME", "/srv/data");
    assert_eq!(of([user, ("MPP_HOME", "/srv/mpp"), data]), ["MPP_HOME=/srv/mpp"]);
    assert_eq!(of([user, ("XDG_CONFIG_HOME", "/home/ada/.config"), data]), ["XDG_DATA_HOME=/srv/data"]);
    assert_eq!(of([user, ("XDG_CACHE_HOME", "relative"), ("XDG_DATA_HOME", "")]), [""; 0]);
    let relative = of([user, ("MPP_HOME", "here"), data]).pop().unwrap();
    assert!(relative.starts_with("MPP_HOME=/") && relative.ends_with("/here"), "{relative}");
}

#[test]
fn no_color_is_heard_unless_it_is_empty() {
    assert!(!Environment::of([("NO_COLOR", OsStr::new("1"))]).wants_colour());
    assert!(Environment::of([("NO_COLOR", OsStr::new(""))]).wants_colour());
}
