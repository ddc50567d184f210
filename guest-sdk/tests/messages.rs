//! What the compiler says to an author. After a change of wording, run with
//! `TRYBUILD=overwrite` and read the difference.

#[test]
fn a_mistake_points_at_the_function_and_says_what_is_expected() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
