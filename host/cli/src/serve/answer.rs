//! How a call ended, in the words of the protocol.
//!
//! What a model can react to is a result that says why; what only a person can
//! put right is an error of the protocol.

use mpp_host::outcome::{Refusal, ToolError};
use mpp_host::response::{self, Response};
use mpp_host::{CallError, Outcome, Report};
use mpp_mcp::{
    Answer, Content, EmbeddedResource, Ended, Failure, FailureKind, Media, ResourceContents, ResourceLink,
};

/// The end of a call that was made.
pub(super) fn of(report: Report) -> Ended {
    let Report { id, outcome, checks: _, checks_dropped: _, log: _, usage: _, receipt: _, stages: _ } =
        report;
    let kind = match outcome {
        Outcome::Completed(response) => return answered(response, id),
        Outcome::Refused(Refusal::UnknownTool { .. }) => return Ended::NoSuchTool,
        Outcome::Refused(_) => FailureKind::Refused,
        Outcome::ToolError(ToolError::Denied(_)) => FailureKind::Denied,
        Outcome::ToolError(_) => FailureKind::Tool,
        Outcome::Stopped(_) => FailureKind::Stopped,
        Outcome::BadOutput(_) => FailureKind::BadOutput,
        Outcome::Cancelled => FailureKind::Cancelled,
        Outcome::HostFault(why) => return Ended::Unavailable(format!("the host failed: {why}")),
    };
    Ended::Failed(Failure {
        kind,
        code: outcome.code().map(str::to_owned),
        message: message(&outcome),
        invocation: Some(id),
    })
}

/// The end of a call that left no outcome on record.
pub(super) fn of_error(error: &CallError) -> Ended {
    Ended::Unavailable(error.to_string())
}

/// The end of a call whose server was told to stop at once.
pub(super) fn cancelled() -> Ended {
    Ended::Failed(Failure {
        kind: FailureKind::Cancelled,
        code: None,
        message: "The call was cancelled: the server is stopping.".to_owned(),
        invocation: None,
    })
}

fn message(outcome: &Outcome) -> String {
    let reason = outcome.reason().unwrap_or_default();
    match outcome {
        Outcome::ToolError(ToolError::Denied(denial)) => {
            format!("{reason} ({}). Asking again does not change that; tell the user.", denial.resource)
        }
        Outcome::Stopped(_) => format!("The tool did not answer: {reason}."),
        Outcome::BadOutput(_) => format!("The tool's answer is withheld: {reason}."),
        _ => reason,
    }
}

fn answered(response: Response, id: String) -> Ended {
    let Response { content, structured } = response;
    let content = content.into_iter().map(part).collect();
    Ended::Answered(Answer { content, structured, invocation: Some(id) })
}

fn part(content: response::Content) -> Content {
    match content {
        response::Content::Text(text) => Content::Text(text),
        response::Content::Image(of) => Content::Image(media(of)),
        response::Content::Audio(of) => Content::Audio(media(of)),
        response::Content::ResourceLink(link) => {
            let response::ResourceLink { uri, name, description, mime_type } = link;
            Content::ResourceLink(ResourceLink { uri, name, description, mime_type })
        }
        response::Content::EmbeddedResource(resource) => {
            let response::EmbeddedResource { uri, mime_type, contents } = resource;
            let contents = match contents {
                response::ResourceContents::Text(text) => ResourceContents::Text(text),
                response::ResourceContents::Blob(bytes) => ResourceContents::Blob(bytes),
            };
            Content::EmbeddedResource(EmbeddedResource { uri, mime_type, contents })
        }
    }
}

fn media(of: response::Media) -> Media {
    let response::Media { data, mime_type } = of;
    Media { data, mime_type }
}
