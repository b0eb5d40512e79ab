//! What people are told of the pages that could not be read while others could.

/// What a page shows instead of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// Pictures or drawings.
    Pictures,
    /// Letters whose fonts do not say which they are.
    Letters,
}

/// Runs of pages that are named; of further ones there is only a mark.
const RUNS: usize = 8;

/// The sentences on the pages of a file, each of which was read or not; none where all were. At
/// most 500 bytes.
pub(super) fn notice(pages: &[Option<Unread>]) -> Option<String> {
    let told: Vec<String> = [Unread::Pictures, Unread::Letters]
        .into_iter()
        .filter_map(|what| sentence(pages, what))
        .collect();
    (!told.is_empty()).then(|| {
        let told = told.join(" ");
        format!("{told} Run text recognition (OCR) over the file, and add the result, to have all of it read.")
    })
}

fn sentence(pages: &[Option<Unread>], what: Unread) -> Option<String> {
    let numbers: Vec<usize> = (1..)
        .zip(pages)
        .filter(|(_, page)| **page == Some(what))
        .map(|(number, _)| number)
        .collect();
    let (count, all, runs) = (numbers.len(), pages.len(), runs(&numbers));
    let why = match (what, count) {
        (_, 0) => return None,
        (Unread::Pictures, 1) => "has no text: it is probably a scanned picture.",
        (Unread::Pictures, _) => "have no text: they are probably scanned pictures.",
        (Unread::Letters, 1) => "could not be read: its fonts do not say which letters they show.",
        (Unread::Letters, _) => {
            "could not be read: their fonts do not say which letters they show."
        }
    };
    let noun = if all == 1 { "page" } else { "pages" };
    Some(format!("{count} of {all} {noun} ({runs}) {why}"))
}

/// Numbers in ascending order with their runs drawn together: 2, 5–6.
fn runs(numbers: &[usize]) -> String {
    let follows = |a: &usize, b: &usize| a + 1 == *b;
    let mut shown: Vec<String> = numbers
        .chunk_by(follows)
        .take(RUNS + 1)
        .map(|run| match run {
            [first, .., last] => format!("{first}–{last}"),
            _ => run.iter().map(ToString::to_string).collect(),
        })
        .collect();
    if shown.len() > RUNS {
        shown[RUNS] = "…".to_owned();
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMEDY: &str =
        " Run text recognition (OCR) over the file, and add the result, to have all of it read.";

    /// The notice on twelve pages of which these are unread.
    fn told(pictures: &[usize], letters: &[usize]) -> Option<String> {
        let mut pages = vec![None; 12];
        pictures.iter().for_each(|page| pages[page - 1] = Some(Unread::Pictures));
        letters.iter().for_each(|page| pages[page - 1] = Some(Unread::Letters));
        notice(&pages).map(|told| told.strip_suffix(REMEDY).unwrap().to_owned())
    }

    #[test]
    fn pages_are_named_with_their_runs() {
        assert_eq!(told(&[], &[]), None);
        let one = "1 of 12 pages (2) has no text: it is probably a scanned picture.";
        assert_eq!(told(&[2], &[]).unwrap(), one);
        let some = "3 of 12 pages (2, 5–6) have no text: they are probably scanned pictures.";
        assert_eq!(told(&[2, 5, 6], &[]).unwrap(), some);
        let letters =
            "1 of 12 pages (9) could not be read: its fonts do not say which letters they show.";
        assert_eq!(told(&[2], &[9]).unwrap(), format!("{one} {letters}"));
    }

    #[test]
    fn the_longest_notice_is_short() {
        let mut pages = [None, Some(Unread::Pictures), None, Some(Unread::Letters)].repeat(1 << 20);
        let shown = notice(&pages).unwrap();
        assert!(shown.contains("(2, 6, 10, 14, 18, 22, 26, 30, …)"), "{shown}");
        assert!(shown.len() <= 500, "{}", shown.len());
        pages.fill(Some(Unread::Pictures));
        assert!(notice(&pages).unwrap().contains("(1–4194304)"));
    }
}
