//! What `seatrial scan` shows, in four forms.

mod json;
mod sarif;
mod sbom;
mod table;

#[cfg(test)]
mod sample;

pub(crate) use json::scan_json;
pub(crate) use sarif::scan_sarif;
pub(crate) use sbom::scan_sbom;
pub(crate) use table::scan_text;

use crate::scan::Place;

/// A place in words: `Dockerfile.test:3`, `/etc/passwd in layer 2 of 5`.
fn place_text(place: &Place) -> String {
    match place {
        Place::File(place) => match place.line {
            0 => place.path.clone(),
            line => format!("{}:{line}", place.path),
        },
        Place::Image(place) => {
            let mut text = place.path.clone().unwrap_or_default();
            if place.line > 0 {
                text.push_str(&format!(":{}", place.line));
            }
            let within = match place.layer {
                Some((layer, count)) => format!("layer {layer} of {count} of {}", place.image),
                None => place.image.clone(),
            };
            if text.is_empty() {
                within
            } else {
                format!("{text} in {within}")
            }
        }
    }
}
