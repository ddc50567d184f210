//! Which package a command line means, and who granted it what.

use std::path::Path;
use std::time::SystemTime;

use mpp_audit::{Answer, PolicyAction, Writer};
use mpp_package::{Keyring, Package, SignOptions, VerifiedPackage};
use mpp_policy::Permissions;

use super::asked::Asked;
use crate::build::{AUTHOR_MANIFEST, Source};
use crate::consent::{Consent, Request};
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::home::Home;
use crate::installed::{Installed, Store, damaged};
use crate::log::Site;
use crate::{blame, keys, log, packages, record, trust};

/// A package to call: verified, so that what it says of itself can be shown and
/// the command line held against it.
pub(in crate::command) struct Chosen {
    /// As the command line named it.
    pub(in crate::command) name: String,
    pub(in crate::command) package: VerifiedPackage,
    /// Whom the host is to trust for it; it verifies the same bytes again.
    pub(in crate::command) keyring: Keyring,
    granted: Granted,
}

/// Who granted the package what it declares.
enum Granted {
    /// A person, when it was installed.
    Installed(Permissions),
    /// Its author, who runs the source.
    Source(Permissions),
    /// Nobody yet.
    Nobody(Permissions),
}

impl Chosen {
    /// Finds the package that was asked for.
    pub(super) fn by(asked: &Asked, home: &Home, context: &mut Context<'_, '_>) -> Outcome<Self> {
        let name = asked.package.as_str();
        let path = Path::new(name);
        let installed = Store::of(home).find(name)?;
        match installed {
            // A name must not mean something else in a directory that somebody
            // else may have prepared.
            Some(installed) if path.exists() => Err(Failure::usage(format!("{name} is two things"))
                .because(format!(
                    "a package of that name is installed, and a file or directory {name} is here"
                ))
                .next(format!("name it {}, or ./{name}", installed.full_name()))),
            Some(_) if asked.signature.is_some() => {
                Err(Failure::usage("--signature goes with a package file, and this one is installed"))
            }
            Some(installed) => Self::installed(&installed, asked, home, context),
            None if path.is_dir() => Self::source(path, asked, home, context),
            None if path.exists() => Self::file(path, asked, home, context),
            None => Err(nowhere(name)),
        }
    }

    /// What the package may touch at most.
    pub(super) fn granted(&self) -> &Permissions {
        match &self.granted {
            Granted::Installed(granted) | Granted::Source(granted) | Granted::Nobody(granted) => granted,
        }
    }

    /// Who grants what the package declares; `None` where somebody has before.
    /// Nothing is locked meanwhile: no question must keep a revocation away. A
    /// refusal is on record before this returns.
    pub(super) fn ask(
        &self,
        flag: bool,
        site: &Site,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Option<Consent>> {
        trust::warn_of_lapse(&self.package, context.streams);
        match self.granted {
            Granted::Installed(_) | Granted::Source(_) => return Ok(None),
            Granted::Nobody(_) => {}
        }
        let (package, question) = (&self.package, "Grant this and run?");
        let request = Request { package, before: None, question, granted: flag };
        request.ask(context.streams).map(Some).map_err(|failure| {
            log::refuse(&record::not_granted(package, &failure), failure, site, context.streams)
        })
    }

    /// The package after the answer, which is on record before this returns. The
    /// answer may have taken an hour, so the package is judged by whom this user
    /// trusts now.
    pub(super) fn agreed(
        self,
        consent: Option<Consent>,
        home: &Home,
        log: &Writer,
        context: &Context<'_, '_>,
    ) -> Outcome<Self> {
        let Some(consent) = consent else { return Ok(self) };
        let keyring = trust::keyring(home)?;
        let package = self.package.package();
        match keyring.verify(package.clone(), SystemTime::now()) {
            Ok(package) => {
                let actor = context.environment.user();
                let event = record::granted(PolicyAction::Approve, &package, Answer::from(consent), actor)?;
                log::append(log, &event)?;
                Ok(Self { package, keyring, ..self })
            }
            Err(error) => {
                log::append(log, &record::unverified(package, &error))?;
                Err(blame::unverified(&self.name, &error))
            }
        }
    }

    fn installed(
        installed: &Installed,
        asked: &Asked,
        home: &Home,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Self> {
        let path = Store::of(home).bytes_of(&installed.digest);
        if !path.exists() {
            return Err(damaged(installed, "its file is gone"));
        }
        let log = asked.audit.of(home);
        let package = packages::present(&path, None)
            .map_err(|not_read| log::not_read(not_read, &log, context.streams))?;
        if package.digest() != installed.digest {
            let failure = damaged(installed, "its file holds another package");
            let event = record::not_as_installed(&package, &failure);
            return Err(log::refuse(&event, failure, &log, context.streams));
        }
        let granted = Granted::Installed(installed.granted.clone());
        let chosen = Self::verified(asked, package, trust::keyring(home)?, granted, home, context)?;
        // An installation that was interrupted at its very end did not get to this.
        trust::remember(home, &chosen.keyring, &chosen.package)?;
        Ok(chosen)
    }

    fn file(path: &Path, asked: &Asked, home: &Home, context: &mut Context<'_, '_>) -> Outcome<Self> {
        let package = packages::present(path, asked.signature.as_deref())
            .map_err(|not_read| log::not_read(not_read, &asked.audit.of(home), context.streams))?;
        let manifest = package.manifest();
        let full_name = format!("{}/{}", manifest.publisher(), manifest.name());
        let installed = Store::of(home).find(&full_name)?;
        let granted = match installed {
            // The same bytes as the installed package, or as narrow an update.
            Some(installed) if installed.granted.covers(manifest.permissions()) => {
                Granted::Installed(installed.granted)
            }
            _ => Granted::Nobody(manifest.permissions().clone()),
        };
        Self::verified(asked, package, trust::keyring(home)?, granted, home, context)
    }

    /// Verifies the package, so that nobody is asked about one that will not
    /// run. A refusal is on record before this returns.
    fn verified(
        asked: &Asked,
        package: Package,
        keyring: Keyring,
        granted: Granted,
        home: &Home,
        context: &mut Context<'_, '_>,
    ) -> Outcome<Self> {
        let name = asked.package.clone();
        match keyring.verify(package.clone(), SystemTime::now()) {
            Ok(package) => Ok(Self { name, package, keyring, granted }),
            Err(error) => {
                let failure = blame::unverified(&name, &error);
                let event = record::unverified(&package, &error);
                Err(log::refuse(&event, failure, &asked.audit.of(home), context.streams))
            }
        }
    }

    /// Builds a source directory and signs it with the development key, which a
    /// keyring of this one call trusts for this one publisher.
    fn source(directory: &Path, asked: &Asked, home: &Home, context: &mut Context<'_, '_>) -> Outcome<Self> {
        let built = Source::open(directory)?.build(None, context)?;
        built.keep()?;
        let key = keys::development(home, context.streams)?;
        let options =
            SignOptions { sequence: packages::sequence()?, issued_at: packages::now()?, not_after: None };
        let signed = mpp_package::sign(&built.bytes, &key, &options)
            .map_err(|error| blame::cannot_sign(directory, &error))?;
        let package = Package::parse(signed).map_err(|error| blame::malformed(directory, &error))?;
        let mut keyring = Keyring::empty();
        keyring
            .pin(package.manifest().publisher(), key.public_key())
            .map_err(|error| Failure::host("the development key cannot be used").because_of(&error))?;
        let granted = Granted::Source(built.manifest.permissions().clone());
        Self::verified(asked, package, keyring, granted, home, context)
    }
}

fn nowhere(name: &str) -> Failure {
    let failure = Failure::usage(format!("there is no package {name}"))
        .because("it is neither a file, nor a directory, nor installed");
    if name.contains(['/', '.']) {
        failure.next("check the path")
    } else {
        failure.next(format!(
            "`mpp list` shows what is installed; a source directory has an {AUTHOR_MANIFEST} in it"
        ))
    }
}
