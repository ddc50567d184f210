//! `mpp witness serve`

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use clap::Args;
use mpp_witness::server;
use mpp_witness::{Answer, Witness};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::{Place, unusable};
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::output::Streams;
use crate::runtime::Runtime;

/// Answers that wait to be told to a person. Further ones are not told.
const UNTOLD: usize = 256;

/// Answer the logs that ask, until it is interrupted
#[derive(Debug, Args)]
#[command(after_help = "\
Prints the address on standard output once it can be asked, and a line for each answer on standard
error. It speaks HTTP without TLS: put a proxy in front of it for logs on other machines. SIGINT and
SIGTERM let what is under way come to its end.")]
pub(super) struct Serve {
    /// Where to listen; with port 0 the system chooses one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7387")]
    listen: SocketAddr,
    #[command(flatten)]
    place: Place,
}

impl Serve {
    pub(super) fn run(self, context: &mut Context<'_, '_>) -> Outcome {
        let witness = self.place.take(context)?.open().map_err(unusable)?;
        Runtime::start()?.wait_for(serve(witness, self.listen, context.streams))
    }
}

async fn serve(witness: Witness, listen: SocketAddr, streams: &mut Streams<'_>) -> Outcome {
    let cannot = |error: std::io::Error| Failure::host(format!("cannot listen on {listen}")).because(error);
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    streams.note("witness", &witness.key().to_string());
    streams.note("follows", &format!("{} logs", witness.logs().count()));
    streams.line(&format!("http://{address}"))?;
    streams.flush()?;
    let stop = async move {
        tokio::select! {
            // Whoever cannot be told to stop is stopped by force.
            Ok(()) = tokio::signal::ctrl_c() => {}
            Some(()) = terminate.recv() => {}
            else => std::future::pending().await,
        }
    };
    let (tell, mut untold) = mpsc::channel(UNTOLD);
    // A person who reads slowly keeps no log waiting.
    let told = Arc::new(move |answer: &Answer| drop(tell.try_send(answer.clone())));
    let mut serving = pin!(server::serve(witness, listener, stop, told));
    loop {
        tokio::select! {
            () = &mut serving => break,
            Some(answer) = untold.recv() => say(&answer, streams),
        }
    }
    while let Ok(answer) = untold.try_recv() {
        say(&answer, streams);
    }
    Ok(())
}

fn say(answer: &Answer, streams: &mut Streams<'_>) {
    let Answer { status, content_type: _, body, about, fork, trouble } = answer;
    let about = match about {
        Some((origin, size)) => format!("{origin}, {size} records"),
        None => "no checkpoint".to_owned(),
    };
    match status {
        200 => streams.note("200", &about),
        409 => streams.note("409", &format!("{about}: the last that was cosigned has {}", body.trim_end())),
        status => streams.note(&status.to_string(), &format!("{about}: {}", body.trim_end())),
    }
    if let Some(path) = fork {
        streams.warn(&format!("the log signed two histories; the proof is in {}", path.display()));
    }
    if let Some(trouble) = trouble {
        streams.warn(trouble);
    }
}
