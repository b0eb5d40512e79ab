//! Values that do not fit their field, and writes that its reducer does not offer.

use vpaura_graph::State;

#[derive(Clone, State)]
#[state(transient)]
struct Letter {
    title: Option<String>,
    #[reduce(append)]
    lines: Vec<String>,
}

fn main() {
    let update = LetterUpdate::default();
    let _ = update.clone().title("Bees");
    let _ = update.clone().lines(1);
    let _ = update.overwrite_title(None);
}
