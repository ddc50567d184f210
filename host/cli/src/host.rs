//! The host as the commands that run tools set it up.

use std::path::{Path, PathBuf};

use mpp_audit::Writer;
use mpp_host::{CompiledCache, Compiler, Execution, Host, RootCertStore};
use mpp_package::{Keyring, VerifiedPackage};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::blame;
use crate::compile_worker;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome};
use crate::home::{Environment, Home};

/// Length of the secret that authenticates compiled code.
const CACHE_KEY_BYTES: usize = 32;

/// What a host is made of.
pub(crate) struct Setup {
    pub(crate) keyring: Keyring,
    pub(crate) log: Writer,
    /// Values for environment names, which only packages granted a name see.
    pub(crate) environment: Vec<(String, String)>,
    /// From [`tls_roots`].
    pub(crate) tls_roots: RootCertStore,
    pub(crate) execution: Execution,
    /// How many calls run at once. More wait their turn.
    pub(crate) concurrent_calls: u32,
    /// From [`compiler`].
    pub(crate) compiler: Compiler,
    pub(crate) shown: Shown,
}

/// Shows a person that a package is being compiled, until what it returns is dropped.
pub(crate) type Shown = Box<dyn Fn(&VerifiedPackage) -> Box<dyn Send> + Send + Sync>;

impl Setup {
    /// Builds the host.
    pub(crate) fn build(self, home: &Home) -> Outcome<Host> {
        let Self { keyring, log, environment, tls_roots, execution, concurrent_calls, compiler, shown } =
            self;
        let mut builder = Host::builder()
            .keyring(keyring)
            .audit(log)
            .execution(execution)
            .concurrent_calls(concurrent_calls)
            .tls_roots(tls_roots)
            .compiler(compiler)
            .while_compiling(shown);
        for (name, value) in environment {
            builder = builder.environment(name, value);
        }
        if let Some(cache) = compiled_cache(home) {
            builder = builder.compiled_cache(cache);
        }
        builder.build().map_err(|error| blame::no_host(&error))
    }
}

/// Who compiles what is not this user's own.
pub(crate) fn compiler(environment: &Environment) -> Compiler {
    match environment.compiler() {
        Some(mpp) => Compiler::program(mpp, [compile_worker::ARGUMENT]),
        None => Compiler::in_process(),
    }
}

/// The public certificate authorities, and those in `files`.
pub(crate) fn tls_roots(files: &[PathBuf]) -> Outcome<RootCertStore> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for file in files {
        for certificate in certificates(file)? {
            roots.add(certificate).map_err(|error| {
                Failure::usage(format!("{} holds a certificate that cannot be used", file.display()))
                    .because_of(&error)
            })?;
        }
    }
    Ok(roots)
}

fn certificates(file: &Path) -> Outcome<Vec<CertificateDer<'static>>> {
    /// A bundle of every public authority is some 200 KB.
    const MAX_BYTES: u64 = 16 * 1024 * 1024;
    let bytes = durable::read_named(file, MAX_BYTES)?;
    let unusable = || Failure::usage(format!("{} is no file of certificates", file.display()));
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable().because(error))?;
    if certificates.is_empty() {
        return Err(unusable().because("it holds no PEM block `CERTIFICATE`"));
    }
    Ok(certificates)
}

/// Where compiled code is kept between commands; none where that cannot be:
/// then a package is compiled each time it runs, and nothing else changes.
fn compiled_cache(home: &Home) -> Option<CompiledCache> {
    let directory = home.compiled();
    durable::make_directory(&directory, Readers::Owner).ok()?;
    Some(CompiledCache::new(directory, cache_key(home).ok()?))
}

/// The secret of this user, made when it is first needed.
fn cache_key(home: &Home) -> Outcome<[u8; CACHE_KEY_BYTES]> {
    let path = home.compiled_key();
    if let Some(bytes) = durable::read_if_there(&path, CACHE_KEY_BYTES as u64)? {
        return bytes.try_into().map_err(|_| Failure::host(format!("{} is damaged", path.display())));
    }
    let mut key = [0; CACHE_KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| Failure::host("no random bytes").because(error))?;
    durable::write(&path, &key, Readers::Owner)?;
    Ok(key)
}
