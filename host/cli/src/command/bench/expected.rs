//! What each call has to answer, so that no figure is that of a failure.

use mpp_host::{Outcome as CallOutcome, Response, Tool};

use crate::command::inspect;
use crate::exit::{Blame, Failure, Outcome};

/// What is asserted of each answer.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    /// That it is this one: nothing that the tool can ask could make it differ.
    Same(Response),
    /// That it is one. Equal calls may differ, for the tool may ask for the time, for
    /// chance or over a network, or find what it has written itself.
    AnyAnswer,
}

impl Expected {
    /// What follows from the first answer.
    pub(super) fn after(first: Response, tool: &Tool) -> Self {
        if inspect::deterministic(tool.imports()) && !tool.may_act() {
            Self::Same(first)
        } else {
            Self::AnyAnswer
        }
    }

    /// Holds the outcome of a call against it, which has an answer.
    pub(super) fn check(&self, outcome: &CallOutcome) -> Outcome {
        match (self, outcome) {
            (Self::Same(first), CallOutcome::Completed(answer)) if answer != first => {
                Err(Failure::new(Blame::Tool, "the tool does not answer what it answered at first")
                    .because("equal calls have equal answers, while what it may read stays the same"))
            }
            _ => Ok(()),
        }
    }

    /// Whether each answer has to be the same.
    pub(super) fn is_same(&self) -> bool {
        matches!(self, Self::Same(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(structured: i32) -> Response {
        Response { content: Vec::new(), structured: Some(structured.into()) }
    }

    #[test]
    fn an_answer_that_is_another_one_ends_the_bench_and_is_the_tools_fault() {
        let expected = Expected::Same(answer(1));
        assert_eq!(expected.check(&CallOutcome::Completed(answer(1))), Ok(()));
        let failure = expected.check(&CallOutcome::Completed(answer(2))).unwrap_err();
        assert_eq!(failure.blame(), Blame::Tool);
    }

    #[test]
    fn where_equal_calls_may_differ_another_answer_is_one_too() {
        assert_eq!(Expected::AnyAnswer.check(&CallOutcome::Completed(answer(2))), Ok(()));
    }
}
