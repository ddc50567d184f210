//! A change of trust.

use mpp_audit::{TrustAction, TrustChange, TrustPolicy, TrustSubject};

use super::Deed;

/// The word of the log, and what it does to what is kept.
pub(super) fn action(action: TrustAction) -> (&'static str, Deed) {
    match action {
        TrustAction::Pin => ("pin", Deed::Created),
        TrustAction::Unpin => ("unpin", Deed::Deleted),
        TrustAction::PinRoot => ("pin-root", Deed::Created),
        TrustAction::UnpinRoot => ("unpin-root", Deed::Deleted),
        TrustAction::UpdateRoot => ("update-root", Deed::Updated),
        TrustAction::RefreshIndex => ("refresh-index", Deed::Updated),
        TrustAction::ForgetSequence => ("forget-sequence", Deed::Deleted),
        TrustAction::SetPolicy => ("set-policy", Deed::Updated),
    }
}

/// What was changed, for a person.
pub(super) fn subject(change: &TrustChange) -> String {
    let what = match &change.subject {
        TrustSubject::Key { id } => format!("key {id}"),
        TrustSubject::Root { version, digest } => format!("root {version}, {digest}"),
        TrustSubject::Index { version, digest } => format!("index {version}, {digest}"),
        TrustSubject::Package { name } => format!("package {name}"),
        TrustSubject::Policy(TrustPolicy { max_index_age_s, stale_index }) => {
            let age = max_index_age_s.map_or("any age".to_owned(), |age| format!("at most {age} s"));
            format!("index of {age}, else {stale_index}")
        }
    };
    match &change.publisher {
        Some(publisher) => format!("{publisher}: {what}"),
        None => what,
    }
}
