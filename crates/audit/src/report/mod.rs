//! The audit for people: as text for a terminal, as a page for a browser.

mod html;
mod table;

pub use html::html;
pub use table::table;

/// A share as whole percents, rounded towards the middle: 100 is all, 0 is none.
fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 1.0 => "<1 %".to_owned(),
        percent if percent > 99.0 && percent < 100.0 => ">99 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}
