//! A jq filter: compiled from text, run over values.

use crate::value::Json;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::{self, Fun, bome};
use jaq_core::{Compiler, Ctx, Error, Vars, compile, data};
use jaq_json::Val;

type Data = data::JustLut<Val>;

/// Filters that would look beyond their input. They are defined, so that the
/// message can say why they give nothing.
const OUTSIDE: [&str; 4] = ["now", "env", "localtime", "strflocaltime"];

/// Longest piece of an offending filter or value that a message repeats.
const MAX_QUOTE: usize = 200;

/// A filter ready to run.
pub struct Filter(jaq_core::Filter<Data>);

impl Filter {
    /// Compiles `code`, which may use the variables named in `variables` (without
    /// their `$`).
    pub fn compile<'a>(code: &str, variables: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let variables: Vec<String> = variables.map(|name| format!("${name}")).collect();
        let arena = Arena::default();
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let modules = Loader::new(defs)
            .load(&arena, File { code, path: () })
            .map_err(|errors| explain(code, errors, syntax_error))?;
        let filter = Compiler::default()
            .with_funs(functions())
            .with_global_vars(variables.iter().map(String::as_str))
            .compile(modules)
            .map_err(|errors| explain(code, errors, undefined))?;
        Ok(Filter(filter))
    }

    /// Gives the results for one input, one after the other. An error is the last
    /// of them, and `halt` ends them.
    pub fn run<'a>(
        &'a self,
        input: Json,
        variables: impl Iterator<Item = Json>,
    ) -> impl Iterator<Item = Result<Json, String>> + 'a {
        let context = Ctx::<Data>::new(&self.0.lut, Vars::new(variables.map(|json| json.0)));
        let mut results = self.0.id.run((context, input.0));
        let mut ended = false;
        std::iter::from_fn(move || {
            if ended {
                return None;
            }
            match results.next()? {
                Ok(value) => Some(Ok(Json(value))),
                Err(exception) => {
                    ended = true;
                    let message = match exception.get_err().ok()?.into_val() {
                        Val::TStr(text) => String::from_utf8_lossy(&text).into_owned(),
                        value => value.to_string(),
                    };
                    Some(Err(quote(&message)))
                }
            }
        })
    }
}

/// jaq's own functions, without those that look outside.
fn functions() -> impl Iterator<Item = Fun<Data>> {
    jaq_core::funs::<Data>()
        .chain(jaq_std::funs::<Data>())
        .chain(jaq_json::funs::<Data>())
        .filter(|(name, ..)| !OUTSIDE.contains(name))
        .chain([
            native::run(("now", native::v(0), |_| refuse("now"))),
            native::run(("env", native::v(0), |_| refuse("env"))),
            native::run(("localtime", native::v(0), |_| refuse("localtime"))),
            native::run(("strflocaltime", native::v(1), |_| refuse("strflocaltime"))),
        ])
}

fn refuse<'a>(name: &str) -> jaq_core::ValXs<'a, Val> {
    bome(Err(Error::str(format_args!(
        "`{name}` is not available: this tool sees no clock, time zone or environment"
    ))))
}

/// One message for what is wrong in the text of the filter: the first fault of
/// each kind is enough to mend it.
fn explain<E>(
    code: &str,
    errors: load::Errors<&str, (), E>,
    describe: fn(&str, &E) -> Option<String>,
) -> String {
    errors
        .iter()
        .find_map(|(_, error)| describe(code, error))
        .unwrap_or_else(|| "it cannot be compiled".to_owned())
}

fn syntax_error(code: &str, error: &load::Error<&str>) -> Option<String> {
    match error {
        load::Error::Io(imports) => {
            imports.first().map(|(path, reason)| format!("cannot import {path:?}: {reason}"))
        }
        load::Error::Lex(errors) => {
            errors.first().map(|(expected, found)| misplaced(code, expected.as_str(), found))
        }
        load::Error::Parse(errors) => {
            errors.first().map(|(expected, found)| misplaced(code, expected.as_str(), found))
        }
    }
}

fn misplaced(code: &str, expected: &str, found: &str) -> String {
    // The compiler's own definitions have no fault, so `found` lies in `code`.
    let start = load::span(code, found).start.min(code.len());
    let character = code.get(..start).map_or(0, |before| before.chars().count()) + 1;
    let found = match found.trim() {
        "" => "the end".to_owned(),
        found => format!("`{}`", quote(found)),
    };
    format!("expected {expected} at character {character}, found {found}")
}

fn undefined(_: &str, errors: &Vec<compile::Error<&str>>) -> Option<String> {
    let (name, what) = errors.first()?;
    Some(match what {
        compile::Undefined::Filter(0) => format!("there is no filter `{name}`"),
        compile::Undefined::Filter(1) => format!("there is no filter `{name}` with 1 argument"),
        compile::Undefined::Filter(arity) => {
            format!("there is no filter `{name}` with {arity} arguments")
        }
        what => format!("there is no {} `{name}`", what.as_str()),
    })
}

/// Text short enough for a message.
fn quote(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(code: &str, input: &str) -> Result<Vec<String>, String> {
        let filter = Filter::compile(code, std::iter::empty())?;
        let input = serde_json::from_str(input).unwrap();
        filter
            .run(input, std::iter::empty())
            .map(|result| result.map(|json| serde_json::to_string(&json).unwrap()))
            .collect()
    }

    #[test]
    fn a_filter_gives_each_of_its_results() {
        let results = run(
            ".users[] | select(.age > 30) | .name",
            r#"
            {"users": [{"name": "Ada", "age": 36}, {"name": "Bo", "age": 9}, {"name": "Cy", "age": 40}]}
        "#,
        );
        assert_eq!(results.unwrap(), [r#""Ada""#, r#""Cy""#]);
    }

    #[test]
    fn the_standard_library_is_there() {
        let results = run(
            r#"(group_by(.k) | map({(.[0].k): map(.v) | add}) | add), (.[0].k | ascii_upcase | test("^A$")), (0 | todate)"#,
            r#"[{"k":"a","v":1},{"k":"b","v":2},{"k":"a","v":3}]"#,
        );
        assert_eq!(results.unwrap(), [r#"{"a":4,"b":2}"#, "true", r#""1970-01-01T00:00:00Z""#]);
    }

    #[test]
    fn variables_are_values_and_not_code() {
        let filter = Filter::compile("$name + .", ["name"].into_iter()).unwrap();
        let text = |text: &str| Json(Val::from(text.to_owned()));
        let mut results = filter.run(text("!"), [text(". | halt")].into_iter());
        let result = serde_json::to_string(&results.next().unwrap().unwrap()).unwrap();
        assert_eq!(result, r#"". | halt!""#);
    }

    #[test]
    fn a_syntax_error_names_the_place() {
        assert_eq!(
            run(".a | map(.b", "null").unwrap_err(),
            "expected closing parenthesis at character 12, found the end"
        );
        let error = run(".a ]", "null").unwrap_err();
        assert!(error.contains("at character 4"), "{error}");
        let error = run("if . then 1", "null").unwrap_err();
        assert!(error.contains("found the end"), "{error}");
    }

    #[test]
    fn an_unknown_filter_or_variable_is_named() {
        let error = |code| run(code, "null").unwrap_err();
        assert_eq!(error("foo(1; 2)"), "there is no filter `foo` with 2 arguments");
        assert_eq!(error("$x"), "there is no variable `$x`");
    }

    #[test]
    fn an_error_of_the_filter_is_told_after_the_results_before_it() {
        assert_eq!(run(".[] | .a", "[{}, 5]").unwrap_err(), "cannot index 5 with \"a\"");
        let filter = Filter::compile("1, error(\"no\"), 2", std::iter::empty()).unwrap();
        let all: Vec<_> = filter.run(Json(Val::Null), std::iter::empty()).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].as_ref().unwrap_err(), "no");
    }

    #[test]
    fn halt_ends_the_results_and_nothing_else() {
        assert_eq!(run("1, halt, 2", "null").unwrap(), ["1"]);
    }

    #[test]
    fn nothing_outside_the_input_can_be_seen() {
        for code in ["now", "env", "localtime", "strflocaltime(\"%H\")", "0 | localtime"] {
            let error = run(code, "0").unwrap_err();
            assert!(error.contains("is not available"), "{code}: {error}");
        }
        assert_eq!(run("$ENV", "0").unwrap_err(), "there is no variable `$ENV`");
        let error = run("import \"m\" as m; 1", "0").unwrap_err();
        assert!(error.contains("module loading not supported"), "{error}");
        assert!(run("input", "0").is_err());
    }

    #[test]
    fn a_long_value_is_cut_in_a_message() {
        let error = run("error", &format!("\"{}\"", "x".repeat(1000))).unwrap_err();
        assert_eq!(error.chars().count(), MAX_QUOTE + 1);
    }
}
