//! The packages that these tests serve, each built once.

use std::sync::LazyLock;

use super::{Ended, PUBLISHER, User, component, halt, text};
use crate::support::{Guest, guests};

/// The file of a package.
pub(super) type Package = LazyLock<String>;

/// `text-stats`.
pub(super) static TEXT_STATS: Package = Package::new(|| text(&PUBLISHER.text_stats()));

/// `answer`, in each wrong way.
pub(super) static BADLY: Package = Package::new(|| make("served-badly", guests::ANSWERS_BADLY, ""));

/// `panic`.
pub(super) static PANICS: Package = Package::new(|| make("served-panics", guests::PANICS, ""));

/// `spin` and `log`, for 200 ms.
pub(super) static ENDLESS: Package =
    Package::new(|| make("served-endless", guests::NEVER_RETURNS, "limits: { time: 200ms }\n"));

/// `log` and `print`.
pub(super) static FLOODS: Package = Package::new(|| make("served-floods", guests::FLOODS_THE_LOG, ""));

/// `report`, `steps` and `report-and-stay`.
pub(super) static REPORTS: Package = Package::new(|| make("served-reports", guests::REPORTS_PROGRESS, ""));

/// `read` and others, of `/data`.
pub(super) static READS: Package = Package::new(|| {
    make("served-reads", guests::READS_FILES, "permissions: { filesystem: { read: [/data] } }\n")
});

/// `dial` and others: where a call can be halted. To be served with [`DIALLING`].
pub(super) static DIALS: Package = Package::new(|| {
    let port = halt::port();
    let yaml = format!("permissions: {{ network: {{ outbound: [\"127.0.0.1:{port}\"] }} }}\n");
    make("served-dials", guests::DIALS, &yaml)
});

/// What a server takes so that calls can be halted on this machine.
pub(super) const DIALLING: [&str; 2] = ["--allow-network", "127.0.0.0/8"];

fn make(name: &str, guest: Guest, rest: &str) -> String {
    text(&PUBLISHER.make(name, guest, rest))
}

impl User {
    /// Somebody who trusts the publisher and has installed these.
    pub(super) fn who_installed<const N: usize>(packages: [&Package; N]) -> Self {
        let user = Self::who_trusts();
        for package in packages {
            user.run(["install", package, "--grant"]).done();
        }
        user
    }
}

/// `text-stats` again, as two releases of another package.
pub(super) static FIRST: Package = Package::new(|| release(1));
pub(super) static SECOND: Package = Package::new(|| release(2));

fn release(number: u32) -> String {
    let yaml = format!(
        "publisher: com.example\nname: served-growing\nversion: {number}.0.0\ndescription: A tool.\n"
    );
    let publisher = PUBLISHER.user();
    let source = publisher.write(&format!("source/served-growing-{number}/mpp.yaml"), yaml);
    let source = text(source.parent().expect("a file is in a directory"));
    let out = text(&publisher.path(&format!("served-growing-{number}.mpp")));
    let component = component(guests::TEXT_STATS);
    let build = ["build", &source, "--component", &component, "--sign", "--sequence", &number.to_string()];
    let mut build = publisher.mpp(build);
    Ended::of(build.args(["--out", &out]).output().expect("the command can be started")).done();
    out
}
