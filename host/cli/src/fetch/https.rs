//! One document from one URL.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use reqwest::{NoProxy, Proxy, Response, StatusCode};
use rustls::ClientConfig;
use url::Url;

use super::trouble::Trouble;
use super::{LOCALHOST, permitted};
use crate::exit::{Failure, Outcome};
use crate::home::Environment;
use crate::host;

/// Time for everything: names, connections, redirects, the last byte. Documents
/// are kilobytes, so a server that needs longer is not serving one, however
/// steadily it drips.
const TIME: Duration = Duration::from_secs(30);

/// Time to reach a server. A server that takes longer is not reachable.
pub(super) const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Redirects that are followed: to another name, to another host, to storage.
pub(super) const MAX_REDIRECTS: usize = 3;

/// Longest `Location` that is followed, in bytes. RFC 9110, section 4.1, asks
/// for no more than 8000, and a failure would show all of it.
const MAX_LOCATION_BYTES: usize = 2048;

/// What this command calls itself.
const USER_AGENT: &str = concat!("mpp/", env!("CARGO_PKG_VERSION"));

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// A document.
    Document(Vec<u8>),
    /// That there is none: 404 or 410.
    Nothing(StatusCode),
}

/// Fetches documents.
pub(super) struct Client {
    http: reqwest::Client,
    pub(super) time: Duration,
}

/// Looks names up on threads that nobody waits for. A runtime waits for its own
/// threads when it ends, and where no name server answers, the system may take
/// minutes to give up.
pub(super) struct Lookup;

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, looked_up) = tokio::sync::oneshot::channel();
        let look_up = move || drop(found.send((name.as_str(), 0).to_socket_addrs()));
        let started = thread::Builder::new().spawn(look_up);
        Box::pin(async move {
            started?;
            Ok(Box::new(looked_up.await??) as Addrs)
        })
    }
}

/// What one request led to.
enum Step {
    Answered(Answer),
    Redirected(Url),
}

impl Client {
    /// A client that believes the public authorities and those in `ca_files`.
    pub(super) fn new(ca_files: &[PathBuf], environment: &Environment) -> Outcome<Self> {
        let builder = builder(ca_files, environment)?
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIME)
            .default_headers(headers());
        let http = builder.build().map_err(|error| cannot_set_up(&error))?;
        Ok(Self { http, time: TIME })
    }

    /// Fetches the document at `url`, of at most `limit` bytes, over so many
    /// redirects at most.
    pub(super) async fn get(&self, url: &Url, limit: u64, redirects: usize) -> Outcome<Answer> {
        permitted(url).map_err(|why| Failure::usage(format!("cannot fetch {url}")).because(why))?;
        let late = |_| Trouble::Late(self.time).fetching(url, url);
        tokio::time::timeout(self.time, self.follow(url, limit, redirects)).await.map_err(late)?
    }

    async fn follow(&self, named: &Url, limit: u64, redirects: usize) -> Outcome<Answer> {
        let mut at = named.clone();
        for _ in 0..=redirects {
            match self.step(&at, limit).await {
                Ok(Step::Answered(answer)) => return Ok(answer),
                Ok(Step::Redirected(next)) => at = next,
                Err(trouble) => return Err(trouble.fetching(named, &at)),
            }
        }
        Err(Trouble::TooManyRedirects(redirects).fetching(named, &at))
    }

    async fn step(&self, url: &Url, limit: u64) -> Result<Step, Trouble> {
        let answer = self.http.get(url.clone()).send().await?;
        match answer.status() {
            StatusCode::OK => Ok(Step::Answered(Answer::Document(body(answer, limit).await?))),
            status @ (StatusCode::NOT_FOUND | StatusCode::GONE) => {
                Ok(Step::Answered(Answer::Nothing(status)))
            }
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => Ok(Step::Redirected(redirected(url, answer.headers())?)),
            status => Err(Trouble::Status(status)),
        }
    }
}

/// How this command reaches a server, whatever it has to say to it: names,
/// certificates and the proxy.
pub(crate) fn builder(ca_files: &[PathBuf], environment: &Environment) -> Outcome<reqwest::ClientBuilder> {
    let this_machine: [SocketAddr; 2] = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(ca_files)?)
        .dns_resolver(Lookup)
        .resolve_to_addrs(LOCALHOST, &this_machine)
        .no_proxy()
        .user_agent(USER_AGENT);
    Ok(match proxy(environment)? {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    })
}

/// Reads a body, and believes nothing that was said about its length.
async fn body(mut answer: Response, limit: u64) -> Result<Vec<u8>, Trouble> {
    // Nothing is ever unpacked, so nothing small becomes large here.
    if answer.headers().contains_key(CONTENT_ENCODING) {
        return Err(Trouble::Encoded);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if (bytes.len() as u64).saturating_add(chunk.len() as u64) > limit {
            return Err(Trouble::TooLarge(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Where a redirect leads, if it may lead there.
pub(super) fn redirected(from: &Url, headers: &HeaderMap) -> Result<Url, Trouble> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let location =
        location.filter(|location| location.len() <= MAX_LOCATION_BYTES).ok_or(Trouble::Nowhere)?;
    let to = from.join(location).map_err(|_| Trouble::Nowhere)?;
    let refused = |why| Trouble::Redirect { to: to.clone(), why };
    permitted(&to).map_err(refused)?;
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(refused("that would leave https".to_owned()));
    }
    Ok(to)
}

fn headers() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))])
}

fn tls(ca_files: &[PathBuf]) -> Outcome<ClientConfig> {
    let roots = host::tls_roots(ca_files)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| cannot_set_up(&error))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// The proxy that the environment names for `https`. One that cannot be used is
/// an error: whoever set it wants nothing sent another way.
fn proxy(environment: &Environment) -> Outcome<Option<Proxy>> {
    let Some((name, value)) = either(environment, ["HTTPS_PROXY", "https_proxy"])? else {
        return Ok(None);
    };
    // The value is not shown: it may hold a password.
    let unusable = || Failure::usage(format!("{name} names no proxy that can be used"));
    let supported = || unusable().because("it is not http://HOST:PORT, and not https://HOST:PORT");
    let value = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&value).map_err(|error| unusable().because(error))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(supported());
    }
    let beside = either(environment, ["NO_PROXY", "no_proxy"])?.map_or("", |(_, hosts)| hosts);
    let direct = NoProxy::from_string(&format!("{LOCALHOST},127.0.0.0/8,::1,{beside}"));
    let proxy = Proxy::https(url).map_err(|_| supported())?;
    Ok(Some(proxy.no_proxy(direct)))
}

/// The first of these variables that is set, and its value.
fn either<'a>(
    environment: &'a Environment,
    names: [&'static str; 2],
) -> Outcome<Option<(&'static str, &'a str)>> {
    let set = names.into_iter().find_map(|name| Some((name, environment.variable(name)?)));
    let Some((name, value)) = set else {
        return Ok(None);
    };
    match value.to_str() {
        Some(value) => Ok(Some((name, value))),
        None => Err(Failure::usage(format!("{name} is not UTF-8"))),
    }
}

fn cannot_set_up(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::host("cannot set up a client for HTTPS").because_of(error)
}
