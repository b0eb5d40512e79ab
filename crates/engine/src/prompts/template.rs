//! Templates that people write in the web UI or over the API: a text in which `{{ name }}` stands
//! for a variable, and nothing else. There is nothing in it that could loop, call or fetch, so
//! anybody's template is safe to fill in.

/// What a chat fills in.
pub(crate) const VARIABLES: [&str; 2] = ["chatbot", "date"];

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// `{{` without its end.
    #[error("has {{{{ without }}}}")]
    Unclosed,
    /// Something else than a variable between the braces.
    #[error("has {{{{ {0} }}}}, but there are only {{{{ chatbot }}}} and {{{{ date }}}}")]
    UnknownVariable(String),
    /// A statement or comment, as the shipped templates may have them.
    #[error("has {{% or {{#, which is for the server's own templates alone")]
    Statement,
}

/// The longest part of a text that is shown in an error.
const SHOWN_CHARS: usize = 40;

/// One piece of a template.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// Whether the text is a template.
pub(crate) fn check(text: &str) -> Result<(), TemplateError> {
    pieces(text).map(|_| ())
}

/// The text with its variables filled in; one without a value becomes nothing.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> Result<String, TemplateError> {
    let value = |name: &str| values.iter().find(|(key, _)| *key == name).map_or("", |(_, it)| it);
    let filled = pieces(text)?.into_iter().map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Variable(name) => value(name),
    });
    Ok(filled.collect())
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    if text.contains("{%") || text.contains("{#") {
        return Err(TemplateError::Statement);
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, behind) = after.split_once("}}").ok_or(TemplateError::Unclosed)?;
        let name = inside.trim();
        if !VARIABLES.contains(&name) {
            let shown = name.chars().take(SHOWN_CHARS).collect();
            return Err(TemplateError::UnknownVariable(shown));
        }
        pieces.extend([Piece::Text(before), Piece::Variable(name)]);
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn variables_are_filled_in_once_and_values_are_no_templates() {
        let values = [("date", "2026-11-20"), ("chatbot", "{{ date }}")];
        assert_eq!(
            fill("I am {{chatbot}}, today is {{ date }}. {a} }}", &values).as_deref(),
            Ok("I am {{ date }}, today is 2026-11-20. {a} }}")
        );
        assert_eq!(fill("{{ date }}", &[]).as_deref(), Ok(""));
    }

    #[test]
    fn nothing_but_variables_is_understood() {
        for (text, error) in [
            ("{{ date", TemplateError::Unclosed),
            ("{{ name }}", TemplateError::UnknownVariable("name".into())),
            ("{{ date * 1000000 }}", TemplateError::UnknownVariable("date * 1000000".into())),
            ("{{}}", TemplateError::UnknownVariable(String::new())),
            ("{% for a in b %}", TemplateError::Statement),
            ("{# note #}", TemplateError::Statement),
        ] {
            assert_eq!(check(text), Err(error), "{text}");
        }
        let reason = check("{{ x }}").map_err(|error| error.to_string());
        let said = "has {{ x }}, but there are only {{ chatbot }} and {{ date }}";
        assert_eq!(reason, Err(said.to_owned()));
    }

    proptest! {
        #[test]
        fn any_text_is_filled_or_refused(text: String) {
            let filled = fill(&text, &[("date", "d")]);
            prop_assert_eq!(filled.is_ok(), check(&text).is_ok());
            if !text.contains('{') {
                prop_assert_eq!(filled, Ok(text));
            }
        }
    }
}
