//! From a source directory to a package: build, wrap, look at, pack.

mod cargo;
mod icons;
pub(crate) mod toolchain;
mod wrap;

use std::path::{Path, PathBuf};

use mpp_host::{Import, ImportError, Inspection, Need};
use mpp_package::{
    AuthorManifest, Digest, Icon, MAX_AUTHOR_MANIFEST_BYTES, MAX_PACKAGE_BYTES, Manifest, Package,
};
use mpp_policy::{Permission, Permissions};

use cargo::CargoBuild;

use crate::context::Context;
use crate::durable::{self, Readers};
use crate::exit::{Failure, Outcome, file_trouble};
use crate::runtime::Runtime;
use crate::{blame, host};

/// The file beside `Cargo.toml` that says what a package is and may touch.
pub(crate) const AUTHOR_MANIFEST: &str = "mpp.yaml";

/// A directory with an `mpp.yaml` that could be read.
#[derive(Debug)]
pub(crate) struct Source {
    directory: PathBuf,
    manifest: AuthorManifest,
    icons: Vec<Icon>,
}

/// A package that was built, not signed yet.
#[derive(Debug)]
pub(crate) struct Built {
    /// The package.
    pub(crate) bytes: Vec<u8>,
    /// What it says.
    pub(crate) manifest: Manifest,
    /// What its component imports.
    pub(crate) imports: Vec<Import>,
    /// Where it belongs: `target/mpp/NAME-VERSION.mpp`. Nothing is written yet.
    pub(crate) path: PathBuf,
}

impl Built {
    /// Writes the package to its place, unless the same package is there
    /// already: that one may be signed.
    pub(crate) fn keep(&self) -> Outcome {
        let there = durable::read_if_there(&self.path, MAX_PACKAGE_BYTES as u64)?;
        let same = there.is_some_and(|bytes| {
            Package::parse(bytes).is_ok_and(|package| package.digest() == Digest::of(&self.bytes))
        });
        if same { Ok(()) } else { durable::write(&self.path, &self.bytes, Readers::Anyone) }
    }
}

impl Source {
    /// Reads the `mpp.yaml` of a directory, and the pictures that it names: one
    /// that cannot be used should not cost a build.
    pub(crate) fn open(directory: &Path) -> Outcome<Self> {
        let path = directory.join(AUTHOR_MANIFEST);
        if !directory.is_dir() {
            return Err(Failure::usage(format!("there is no directory {}", directory.display())));
        }
        let Some(bytes) = durable::read_if_there(&path, MAX_AUTHOR_MANIFEST_BYTES as u64)? else {
            return Err(Failure::usage(format!("there is no {}", path.display()))
                .because("it says what the package is and what it may touch")
                .next("`mpp new NAME` makes a tool with one"));
        };
        let refused =
            |why: String| Failure::package(format!("{} cannot be used", path.display())).because(why);
        let yaml = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8".to_owned()))?;
        let manifest = AuthorManifest::parse(&yaml).map_err(|error| refused(error.to_string()))?;
        // Cargo is started in the directory itself, where a relative path would
        // mean something else.
        let directory = directory
            .canonicalize()
            .map_err(|error| file_trouble("look at the directory", directory, &error))?;
        let icons = icons::read(&directory, &manifest.icons)?;
        Ok(Self { directory, manifest, icons })
    }

    /// Builds the package: with cargo, or of a component that was built already.
    pub(crate) fn build(self, component: Option<&Path>, context: &mut Context<'_, '_>) -> Outcome<Built> {
        let (wasm, target_directory) = match component {
            Some(path) => (path.to_owned(), self.directory.join("target")),
            None => {
                let build = CargoBuild {
                    directory: &self.directory,
                    triple: self.manifest.build.target.as_str(),
                    stack_bytes: self.manifest.build.stack.as_bytes(),
                };
                let built = build.run(context.environment, context.streams)?;
                (built.wasm, built.target_directory)
            }
        };
        let component = wrap::component(durable::read_named(&wasm, MAX_PACKAGE_BYTES as u64)?)?;
        self.package(&component, &target_directory, context)
    }

    fn package(self, component: &[u8], target_directory: &Path, context: &Context<'_, '_>) -> Outcome<Built> {
        // Within the caps of every host, so that its author is the first to meet one.
        let inspection = Inspection::by(&host::compiler(context.environment), component)
            .map_err(|error| blame::not_described(&error))?;
        inspection.check(&self.manifest.permissions).map_err(|error| {
            undeclared(&error, &self.manifest.permissions, wrap::holds_wasip1_adapter(component))
        })?;
        let tools = Runtime::start()?
            .wait_for(inspection.describe())
            .map_err(|error| blame::not_described(&error))?;
        let manifest = self
            .manifest
            .freeze(tools, self.icons)
            .map_err(|error| Failure::package("the package cannot be described").because_of(&error))?;
        let bytes = mpp_package::pack(component, &manifest)
            .map_err(|error| Failure::package("the component cannot be packed").because_of(&error))?;
        let file = format!("{}-{}.mpp", manifest.name(), manifest.version());
        let path = target_directory.join("mpp").join(file);
        Ok(Built { bytes, manifest, imports: inspection.imports().to_vec(), path })
    }
}

/// The imports that `mpp.yaml` does not cover, each with the permission it
/// needs, and the lines that would declare them.
fn undeclared(error: &ImportError, declared: &Permissions, holds_wasip1_adapter: bool) -> Failure {
    let mut failure = Failure::package("the component imports what mpp.yaml does not declare");
    for Import { name, need } in &error.missing {
        failure = failure.because(match need {
            Need::AnyOf(permissions) => format!("{name} needs {}", alternatives(permissions)),
            Need::Never => format!("{name} is offered by no host"),
            Need::Nothing => format!("{name} needs nothing"),
        });
    }
    if error.adapted_from_wasip1 || holds_wasip1_adapter {
        return failure
            .because("it was built for wasm32-wasip1, whose adapter imports files and clocks whatever the code does")
            .next("build it for wasm32-wasip2: `mpp build` does; with cargo component: cargo component build --release --target wasm32-wasip2");
    }
    let mut missing: Vec<Permission> =
        error.permissions().filter(|permission| !declared.has(*permission)).collect();
    missing.sort();
    missing.dedup();
    if !missing.is_empty() {
        let lines = declaration(&missing);
        failure = failure.next(format!("declare it in mpp.yaml, as narrow as the tool allows:\n{lines}"));
    }
    failure.next("take out the code that needs it, if it should not")
}

/// The lines of `mpp.yaml` that declare these permissions.
fn declaration(permissions: &[Permission]) -> String {
    if let [only] = permissions {
        return only.manifest_line(example(*only));
    }
    let mut lines = vec!["permissions:".to_owned()];
    let mut heading = "";
    for permission in permissions {
        let line = match permission.as_str().split_once('.') {
            Some((group, key)) => {
                if group != heading {
                    lines.push(format!("  {group}:"));
                    heading = group;
                }
                format!("    {key}: [\"{}\"]", example(*permission))
            }
            None if example(*permission).is_empty() => format!("  {permission}: true"),
            None => format!("  {permission}: [\"{}\"]", example(*permission)),
        };
        lines.push(line);
    }
    lines.join("\n")
}

fn alternatives(permissions: &[Permission]) -> String {
    permissions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// A resource to show in a line of the manifest.
fn example(permission: Permission) -> &'static str {
    match permission {
        Permission::FilesystemRead | Permission::FilesystemWrite => "/data",
        Permission::NetworkOutbound => "api.example.com:443",
        Permission::Env => "NAME",
        Permission::Clock | Permission::Random => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(imports: &[(&str, Need)], adapted_from_wasip1: bool) -> Failure {
        let missing =
            imports.iter().map(|(name, need)| Import { name: (*name).to_owned(), need: *need }).collect();
        undeclared(&ImportError { missing, adapted_from_wasip1 }, &Permissions::none(), false)
    }

    #[test]
    fn an_undeclared_import_is_named_with_the_line_that_declares_it() {
        let failure = missing(&[("mpp:tool/http@0.1.0", Need::AnyOf(&[Permission::NetworkOutbound]))], false);
        assert_eq!(failure.blame().status(), 3);
        assert_eq!(failure.why(), ["mpp:tool/http@0.1.0 needs network.outbound"]);
        assert!(
            failure.what_next()[0]
                .contains(r#"permissions: { network: { outbound: ["api.example.com:443"] } }"#)
        );
    }

    #[test]
    fn several_permissions_are_declared_under_one_key() {
        let all = declaration(&Permission::ALL);
        assert_eq!(all.matches("permissions:").count(), 1);
        let yaml = format!("publisher: com.example\nname: x\nversion: 1.0.0\ndescription: d\n{all}\n");
        let declared = AuthorManifest::parse(&yaml).unwrap().permissions;
        for permission in Permission::ALL {
            assert!(declared.has(permission), "{permission}");
            let one = format!(
                "publisher: com.example\nname: x\nversion: 1.0.0\ndescription: d\n{}\n",
                declaration(&[permission])
            );
            assert!(AuthorManifest::parse(&one).unwrap().permissions.has(permission), "{permission}");
        }
    }

    #[test]
    fn a_component_for_wasip1_is_told_which_target_to_use() {
        const FILES: &[Permission] = &[Permission::FilesystemRead, Permission::FilesystemWrite];
        let failure = missing(
            &[
                ("wasi:filesystem/types@0.2.3", Need::AnyOf(FILES)),
                ("wasi:clocks/wall-clock@0.2.3", Need::AnyOf(&[Permission::Clock])),
            ],
            true,
        );
        assert!(failure.why().last().unwrap().contains("wasm32-wasip1"));
        assert!(failure.what_next()[0].contains("wasm32-wasip2"));
    }

    #[test]
    fn what_no_host_offers_has_no_line_that_declares_it() {
        let failure = missing(&[("wasi:sockets/tcp@0.2.6", Need::Never)], false);
        assert_eq!(failure.why(), ["wasi:sockets/tcp@0.2.6 is offered by no host"]);
        assert_eq!(failure.what_next(), ["take out the code that needs it, if it should not"]);
    }
}
