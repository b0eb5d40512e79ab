//! Terms of texts and queries.

use super::*;
use proptest::prelude::*;

fn english(text: &str) -> String {
    document_terms(text, &[], None, Language::ENGLISH).join(" ")
}

fn asked(query: &str, languages: &str) -> String {
    let words = query_terms(query, &LanguageSet::read(languages)).words;
    words.iter().map(|word| word.variants.join("|")).collect::<Vec<_>>().join(" ")
}

#[test]
fn words_are_stemmed_and_folded() {
    assert_eq!(english("The Boundary-Layers' flows"), "the boundari layer flow");
    assert_eq!(english("Newton's don't naïve ＦＵＬＬ ﬁne"), "newton dont naiv full fine");
    let french = Language::detect(
        "L'avion décolle de la piste après que le pilote a vérifié les instruments.",
    );
    let terms = document_terms("L'avion qu'elle", &[], None, french);
    assert_eq!(terms, ["avion", "qu", "elle"]);
}

#[test]
fn names_in_code_are_found_whole_and_by_their_parts() {
    assert_eq!(english("snake_case"), "snake_case snake case");
    assert_eq!(english("parseHTTPHeader"), "parsehttphead pars http header");
    assert_eq!(english("main.rs"), "main.rs main rs");
    assert_eq!(english("E0308 0x80070005 v1.2.3 3.14"), "e0308 0x80070005 v1.2.3 v1 3.14");
    assert_eq!(english("C++ and C#"), "c c++ and c c#");
    assert_eq!(english("U.S.A. USA"), "usa usa");
}

#[test]
fn unspaced_scripts_become_pairs_within_a_clause() {
    assert_eq!(english("東京都、日本"), "東京 京都 東 京 都 日本 日 本");
    assert_eq!(english("한국어 말"), "한국 국어 한 국 어 말");
    assert_eq!(english("東京Tower"), "東京 東 京 tower");
}

#[test]
fn one_character_finds_the_texts_that_have_it() {
    let texts = ["茶", "お茶が好き", "日本茶", "茶道", "긴급 물품", "물"];
    let found = |query: &str| -> Vec<&str> {
        let asked = query_terms(query, &LanguageSet::default()).terms();
        let has = |text: &&str| {
            let terms = document_terms(text, &[], None, Language::UNKNOWN);
            asked.iter().all(|term| terms.contains(term))
        };
        texts.into_iter().filter(has).collect()
    };
    assert_eq!(found("茶"), texts[..4]);
    assert_eq!(found("물"), texts[4..]);
    // Pairs are looked for as before, and kana alone mean little.
    assert_eq!(asked("日本茶", ""), "日本 本茶");
    assert_eq!(english("です"), "です");
}

#[test]
fn words_behind_escapes_are_found() {
    assert_eq!(english(r"Order 42\nrefund\n\npaid"), "order 42 nrefund refund n npaid paid");
    assert_eq!(english(r"C:\new C:\\new"), "c new ew c new");
    assert_eq!(asked("refund", ""), "refund");
}

#[test]
fn words_and_numbers_that_stand_at_unspaced_scripts_are_words_of_their_own() {
    assert_eq!(english("PDF를 API는"), "pdf 를 api 는");
    assert_eq!(english("2024년에 1,000원"), "2024 년에 년 에 1,000 원");
    assert_eq!(english("한국API설정"), "한국 한 국 api 설정 설 정");
    assert_eq!(english("한국_API main.rs는 C#을"), "한국 한 국 api main.rs main rs 는 c c# 을");
    assert_eq!(english("データ_APIで"), "デー ータ api で");
    assert_eq!(english("葛\u{E0100}と"), "葛 と");
    assert_eq!(asked("PDF는 2024년", ""), "pdf 는 2024 년");
}

#[test]
fn headings_and_title_count_more_than_once() {
    let headings = vec!["Prices".to_owned()];
    let terms = document_terms("Two euros.", &headings, Some("Menu"), Language::ENGLISH);
    assert_eq!(terms, ["menu", "menu", "menu", "price", "price", "two", "euro"]);
}

#[test]
fn a_query_word_carries_its_stems_in_all_languages() {
    assert_eq!(asked("houses", "eng:9"), "hous");
    assert_eq!(asked("houses", "eng:9 und:1"), "hous|houses");
    assert_eq!(asked("Katzen", "deu:5 eng:9"), "katz|katzen");
    assert_eq!(asked("flow Flows", "eng:9"), "flow");
    assert_eq!(query_terms("flow Flows", &LanguageSet::read("eng:1")).words[0].weight, 2.0);
}

#[test]
fn common_words_count_only_where_there_are_no_others() {
    assert_eq!(asked("what is the flow", "eng:9"), "flow");
    assert_eq!(asked("to be or not to be", "eng:9"), "to be or not");
    assert_eq!(asked("to be or not to be", ""), "to be or not");
    // "die" is a common word in German and none in English: the query's own language tells.
    assert_eq!(asked("when did he die", "deu:9 eng:1"), "die");
    assert_eq!(asked("", "eng:9"), "");
}

#[test]
fn long_words_and_queries_are_bounded() {
    let long = "x".repeat(1_000_000);
    assert_eq!(english(&long).len(), MAX_TERM_BYTES);
    let many: String = (0..10_000).map(|n| format!("w{n} ")).collect();
    assert_eq!(query_terms(&many, &LanguageSet::default()).words.len(), 256);
}

proptest! {
    #[test]
    fn what_a_document_says_a_query_finds(text in "\\PC{0,80}|[a-zA-Z0-9_.'’ -]{0,80}") {
        let document = document_terms(&text, &[], None, Language::ENGLISH);
        for word in query_terms(&text, &LanguageSet::read("eng:1")).words {
            prop_assert!(word.variants.iter().any(|term| document.contains(term)));
            prop_assert!(word.variants.iter().all(|term| term.len() <= MAX_TERM_BYTES));
        }
    }
}
