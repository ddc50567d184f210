//! What is packed and signed reads back as it was.

use mpp_package::{
    Digest, Icon, IconTheme, Keyring, MAX_ICONS, Manifest, ManifestParts, Package, PackageName,
    PublisherName, Schema, SignOptions, SigningKey, Timestamp, ToolEntry, ToolName, Version, pack, sign,
};
use mpp_policy::{EnvName, GuestPath, LimitsRequest, Outbound, Permissions};
use proptest::{collection::vec, option, prelude::*};

use crate::support::{COMPONENT, section};

fn any_permissions() -> impl Strategy<Value = Permissions> {
    let paths = || vec("(/[a-z]{1,8}){1,3}", 0..4);
    let hosts = vec("[a-z]{1,8}\\.example:[1-9][0-9]{0,3}", 0..4);
    let names = vec("[A-Z_]{1,8}", 0..4);
    let all = (paths(), paths(), hosts, names, any::<bool>(), any::<bool>());
    all.prop_map(|(read, write, outbound, env, clock, random)| {
        let paths = |texts: Vec<String>| texts.iter().map(|t| GuestPath::parse(t).unwrap()).collect();
        let mut permissions = Permissions::none();
        permissions.filesystem.read = paths(read);
        permissions.filesystem.write = paths(write);
        permissions.network.outbound = outbound.iter().map(|t| Outbound::parse(t).unwrap()).collect();
        permissions.env = env.iter().map(|t| EnvName::parse(t).unwrap()).collect();
        permissions.clock = clock;
        permissions.random = random;
        permissions.normalised()
    })
}

fn any_limits() -> impl Strategy<Value = LimitsRequest> {
    (option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<u32>())).prop_map(
        |(memory_bytes, time_ms, open_files)| LimitsRequest {
            memory_bytes,
            time_ms,
            open_files,
            ..LimitsRequest::NONE
        },
    )
}

fn any_text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 .,\"\\\\/äß漢😀\n\t]{0,40}x"
}

fn any_schema() -> impl Strategy<Value = Schema> {
    (any_text(), any::<f64>().prop_filter("JSON has no infinity", |f| f.is_finite()), any::<i64>()).prop_map(
        |(title, minimum, maximum)| {
            let schema = serde_json::json!({
                "type": "object",
                "title": title,
                "properties": { title: { "minimum": minimum, "maximum": maximum } },
            });
            Schema::parse(&schema.to_string()).unwrap()
        },
    )
}

fn any_tool() -> impl Strategy<Value = ToolEntry> {
    let title = option::of("[a-zA-Z0-9 ]{0,20}x");
    let all = ("[A-Za-z0-9_.-]{1,12}", title, any_text(), any_schema(), option::of(any_schema()));
    all.prop_map(|(name, title, description, input_schema, output_schema)| ToolEntry {
        name: ToolName::parse(&name).unwrap(),
        title,
        description,
        input_schema,
        output_schema,
    })
}

fn any_icon() -> impl Strategy<Value = Icon> {
    let theme = option::of(prop::sample::select(vec![IconTheme::Light, IconTheme::Dark]));
    (1..=512_u32, 1..=512_u32, vec(any::<u8>(), 0..40), theme).prop_map(|(width, height, rest, theme)| {
        let header = [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &width.to_be_bytes(), &height.to_be_bytes()];
        Icon::new(&[&header.concat()[..], &rest].concat(), theme).unwrap()
    })
}

prop_compose! {
    fn any_manifest()(
        publisher in "[a-z]{2,4}\\.[a-z0-9]{1,8}",
        name in "[a-z][a-z0-9-]{0,12}",
        numbers in any::<(u64, u64, u64)>(),
        description in any_text(),
        permissions in any_permissions(),
        limits in any_limits(),
        mut tools in vec(any_tool(), 1..4),
        icons in vec(any_icon(), 0..=MAX_ICONS),
    ) -> Manifest {
        tools.dedup_by(|a, b| a.name == b.name);
        for (index, tool) in tools.iter_mut().enumerate() {
            tool.name = ToolName::parse(&format!("{}{index}", tool.name)).unwrap();
        }
        Manifest::new(ManifestParts {
            publisher: PublisherName::parse(&publisher).unwrap(),
            name: PackageName::parse(&name).unwrap(),
            version: Version::new(numbers.0, numbers.1, numbers.2),
            description,
            permissions,
            limits,
            tools,
            icons,
        }).unwrap()
    }
}

prop_compose! {
    fn any_component()(
        sections in vec((1..12_u8, vec(any::<u8>(), 0..100)), 0..10),
        custom in "[a-z]{0,10}",
    ) -> Vec<u8> {
        let mut component = COMPONENT.to_vec();
        for (id, contents) in sections {
            component.extend([id, contents.len() as u8]);
            component.extend(contents);
        }
        component.extend(section(&custom, b"x"));
        component
    }
}

prop_compose! {
    fn any_options()(
        sequence in 0..(1_u64 << 53),
        issued in 0..4_000_000_000_u64,
        lifetime in option::of(1..4_000_000_000_u64),
    ) -> SignOptions {
        let at = |seconds| {
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            Timestamp::at(time).unwrap()
        };
        SignOptions { sequence, issued_at: at(issued), not_after: lifetime.map(|l| at(issued + l)) }
    }
}

proptest! {
    #[test]
    fn a_packed_manifest_reads_back(component in any_component(), manifest in any_manifest()) {
        let packed = pack(&component, &manifest).unwrap();
        prop_assert!(packed.starts_with(&component));
        let package = Package::parse(packed.as_slice()).unwrap();
        prop_assert_eq!(package.manifest(), &manifest);
        prop_assert_eq!(package.digest(), Digest::of(&packed));
        prop_assert_eq!(package.manifest_digest(), Digest::of(&manifest.to_json().unwrap()));
        prop_assert!(package.envelope().is_none());
        prop_assert_eq!(pack(&packed, &manifest).unwrap(), packed);
    }

    #[test]
    fn a_signed_package_verifies(
        component in any_component(),
        manifest in any_manifest(),
        options in any_options(),
        seed in any::<[u8; 32]>(),
    ) {
        let packed = pack(&component, &manifest).unwrap();
        let key = SigningKey::from_seed(&seed);
        let signed = sign(&packed, &key, &options).unwrap();
        let mut keyring = Keyring::empty();
        keyring.pin(manifest.publisher(), key.public_key()).unwrap();
        let package = Package::parse(signed).unwrap();
        let verified = keyring.verify(package, options.issued_at.to_system_time()).unwrap();
        prop_assert_eq!(verified.manifest(), &manifest);
        prop_assert_eq!(verified.component_bytes(), &packed);
        let statement = verified.statement();
        prop_assert_eq!(statement.sequence(), options.sequence);
        prop_assert_eq!(statement.issued_at(), options.issued_at);
        prop_assert_eq!(statement.not_after(), options.not_after);
        prop_assert_eq!(statement.digest(), verified.digest());
    }

    #[test]
    fn parsing_never_panics(body in vec(any::<u8>(), 0..300)) {
        let _ = Package::parse(body.as_slice());
        let _ = Package::parse([COMPONENT, &body].concat());
        let _ = Package::parse([COMPONENT, &section("mpp:manifest", &body)].concat());
        let _ = Manifest::parse(&body);
    }

    #[test]
    fn a_signed_package_with_noise_in_it_is_refused(
        at in any::<prop::sample::Index>(),
        noise in vec(any::<u8>(), 1..20),
        replace in any::<bool>(),
    ) {
        let signed = crate::support::signed();
        let mut changed = signed.clone();
        let start = at.index(signed.len());
        let end = if replace { (start + noise.len()).min(signed.len()) } else { start };
        changed.splice(start..end, noise);
        prop_assume!(changed != signed);
        prop_assert!(crate::support::accept(&changed, &crate::support::keyring()).is_err());
    }
}
