//! What families of embedding models want: words before the text, and how much they can read.

/// What a family of models wants put before its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instructions {
    /// Before a text that is searched with.
    pub query: &'static str,
    /// Before a text that is to be found.
    pub document: &'static str,
}

/// A family: a part of its models' names, what it wants, and how many tokens it reads.
struct Family {
    part: &'static str,
    instructions: Instructions,
    tokens: usize,
}

const fn family(
    part: &'static str,
    query: &'static str,
    document: &'static str,
    tokens: usize,
) -> Family {
    Family { part, instructions: Instructions { query, document }, tokens }
}

const REPRESENT: &str = "Represent this sentence for searching relevant passages: ";
const INSTRUCT: &str =
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ";

/// The first that fits counts, so the narrower stand before the wider.
const FAMILIES: [Family; 22] = [
    family("text-embedding-", "", "", 8_191),
    family("nomic-embed-text", "search_query: ", "search_document: ", 2_048),
    family("e5-mistral", INSTRUCT, "", 4_096),
    family("e5-large-instruct", INSTRUCT, "", 512),
    family("e5-", "query: ", "passage: ", 512),
    family("bge-m3", "", "", 8_192),
    family("bge-small-zh", "为这个句子生成表示以用于检索相关文章：", "", 512),
    family("bge-base-zh", "为这个句子生成表示以用于检索相关文章：", "", 512),
    family("bge-large-zh", "为这个句子生成表示以用于检索相关文章：", "", 512),
    family("bge-", REPRESENT, "", 512),
    family("mxbai-embed-large", REPRESENT, "", 512),
    family("snowflake-arctic-embed-m-v2", "query: ", "", 8_192),
    family("snowflake-arctic-embed-l-v2", "query: ", "", 8_192),
    family("snowflake-arctic-embed2", "query: ", "", 8_192),
    family("snowflake-arctic-embed", REPRESENT, "", 512),
    family("qwen3-embedding", INSTRUCT, "", 8_192),
    family("embeddinggemma", "task: search result | query: ", "title: none | text: ", 2_048),
    family("all-minilm", "", "", 256),
    family("mistral-embed", "", "", 8_192),
    family("jina-embeddings", "", "", 8_192),
    family("voyage-", "", "", 16_000),
    family("gte-", "", "", 512),
];

/// What is assumed of a model of no known family.
const UNKNOWN: Family = family("", "", "", 8_192);

/// What models of this name want put before their texts; often nothing.
pub fn instructions(model: &str) -> Instructions {
    of(model).instructions
}

/// How many tokens models of this name read, by our count of tokens. It is another vocabulary than
/// theirs, so this is an estimate.
pub(crate) fn longest(model: &str) -> usize {
    of(model).tokens
}

fn of(model: &str) -> &'static Family {
    let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    FAMILIES.iter().find(|family| name.contains(family.part)).unwrap_or(&UNKNOWN)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("nomic-embed-text:v1.5", "search_query: ", "search_document: ")]
    #[case("intfloat/multilingual-e5-small", "query: ", "passage: ")]
    #[case("intfloat/multilingual-e5-large-instruct", INSTRUCT, "")]
    #[case("local/BAAI/bge-small-en-v1.5", REPRESENT, "")]
    #[case("bge-m3", "", "")]
    #[case("text-embedding-3-small", "", "")]
    #[case("all-minilm", "", "")]
    #[case("something-else", "", "")]
    fn a_name_tells_what_its_model_wants(
        #[case] model: &str,
        #[case] query: &'static str,
        #[case] document: &'static str,
    ) {
        assert_eq!(instructions(model), Instructions { query, document });
    }

    #[test]
    fn no_family_hides_a_narrower_one() {
        for (place, family) in FAMILIES.iter().enumerate() {
            let hidden =
                FAMILIES[..place].iter().find(|earlier| family.part.contains(earlier.part));
            assert!(hidden.is_none(), "{} is never reached", family.part);
        }
    }
}
