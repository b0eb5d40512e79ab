//! What must not compile, and what the compiler says then. Each file in `ui` has its messages
//! beside it; `TRYBUILD=overwrite cargo test -p vpaura-graph --test compile_fail` renews them.

#[test]
fn mistakes_are_explained_where_they_are() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
