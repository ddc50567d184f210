//! A package is compiled the first time it is called, and a client waits for that.
//! On a terminal the person who started the server sees why.

use std::time::Instant;

use mpp_package::VerifiedPackage;

use super::News;
use crate::host::Shown;
use crate::output::Terminal;
use crate::packages;

/// A package that is being compiled. When dropped, it is or is refused.
pub(crate) struct Compiling {
    package: String,
    since: Instant,
    news: News,
}

impl Compiling {
    /// Tells of each package that is compiled, where there is a terminal.
    pub(crate) fn shown(terminal: Terminal, news: &News) -> Shown {
        let news = terminal.err.then(|| news.clone());
        Box::new(move |package| Box::new(news.clone().map(|news| Self::begins(package, news))))
    }

    fn begins(package: &VerifiedPackage, news: News) -> Self {
        let package = packages::title(package);
        news.note("compiling", format!("{package}, the first time"));
        Self { package, since: Instant::now(), news }
    }
}

impl Drop for Compiling {
    fn drop(&mut self) {
        let Self { package, since, news } = self;
        news.note("compiling", format!("{package} took {:.1} s", since.elapsed().as_secs_f64()));
    }
}
