//! The names of uploads, made safe to show and to keep.

/// The upload's name without a path, control characters or marks that turn the direction of
/// writing, at most 255 bytes; `file` where nothing is left.
pub fn safe_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
            )
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    let clean: String = base.chars().filter(|&c| !hidden(c)).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    let mut end = clean.len().min(255);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    match &clean[..end] {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\temp\\a.txt"), "a.txt");
        assert_eq!(safe_name("a\u{202E}txt.exe\0"), "atxt.exe");
        assert_eq!(safe_name("/"), "file");
        assert_eq!(safe_name(".."), "file");
        assert_eq!(safe_name(&"é".repeat(300)).len(), 254);
    }
}
