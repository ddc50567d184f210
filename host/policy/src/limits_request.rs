//! Limits that a package asks for, in the author's and the complete form.

use serde::Serialize;

use crate::strict::strict_map;
use crate::units::{ByteSize, TimeSpan};

strict_map! {
    /// The limits of a signed manifest: each lowers the operator's; absent
    /// leaves the operator's as it is. Sizes are whole bytes, the time whole
    /// milliseconds; absent keys are not written.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    pub struct LimitsRequest {
        /// Linear memory.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub memory_bytes: u64,
        /// Wall-clock time.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub time_ms: u64,
        /// Units of fuel.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub fuel: u64,
        /// The response.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub output_bytes: u64,
        /// Log messages, standard output and error.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub log_bytes: u64,
        /// HTTP requests.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub http_requests: u32,
        /// Bytes of all HTTP requests, and as many of all answers.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub http_bytes: u64,
        /// Files open at once.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub open_files: u32,
        /// Bytes written to files.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub written_bytes: u64,
    }
}

strict_map! {
    /// The `limits` of an author's manifest, with units:
    /// `{ memory: 64MiB, time: 30s }`.
    ///
    /// Its only use is to become a [`LimitsRequest`], the complete form.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DeclaredLimits {
        memory: ByteSize,
        time: TimeSpan,
        fuel: u64,
        output: ByteSize,
        log: ByteSize,
        http_requests: u32,
        http_bytes: ByteSize,
        open_files: u32,
        written: ByteSize,
    }
}

impl LimitsRequest {
    /// Asks for nothing: the operator's limits hold.
    pub const NONE: Self = Self {
        memory_bytes: None,
        time_ms: None,
        fuel: None,
        output_bytes: None,
        log_bytes: None,
        http_requests: None,
        http_bytes: None,
        open_files: None,
        written_bytes: None,
    };

    /// Whether nothing is asked for.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

impl From<DeclaredLimits> for LimitsRequest {
    fn from(declared: DeclaredLimits) -> Self {
        let DeclaredLimits {
            memory,
            time,
            fuel,
            output,
            log,
            http_requests,
            http_bytes,
            open_files,
            written,
        } = declared;
        Self {
            memory_bytes: memory.map(ByteSize::as_bytes),
            time_ms: time.map(TimeSpan::as_millis),
            fuel,
            output_bytes: output.map(ByteSize::as_bytes),
            log_bytes: log.map(ByteSize::as_bytes),
            http_requests,
            http_bytes: http_bytes.map(ByteSize::as_bytes),
            open_files,
            written_bytes: written.map(ByteSize::as_bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<LimitsRequest, String> {
        serde_saphyr::from_str::<DeclaredLimits>(yaml)
            .map(LimitsRequest::from)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_author_writes_units_and_the_complete_form_has_numbers() {
        let request = read(
            "{ memory: 32MiB, time: 500ms, fuel: 1000, output: 1MiB, log: 8KiB, \
             http_requests: 2, http_bytes: 1MiB, open_files: 4, written: 0B }",
        )
        .unwrap();
        let json = concat!(
            r#"{"memory_bytes":33554432,"time_ms":500,"fuel":1000,"output_bytes":1048576,"#,
            r#""log_bytes":8192,"http_requests":2,"http_bytes":1048576,"open_files":4,"#,
            r#""written_bytes":0}"#,
        );
        assert_eq!(serde_json::to_string(&request).unwrap(), json);
        assert_eq!(serde_json::from_str::<LimitsRequest>(json).unwrap(), request);
    }

    #[test]
    fn what_is_left_out_is_not_asked_for() {
        assert_eq!(read("{}").unwrap(), LimitsRequest::NONE);
        assert!(read("{}").unwrap().is_none());
        assert_eq!(serde_json::to_string(&LimitsRequest::NONE).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<LimitsRequest>("{}").unwrap(), LimitsRequest::NONE,);
    }

    #[test]
    fn limits_of_the_engine_are_not_an_authors_to_ask_for() {
        for key in ["handles", "stack", "tables", "instances", "input", "hostcall"] {
            let error = read(&format!("{key}: 1")).unwrap_err();
            assert!(error.contains(&format!("unknown key {key}")), "{error}");
        }
    }

    #[test]
    fn an_author_names_the_unit() {
        for yaml in ["memory: 64", "time: 30", "memory: 64MB", "fuel: 1.5", "fuel: -1"] {
            assert!(read(yaml).is_err(), "{yaml}");
        }
    }

    #[test]
    fn the_complete_form_takes_whole_numbers_only() {
        for json in [
            r#"{"memory_bytes":"64MiB"}"#,
            r#"{"memory_bytes":null}"#,
            r#"{"memory_bytes":-1}"#,
            r#"{"memory_bytes":1.0}"#,
            r#"{"http_requests":4294967296}"#,
            r#"{"memory":1}"#,
            r#"{"fuel":1,"fuel":1}"#,
            "[1]",
        ] {
            assert!(serde_json::from_str::<LimitsRequest>(json).is_err(), "{json}");
        }
    }
}
