//! The library, called without a server.

use std::time::{Duration, Instant};

use mpp_host::audit::{Durability as Waits, Log, Settings, SystemClock};
use mpp_host::package::{Keyring, PublicKey};
use mpp_host::policy::{OperatorPolicy, Permissions};
use mpp_host::{Host, Tool};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::home::{Durability, Home};
use crate::load::Sample;
use crate::{Called, TOOL, answer, arguments};

/// A tool that is loaded.
pub struct Direct {
    tool: Tool,
    runtime: Runtime,
    durability: Durability,
}

impl Direct {
    /// The package of `home`, with a log of its own beside that of the command.
    pub fn new(home: &Home) -> Self {
        let durability = match home.durability {
            Durability::Strict => Waits::Strict,
            Durability::Relaxed => Waits::Relaxed,
        };
        let runtime = Runtime::new().expect("a runtime");
        let _inside = runtime.enter();
        let settings = Settings { durability, ..Settings::default() };
        let log = Log::open_with(&home.path("direct"), SystemClock, settings).expect("a log");
        let mut keyring = Keyring::empty();
        let key = PublicKey::from_pem(&home.public_key()).expect("a key");
        keyring.pin(&"dev.mpp.samples".parse().expect("a name"), key).expect("room");
        let host = Host::builder().keyring(keyring).audit(log).build().expect("a host");
        let package = std::fs::read(home.package()).expect("the package is there");
        let policy = OperatorPolicy::approving(Permissions::none());
        let tool = host.load_bytes(package, &policy).expect("the package loads");
        Self { tool, runtime, durability: home.durability }
    }
}

impl Called for Direct {
    fn name(&self) -> String {
        format!("mpp-host, {}", self.durability)
    }

    fn call(&self, at_once: usize, time: Duration) -> Sample {
        let began = Instant::now();
        let latencies = self.runtime.block_on(async {
            let mut callers = JoinSet::new();
            for _ in 0..at_once {
                callers.spawn(calls(self.tool.clone(), began + time));
            }
            callers.join_all().await.concat()
        });
        Sample { latencies, elapsed: began.elapsed() }
    }
}

/// One call after the other, at least one.
async fn calls(tool: Tool, until: Instant) -> Vec<Duration> {
    let (input, expected) = (arguments().to_string(), answer());
    let mut latencies = Vec::new();
    loop {
        let began = Instant::now();
        let response = tool.invoke(TOOL, input.as_str()).await.expect("the tool answers");
        latencies.push(began.elapsed());
        assert_eq!(response.structured.as_ref(), Some(&expected));
        if Instant::now() >= until {
            return latencies;
        }
    }
}
