//! What `mpp run` prints of a call.

use mpp_host::journal::{Level, LogLine, LogSource};
use mpp_host::response::{Content, Media, ResourceContents};
use mpp_host::{Outcome as CallOutcome, Report, Response, Tool};
use serde_json::{Value, json};

use crate::exit::Outcome;
use crate::output::{Streams, plain};

/// Says what the tool logged, and prints the answer, or everything.
pub(super) fn report(report: &Report, tool: &Tool, json: bool, streams: &mut Streams<'_>) -> Outcome {
    log(&report.log, streams);
    if json {
        streams.json(&document(report, tool))?;
    } else if let CallOutcome::Completed(response) = &report.outcome {
        answer(response, streams)?;
    }
    Ok(())
}

/// On a terminal the text; for a program the structured answer.
fn answer(response: &Response, streams: &mut Streams<'_>) -> Outcome {
    let Response { content, structured } = response;
    let text: Vec<String> = content.iter().map(shown).collect();
    match structured {
        Some(value) if !streams.terminal.out || text.is_empty() => streams.json(value),
        _ if streams.terminal.out => streams.line(plain(&text.join("\n")).trim_end()),
        _ => streams.line(&text.join("\n")),
    }
}

/// A part of an answer as text.
fn shown(content: &Content) -> String {
    match content {
        Content::Text(text) => text.clone(),
        Content::Image(Media { data, mime_type }) => format!("[image {mime_type}, {} bytes]", data.len()),
        Content::Audio(Media { data, mime_type }) => format!("[audio {mime_type}, {} bytes]", data.len()),
        Content::ResourceLink(link) => format!("[{} {}]", link.name, link.uri),
        Content::EmbeddedResource(resource) => match &resource.contents {
            ResourceContents::Text(text) => text.clone(),
            ResourceContents::Blob(bytes) => format!("[{} {} bytes]", resource.uri, bytes.len()),
        },
    }
}

/// Says what a tool logged.
pub(in crate::command) fn log(lines: &[LogLine], streams: &mut Streams<'_>) {
    for line in lines {
        show_log(line, streams);
    }
}

fn show_log(line: &LogLine, streams: &mut Streams<'_>) {
    let LogLine { source, text } = line;
    match source {
        LogSource::Log(Level::Trace | Level::Debug) | LogSource::Progress => {}
        LogSource::Log(Level::Info | Level::Warn | Level::Error) | LogSource::Stdout | LogSource::Stderr => {
            streams.note(source.as_str(), text.trim_end());
        }
    }
}

/// Everything there is to know about a call.
fn document(report: &Report, tool: &Tool) -> Value {
    let Report { id, outcome, checks, checks_dropped, log, usage, receipt, stages: _ } = report;
    let manifest = tool.manifest();
    let response = match outcome {
        CallOutcome::Completed(response) => Some(response.to_json()),
        _ => None,
    };
    let checks: Vec<Value> = checks
        .iter()
        .map(|check| {
            json!({
                "permission": check.permission,
                "resource": check.resource,
                "allowed": check.denial.is_none(),
                "reason": check.denial.as_ref().map(ToString::to_string),
                "count": check.count,
            })
        })
        .collect();
    let log: Vec<Value> =
        log.iter().map(|line| json!({ "source": line.source.as_str(), "text": line.text })).collect();
    json!({
        "id": id,
        "package": {
            "publisher": manifest.publisher(),
            "name": manifest.name(),
            "version": manifest.version(),
            "digest": tool.digest(),
        },
        "outcome": outcome.kind().as_str(),
        "code": outcome.code(),
        "reason": outcome.reason(),
        "response": response,
        "checks": checks,
        "checks_dropped": checks_dropped,
        "log": log,
        "usage": usage,
        "record": { "seq": receipt.seq, "hash": receipt.hash },
    })
}
