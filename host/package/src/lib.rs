//! Who signed what: the MPP package format, and the one place where trust in a
//! package is made.
//!
//! ```text
//! bytes --parse--> Package --Keyring::verify--> VerifiedPackage --> compiled
//!                  claims                       proof, with the same bytes
//!
//! file --read--> Outline --Keyring::verify_manifest--> VerifiedManifest --> listed
//!                claims, without the component         proof of the manifest alone
//! ```
//!
//! # The promise
//!
//! - [`Keyring::verify`] is the only maker of a [`VerifiedPackage`]. There is no
//!   flag, variable or mode that leaves out a part of it.
//! - What is verified is what is compiled: one buffer, read once.
//! - [`Keyring::verify_manifest`] is the only maker of a [`VerifiedManifest`], by the
//!   same judge. It is good for a list of tools; nothing that runs takes it.
//! - Trust comes from a key or a root that the operator has pinned. Nothing in a
//!   package or an envelope can bring a key, choose an algorithm or name its own
//!   judge.
//! - What was once accepted is not undone by something older: versions and
//!   sequence numbers only rise, and a revocation is for ever, as long as the
//!   keys that signed it count.
//! - Every document has one spelling or is refused. Nothing is signed or
//!   verified in a form that was made anew by reading and writing.
//! - What is not understood is refused: an unknown key, an unknown section, a
//!   newer format.
//!
//! # The file
//!
//! An `.mpp` file is a WebAssembly component, and any tool for components can
//! open it. `P` is the component with exactly one `mpp:manifest` section. The
//! signed file is `P` and one `mpp:signature` section, the last thing in it:
//!
//! ```text
//! file      = P [ signature ]
//! P         = preamble section*          exactly one section is the manifest
//! preamble  = 00 61 73 6d 0d 00 01 00
//! section   = id:byte length contents    length: bytes of contents
//! manifest  = 00 length 0c "mpp:manifest"  JSON
//! signature = 00 length 0d "mpp:signature" JSON
//! length    = unsigned LEB128, at most 2^32 - 1, in its shortest form
//! ```
//!
//! So `sha256(P)` is what `sha256sum` prints for the unsigned file and what a
//! registry calls it. It names the package everywhere, signed or not.
//! Nested modules and components are opaque: a manifest in one of them counts
//! for nothing. Any other custom section whose name begins with `mpp:` is
//! refused. [`pack`] puts the manifest last in `P`; a reader takes it anywhere.
//!
//! The signed statement names the digest of the manifest beside that of `P`. So the
//! manifest can be proven without the component: [`Outline::read`] reads where the
//! sections stand and what is in these two, some 30 KB of a file of any size.
//!
//! # Canonical JSON
//!
//! The manifest is canonical JSON and refused in any other spelling:
//!
//! - no white space; every key once; the keys of every object in ascending
//!   order of their UTF-8 bytes;
//! - strings escape `"`, `\` and U+0000 to U+001F and nothing else: `\b \t \n \f
//!   \r` where JSON has a short form, otherwise `\u00xx` in lower case;
//! - an integer from -2^63 to 2^64 - 1 in decimal; any other number as an IEEE
//!   754 double, in decimal without exponent, in the fewest digits that read
//!   back as the same double, without `.0`, and never `-0`;
//! - at most [`MAX_JSON_DEPTH`] levels.
//!
//! The two documents of the signature need not be canonical, for they are
//! signed or signed around as they stand. Keys that are unknown, repeated or
//! missing are refused there too.
//!
//! # The manifest
//!
//! All keys are present, but for `icons`: it is there exactly if there are any.
//! Permissions and limits have the complete form that `mpp-policy` documents;
//! `title`, `output_schema` and `theme` can be `null`.
//!
//! | key | value |
//! |---|---|
//! | `description` | what the package is for, for a person |
//! | `icons` | `{src, theme}`, one to [`MAX_ICONS`]: pictures that every tool is shown with |
//! | `limits` | limits its tools are content with |
//! | `mpp` | `"1"`, the version of this form |
//! | `name` | `a-z`, then `a-z 0-9 -`, at most 64 |
//! | `permissions` | all that its tools may touch |
//! | `publisher` | reverse-DNS, lower case, two labels or more |
//! | `tools` | `{description, input_schema, name, output_schema, title}`, one or more |
//! | `version` | semantic version without build metadata |
//!
//! ## Icons
//!
//! ```text
//! src   = "data:" ( "image/png" | "image/jpeg" | "image/webp" ) ";base64," BASE64
//! theme = "light" | "dark" | null      the background that it is drawn for
//! ```
//!
//! `src` is the picture itself: one that lies elsewhere would tell its publisher who
//! looks at it, and could be another one after it was signed. SVG is refused, for it
//! is a document with scripts and links of its own, and clients put icons into web
//! views. The picture has at most [`MAX_ICON_BYTES`], in standard, padded base64, and
//! its first bytes are those of its media type. It is 1 to [`MAX_ICON_SIDE`] pixels
//! wide and high, by its header, which is also where clients are told its size from.
//! Whether the rest of it can be shown is for them to find out.
//!
//! # The signature
//!
//! A DSSE envelope (`https://github.com/secure-systems-lab/dsse`) with standard,
//! padded base64:
//!
//! ```json
//! {"payload":"BASE64","payloadType":"application/vnd.mpp.package.v1+json",
//!  "signatures":[{"keyid":"HEX","sig":"BASE64"}]}
//! ```
//!
//! Each `sig` is the Ed25519 signature (RFC 8032) over the bytes
//! `DSSEv1 35 application/vnd.mpp.package.v1+json LENGTH PAYLOAD`, with the length
//! of the payload in decimal. `keyid` is the SHA-256 of the 32 bytes of the
//! public key, in hexadecimal: a hint which trusted key to try. At least one
//! signature, at most [`MAX_SIGNATURES`], no `keyid` twice. A signature that names a trusted
//! key and does not hold refuses the package; one that names an unknown key is
//! not looked at. The keys whose signatures hold are counted, each once, against
//! the threshold of their role.
//!
//! The payload is an in-toto Statement v1 with a single subject, `P`:
//!
//! | key | value |
//! |---|---|
//! | `_type` | `https://in-toto.io/Statement/v1` |
//! | `subject[0].name` | `pkg:mpp/PUBLISHER/NAME@VERSION` |
//! | `subject[0].digest.sha256` | SHA-256 of `P`, in hexadecimal |
//! | `predicateType` | `mpp:package/v1` |
//! | `predicate.publisher`, `.name`, `.version` | as in the manifest |
//! | `predicate.sequence` | rises with every release, at most 2^53 - 1 |
//! | `predicate.size` | bytes of `P` |
//! | `predicate.manifestDigest.sha256` | SHA-256 of the manifest's JSON |
//! | `predicate.issuedAt` | when it was signed: `2026-11-22T08:00:00Z`, UTC, whole seconds |
//! | `predicate.notAfter` | the last second in which it counts, or `null` |
//!
//! A detached signature (`.mpp.sig`) is the same JSON in a file of its own.
//!
//! # Whom to trust
//!
//! An operator trusts a publisher by one of two things, and a [`Keyring`] holds
//! them all:
//!
//! - *pinned keys*, each of which signs alone. There is no end and no revocation
//!   but the operator's own;
//! - a *root*: a document of the publisher that says which keys sign what.
//!
//! Root and index travel in the same envelope as the statement above, each with
//! a `payloadType` of its own, so that none can be shown as another:
//!
//! | document | `payloadType` | signed by | at most |
//! |---|---|---|---|
//! | statement about a package | `application/vnd.mpp.package.v1+json` | `release` of the root | 64 KiB |
//! | publisher root | `application/vnd.mpp.publisher-root.v1+json` | `root` of itself and of the version before | 64 KiB |
//! | publisher index | `application/vnd.mpp.publisher-index.v1+json` | `index` of the root | 4 MiB |
//!
//! ## The root
//!
//! | key | value |
//! |---|---|
//! | `type` | `mpp:publisher-root/v1` |
//! | `publisher` | whose root it is |
//! | `version` | 1, and one more with each change |
//! | `issuedAt`, `expires` | from when, and the last second in which it counts |
//! | `namespaces` | the names it signs packages under: the publisher's own, and any below it, each spelled out; at most [`MAX_NAMESPACES`] |
//! | `location` | `https://.../` below which `root-N.json` and `index.json` lie, or `null` |
//! | `roles.root`, `.release`, `.index` | `{keys, threshold}`; `index` can be `null`: the publisher keeps none |
//!
//! A role has 1 to [`MAX_KEYS`] keys, each once and with its algorithm
//! (`ed25519:BASE64`), and a threshold between 1 and their number.
//!
//! The first root is pinned by its fingerprint, the SHA-256 of its payload, which
//! a person compares. Each later one is accepted as The Update Framework does it
//! (TUF specification 1.0, section 5.3): version N+1 exactly, signed by the root
//! threshold of N and by that of N+1; those in between may have ended, the last
//! may not ([`Keyring::update_root`]).
//!
//! ## The index
//!
//! | key | value |
//! |---|---|
//! | `type` | `mpp:publisher-index/v1` |
//! | `publisher` | whose index it is |
//! | `version` | rises with each index |
//! | `issuedAt`, `expires` | from when, and the last second in which it counts |
//! | `releases` | `{digest, name, publisher, reason, since, status, version}`, in the order of publisher, name and version; at most [`MAX_RELEASES`] |
//!
//! `status` is `active`, `yanked` (should not be taken any more) or `revoked`
//! (must not run); `reason` and `since` go with the last two and are `null` with
//! the first. A newer index takes no revocation back ([`Keyring::refresh`]). Only
//! a root that names other index keys ends what the old ones signed, revocations
//! and the highest version among it, with the first index that the new ones sign.
//!
//! Where the root has an index role, a *new* package is accepted only if a recent
//! index lists its digest as active. One that was accepted before goes on running
//! while the index is missing, old or silent, or the root has ended, unless the
//! operator says otherwise ([`TrustPolicy`]); a revoked one never does. No check
//! asks the network: how old an index may be is the answer to who keeps it back.
//!
//! ## What is remembered
//!
//! The version of each root and index, and the highest sequence number accepted
//! of each package with its digest ([`Keyring::accept`]). All of it is stored with
//! the rest in one file, and only after every check has passed. A number that
//! keys have signed which no longer sign is forgotten with them: so a thief who
//! signed the highest number there is has not locked the package for ever.
//!
//! A clock that stands before the newest document of a publisher is wrong: its
//! documents are judged by the later time.
//!
//! ## The owner of a domain
//!
//! A domain can vouch for a root with the record that MCP registries use:
//! [`DomainKeys`].
//!
//! # Limits
//!
//! Every size is checked before the work it bounds: [`MAX_PACKAGE_BYTES`],
//! [`MAX_SECTIONS`], [`MAX_SECTION_NAME_BYTES`], [`MAX_MANIFEST_BYTES`], [`MAX_TOOLS`],
//! [`MAX_SCHEMA_BYTES`], [`MAX_ICONS`], [`MAX_ICON_BYTES`], [`MAX_ICON_SIDE`],
//! [`MAX_ENVELOPE_BYTES`], [`MAX_INDEX_ENVELOPE_BYTES`], [`MAX_SIGNATURES`], [`MAX_KEYS`],
//! [`MAX_NAMESPACES`], [`MAX_RELEASES`], [`MAX_ROOT_CHAIN`], [`MAX_TRUST_FILE_BYTES`].
//!
//! # A worked example
//!
//! The smallest component has no sections. With this manifest it becomes a
//! package of 392 bytes, and signed with the key of the seed `07 07 … 07` a file
//! of 1280:
//!
//! ```
//! use base64::{Engine, engine::general_purpose::STANDARD};
//! use mpp_package::{Keyring, Manifest, Package, SignOptions, SigningKey, pack, sign};
//!
//! let manifest = concat!(
//!     r#"{"description":"Says hello.","limits":{"time_ms":1000},"mpp":"1","name":"hello","#,
//!     r#""permissions":{"clock":false,"env":["LANG"],"filesystem":{"read":[],"write":[]},"#,
//!     r#""network":{"outbound":[]},"random":false},"publisher":"com.example","tools":["#,
//!     r#"{"description":"Says hello.","input_schema":{"type":"object"},"name":"hello","#,
//!     r#""output_schema":null,"title":null}],"version":"1.0.0"}"#,
//! );
//! // Offset 0: the preamble. Offset 8: id 0, length 381 (13 + 368), length 12.
//! let mut file = b"\x00asm\x0d\x00\x01\x00".to_vec();
//! file.extend(b"\x00\xfd\x02\x0cmpp:manifest");
//! file.extend(manifest.as_bytes());
//!
//! let manifest = Manifest::parse(manifest.as_bytes())?;
//! let packed = pack(b"\x00asm\x0d\x00\x01\x00", &manifest)?;
//! assert_eq!(packed, file);
//! assert_eq!(packed.len(), 392);
//!
//! let statement = concat!(
//!     r#"{"_type":"https://in-toto.io/Statement/v1","predicate":{"#,
//!     r#""issuedAt":"2026-11-22T08:00:00Z","manifestDigest":{"sha256":"#,
//!     r#""628130322fa74de5ca2755a7517d6f7634fd7f9c0e139b6adcbc22a1bdde6f79"},"#,
//!     r#""name":"hello","notAfter":null,"publisher":"com.example","sequence":1,"#,
//!     r#""size":392,"version":"1.0.0"},"predicateType":"mpp:package/v1","#,
//!     r#""subject":[{"digest":{"sha256":"#,
//!     r#""4be87e1d64a772286801e1da79be90a155c1d2c8406731b93365e70b21fcac4f"},"#,
//!     r#""name":"pkg:mpp/com.example/hello@1.0.0"}]}"#,
//! );
//! let envelope = format!(
//!     concat!(
//!         r#"{{"payload":"{}","payloadType":"application/vnd.mpp.package.v1+json","#,
//!         r#""signatures":[{{"keyid":"#,
//!         r#""fe812c12f3ab4ce6ac5db69ac352f906cb1b11ef43fb33e252ef7ff552263889","#,
//!         r#""sig":"rIo2dnypw7tGxhB9bj+xF6qSxRqTAp0OL9pLEpe1T0XZd8Y3JqLXAWsowKm0"#,
//!         r#"EPgfuhWy4WEv+RlBL18Ki1K0AQ=="}}]}}"#,
//!     ),
//!     STANDARD.encode(statement),
//! );
//! // Offset 392: id 0, length 885 (14 + 871), length 13.
//! file.extend(b"\x00\xf5\x06\x0dmpp:signature");
//! file.extend(envelope.as_bytes());
//!
//! let key = SigningKey::from_seed(&[7; 32]);
//! let options = SignOptions {
//!     sequence: 1,
//!     issued_at: "2026-11-22T08:00:00Z".parse()?,
//!     not_after: None,
//! };
//! let signed = sign(&packed, &key, &options)?;
//! assert_eq!(signed, file);
//! assert_eq!(signed.len(), 1280);
//!
//! let mut keyring = Keyring::empty();
//! keyring.pin(manifest.publisher(), key.public_key())?;
//! let now = std::time::SystemTime::now();
//! let verified = keyring.verify(Package::parse(signed)?, now)?;
//! assert_eq!(verified.component_bytes(), packed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # By hand
//!
//! Keys are standard PEM files (PKCS#8 and SPKI, RFC 8410), so that stock tools
//! check what this crate checks. For `hello.mpp`, unsigned, and its detached
//! signature:
//!
//! ```sh
//! jq -r .payload hello.mpp.sig | base64 -d > statement
//! { printf 'DSSEv1 35 application/vnd.mpp.package.v1+json %d ' "$(wc -c < statement)"
//!   cat statement; } > message
//! jq -r '.signatures[0].sig' hello.mpp.sig | base64 -d > signature
//! openssl pkeyutl -verify -pubin -inkey publisher.pem -rawin -in message -sigfile signature
//! jq -r '.subject[0].digest.sha256 + "  hello.mpp"' statement | sha256sum -c
//! ```
//!
//! # What this crate does not do
//!
//! It compiles nothing and does not look inside a section: whether a component
//! is valid, and what it imports, is the host's to say, on the bytes of a
//! [`VerifiedPackage`]. It opens no file, reads no clock and no environment, and prints
//! nothing. It fetches no document, and it does not store a [`Keyring`]: it gives
//! it one text, for whoever does.
//!
//! `cargo tree -p mpp-package` is the trust base of verification. The feature
//! `author` adds what a publisher needs besides: the reader of `mpp.yaml`.

#[cfg(feature = "author")]
mod author;
mod digest;
mod domain;
mod envelope;
mod hex;
mod icon;
mod index;
mod json;
mod key;
mod keyring;
mod location;
mod manifest;
mod name;
mod outline;
mod pack;
mod package;
mod role;
mod root;
mod schema;
mod section;
mod sign;
mod signing_key;
mod source;
mod statement;
mod text;
mod timestamp;
mod tool;
mod verify;

#[cfg(feature = "author")]
pub use author::{
    AuthorManifest, AuthorManifestError, Build, DEFAULT_STACK_BYTES, IconFile, MAX_AUTHOR_MANIFEST_BYTES,
    Target,
};
pub use digest::{Digest, DigestError};
pub use domain::{DomainKeys, DomainKeysError, MAX_DOMAIN_RECORD_BYTES};
pub use envelope::{
    DocumentType, Envelope, EnvelopeError, EnvelopeSignature, MAX_ENVELOPE_BYTES, MAX_INDEX_ENVELOPE_BYTES,
    MAX_SIGNATURES, pre_authentication_encoding,
};
pub use icon::{Icon, IconError, IconFormat, IconSize, IconTheme, MAX_ICON_BYTES, MAX_ICON_SIDE, MAX_ICONS};
pub use index::{
    INDEX_TYPE, Index, IndexFormError, IndexParts, MAX_REASON_BYTES, MAX_RELEASES, Release, Status,
    Withdrawal,
};
pub use json::{JsonError, MAX_JSON_DEPTH};
pub use key::{InvalidSignature, KeyError, KeyId, KeyIdError, PublicKey, SIGNATURE_BYTES, Signature};
pub use keyring::{
    Accepted, HeldIndex, IndexError, Keyring, KeyringError, MAX_REMEMBERED, MAX_ROOT_CHAIN,
    MAX_TRUST_FILE_BYTES, MemoryFull, PinError, Refreshed, RootError, RootTrust, RootUpdate, TrustPolicy,
    WhenStale,
};
pub use location::{Location, LocationError};
pub use manifest::{
    MANIFEST_VERSION, MAX_DESCRIPTION_BYTES, MAX_MANIFEST_BYTES, MAX_TOOLS, MAX_VERSION_BYTES, Manifest,
    ManifestError, ManifestParts,
};
pub use name::{
    MAX_PACKAGE_NAME_BYTES, MAX_PUBLISHER_BYTES, MAX_TOOL_NAME_BYTES, NameError, PackageName, PublisherName,
    ToolName,
};
pub use outline::Outline;
pub use pack::{PackError, pack};
pub use package::{MANIFEST_SECTION, MAX_PACKAGE_BYTES, Package, PackageError, ReadError, SIGNATURE_SECTION};
pub use role::{MAX_KEYS, Role, RoleError, SignatureError};
pub use root::{MAX_NAMESPACES, ROOT_TYPE, Root, RootFormError, RootParts, SignedRoot, SignedRootError};
pub use schema::{MAX_SCHEMA_BYTES, Schema, SchemaError};
pub use section::{MAX_SECTION_NAME_BYTES, MAX_SECTIONS, StructureError};
pub use semver::Version;
pub use sign::{
    Document, SignError, SignOptions, SigningRequest, add_signature, attach_signature, cosign, embed, sign,
    sign_detached,
};
pub use signing_key::{SecretPem, SigningKey};
pub use statement::{
    MAX_SEQUENCE, PREDICATE_TYPE, STATEMENT_TYPE, Statement, StatementError, StatementField,
};
pub use text::TextError;
pub use timestamp::{Timestamp, TimestampError};
pub use tool::{MAX_TITLE_BYTES, MAX_TOOL_DESCRIPTION_BYTES, ToolEntry, ToolEntryError};
pub use verify::{Check, Lapse, Passed, Standing, VerifiedManifest, VerifiedPackage, VerifyError};
