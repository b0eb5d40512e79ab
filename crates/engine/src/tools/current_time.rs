//! Tells the time.

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use vpaura_domain::Timestamp;
use vpaura_llm::ToolSpec;

use super::{Tool, ToolAnswer, ToolContext, ToolError, read_arguments};

/// The name by which models call it.
const NAME: &str = "current_time";

const DAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The tool.
pub(super) struct CurrentTime;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    utc_offset: Option<String>,
}

impl Tool for CurrentTime {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: NAME.to_owned(),
            description: "Tells the current date, time and weekday. Use it whenever the answer \
                          depends on today's date or the time."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "utc_offset": {
                        "type": "string",
                        "description": "The offset from UTC to tell it in, such as \"+02:00\"; \
                                        UTC when absent.",
                    },
                },
                "additionalProperties": false,
            }),
        }
    }

    fn has_effects(&self) -> bool {
        false
    }

    fn call<'a>(
        &'a self,
        at: ToolContext<'a>,
        arguments: Value,
    ) -> BoxFuture<'a, Result<ToolAnswer, ToolError>> {
        Box::pin(async move {
            let Arguments { utc_offset } = read_arguments(arguments)?;
            let offset = utc_offset.as_deref().unwrap_or("+00:00");
            told(at.engine.clock.now(), offset).map(ToolAnswer::from)
        })
    }
}

/// The moment as a person at that offset says it.
fn told(now: Timestamp, offset: &str) -> Result<String, ToolError> {
    let minutes = minutes_of(offset).ok_or_else(|| {
        ToolError("utc_offset must be a text such as \"+02:00\", from -14:00 to +14:00.".to_owned())
    })?;
    let there = now.millis().saturating_add(minutes * MINUTE);
    let text = Timestamp::from_millis(there).to_string();
    // To the second: date, `T`, time.
    let text = text.get(..19).unwrap_or(&text);
    let day = usize::try_from(there.div_euclid(DAY).rem_euclid(7)).unwrap_or_default();
    Ok(format!("{text}{offset} ({})", DAYS[day]))
}

/// Minutes east of UTC of a text such as `-03:30`.
fn minutes_of(offset: &str) -> Option<i64> {
    let (sign, rest) = match offset.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse::<i64>().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 14 && minutes < 60 && hours * 60 + minutes <= 14 * 60)
        .then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_moment_is_told_at_its_place() {
        let told = |millis, offset| told(Timestamp::from_millis(millis), offset).ok();
        assert_eq!(told(0, "+00:00").as_deref(), Some("1970-01-01T00:00:00+00:00 (Thursday)"));
        let summer = 1_784_678_399_999;
        assert_eq!(told(summer, "+00:00").as_deref(), Some("2026-07-21T23:59:59+00:00 (Tuesday)"));
        assert_eq!(
            told(summer, "+05:45").as_deref(),
            Some("2026-07-22T05:44:59+05:45 (Wednesday)")
        );
        assert_eq!(told(0, "-03:30").as_deref(), Some("1969-12-31T20:30:00-03:30 (Wednesday)"));
        for bad in ["", "2", "+2:00", "+02", "+15:00", "+14:30", "+02:60", "Z", "+é:00"] {
            assert_eq!(told(0, bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_offset_or_refused(text in "\\PC{0,8}|[+-][0-9:]{0,6}") {
            if let Some(minutes) = minutes_of(&text) {
                prop_assert!(minutes.abs() <= 14 * 60);
            }
        }
    }
}
