//! `mpp serve`

mod stop;
mod web;

use std::time::Duration;

use clap::Args;
use mpp_host::{DEFAULT_CONCURRENT_CALLS, Execution, Host};
use mpp_mcp::{About, Server, stdio};
use mpp_package::Keyring;
use mpp_policy::Permissions;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::sleep;
use tracing::Level;

use self::stop::Stop;
use self::web::Web;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::host::Setup;
use crate::installed::{Installed, Store};
use crate::log::{self, AuditDirectory};
use crate::operator::{Bounds, Means};
use crate::output::Streams;
use crate::runtime::Runtime;
use crate::serve::{Chosen, Compiling, InstalledTools, News, Source, Untold};
use crate::{host, telemetry};

/// What a model is told of all the tools together.
const INSTRUCTIONS: &str = "Each tool is a signed package that runs in a sandbox of its own. What it may touch \
    was granted by the user when it was installed. A tool that is denied something cannot do it, and asking again \
    does not change that: say so to the user, who can grant more with `mpp install`.";

/// How long clients have to take their answers when the server is to stop at once.
const ANSWER_TIME: Duration = Duration::from_secs(1);

/// Serve the installed tools to clients of the Model Context Protocol
#[derive(Debug, Args)]
#[command(after_help = "\
Over standard input and output, for a client that starts this command itself (`mpp connect CLIENT`
tells it to); or over Streamable HTTP, at the address it prints. On other addresses than those of
this machine alone clients must show the token, which is made on first use.

A package that is installed, removed or no longer trusted meanwhile comes and goes at once, and --map,
--env and --allow-network hold for it, too, within what it was granted: name packages to serve them
alone. No client can install, trust or grant anything. Calls are on record: `mpp audit show`.

Examples:
  mpp serve --http
  mpp serve text-stats csv-report --map /data=./invoices --agent bookkeeper")]
pub(crate) struct Serve {
    /// Serve these packages alone: NAME or PUBLISHER/NAME [default: all]
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Serve one client on standard input and output, which is what is done unless --http is given
    #[arg(long, conflicts_with = "http")]
    stdio: bool,
    #[command(flatten)]
    web: Web,
    /// Name of the agent on whose behalf this is, for the record and the tools
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    #[command(flatten)]
    means: Means,
    /// Run at most this many calls at once; more wait their turn
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_CONCURRENT_CALLS,
          value_parser = clap::value_parser!(u32).range(1..=1_024))]
    concurrent_calls: u32,
    /// Say more on standard error
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    audit: AuditDirectory,
}

impl Serve {
    pub(crate) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let home = context.home()?;
        let chosen = self.chosen(&home)?;
        let bounds = self.bounds(&chosen, context)?;
        allow_many_files();
        let runtime = Runtime::start()?;
        let (news, mut untold) = News::new();
        let host = self.host(&home, &chosen, &news, context)?;
        let chosen = self.for_good(chosen);
        let source = Source { home: home.clone(), chosen, bounds, host: host.clone(), news: news.clone() };
        let tools = InstalledTools::open(source)?;
        // Last: whoever reads where the server is can call it.
        let web = self.web.open(&home, context.streams)?;
        let about = About {
            name: "mpp".to_owned(),
            title: Some("MPP tools".to_owned()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instructions: Some(INSTRUCTIONS.to_owned()),
            agent: self.agent,
        };
        let level = if self.verbose { Level::DEBUG } else { Level::WARN };
        let telemetry = telemetry::start(context.environment, &news, level, host.watch_pool())?;
        let serving = Serving { tools, about, host, web, news };
        let served = runtime.wait_for(serving.run(&mut untold, context.streams));
        telemetry.shutdown();
        untold.tell_rest(context.streams);
        served
    }

    /// The packages that are served now.
    fn chosen(&self, home: &Home) -> Outcome<Vec<Installed>> {
        let store = Store::of(home);
        let named = |name: &String| {
            store.find(name)?.ok_or_else(|| {
                Failure::usage(format!("no package {name} is installed")).next("`mpp list` shows what is")
            })
        };
        if self.packages.is_empty() { store.list() } else { self.packages.iter().map(named).collect() }
    }

    /// Which packages are served from now on. In full, so that no namesake that is
    /// installed later is served with them.
    fn for_good(&self, chosen: Vec<Installed>) -> Chosen {
        if self.packages.is_empty() {
            return Chosen::All;
        }
        Chosen::Named(chosen.iter().map(Installed::full_name).collect())
    }

    fn bounds(&self, chosen: &[Installed], context: &Context<'_, '_>) -> Outcome<Bounds> {
        let granted: Vec<&Permissions> = chosen.iter().map(|package| &package.granted).collect();
        self.means.bounds(context.environment.working_directory()?, &granted)
    }

    fn host(
        &self,
        home: &Home,
        chosen: &[Installed],
        news: &News,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Host> {
        let declared: Vec<_> = chosen.iter().flat_map(|package| package.granted.env.clone()).collect();
        let environment = self.means.values(&declared, context.environment)?;
        let tls_roots = self.means.tls_roots()?;
        let setup = Setup {
            // Nobody: the tools have a host with whom the trust file names, at each moment.
            keyring: Keyring::empty(),
            log: log::open_for_calls(&self.audit.of(home), context.streams)?,
            environment,
            tls_roots,
            execution: Execution::Timed,
            concurrent_calls: self.concurrent_calls,
            compiler: host::compiler(context.environment),
            shown: Compiling::shown(context.streams.terminal, news),
        };
        setup.build(home)
    }
}

/// A server that is about to serve.
struct Serving {
    tools: InstalledTools,
    about: About,
    host: Host,
    web: Option<web::Open>,
    news: News,
}

impl Serving {
    /// Serves until it is told to stop, and all calls are on record. News are told
    /// here, and served is elsewhere: whoever does not read them keeps no client
    /// waiting.
    async fn run(self, untold: &mut Untold, streams: &mut Streams<'_>) -> Outcome {
        // Before anybody is told of a server that they could stop.
        let told = Stop::on_signals(&self.news)?;
        let (tools, packages) = self.tools.numbers();
        streams.note("serving", &format!("{}, {}", counted(tools, "tool"), counted(packages, "package")));
        let mut serving = tokio::spawn(self.serve(told));
        loop {
            tokio::select! {
                served = &mut serving => {
                    return served.unwrap_or_else(|error| Err(Failure::host("serving failed").because(error)));
                }
                true = untold.tell_next(streams) => {}
            }
        }
    }

    async fn serve(self, (stop, now): (Stop, Stop)) -> Outcome {
        let Self { tools, about, host, web, news: _ } = self;
        let server = Server::new(tools.clone(), about);
        let serving = async {
            match web {
                Some(web) => web.serve(server, stop.told()).await,
                None => stdio::serve(server, stdio::streams(), stop.told())
                    .await
                    .map_err(|error| Failure::usage("the client cannot be served").because_of(&error)),
            }
        };
        let at_once = async {
            now.told().await;
            tools.cancel();
            host.idle().await;
            sleep(ANSWER_TIME).await;
        };
        let served = tokio::select! {
            served = serving => served,
            () = tools.follow() => Ok(()),
            () = at_once => Ok(()),
        };
        host.idle().await;
        served
    }
}

/// Lets this process have as many files open as the system lets it at most: each
/// connection and each directory that a tool was granted is one, and systems begin
/// with few for the sake of old programs. Where that cannot be, fewer do.
fn allow_many_files() {
    let Rlimit { current: _, maximum } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

fn counted(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
