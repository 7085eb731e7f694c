//! The forms in which a secret may turn up in a log.
//!
//! actions/runner registers these (`HostContext`, `ValueEncoders`): Base64 at
//! three offsets, the string of an expression, JSON, URL and XML escapes, and
//! the value without double quotes around it.

/// Characters of a form below which it is left out: it would mask by accident.
const MIN_FORM: usize = 4;

/// Bytes of a value above which only the value and its lines are forms.
const MAX_ENCODED: usize = 8 << 10;

/// All forms of a value, the value first.
pub(super) fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    let encoded = [value, value.trim()];
    for text in encoded.iter().filter(|text| text.len() <= MAX_ENCODED) {
        base64(text.as_bytes(), &mut forms);
        forms.push(url(text, |byte| format!("%{byte:02X}")));
        forms.push(url(text, |byte| format!("%{byte:02x}")));
        forms.push(url(text, |byte| match byte {
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        }));
        forms.extend(json(text));
        forms.push(text.replace('\'', "''"));
        forms.push(xml(text, "&quot;", "&apos;"));
        forms.push(xml(text, "\"", "'"));
    }
    if let Some(inner) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        forms.push(inner.to_owned());
    }
    // An editor or a log may have changed the line ends.
    forms.push(value.replace("\r\n", "\n"));
    // GitHub masks the lines one by one, for output comes line by line.
    for line in value.split(['\r', '\n']) {
        forms.push(line.to_owned());
        forms.push(line.trim().to_owned());
    }
    let mut first = true;
    forms.retain(|form| std::mem::take(&mut first) || usable(form));
    forms
}

/// Long enough, blanks not counted.
fn usable(form: &str) -> bool {
    form.trim().chars().count() >= MIN_FORM
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 of a text that contains the value, for each of the three offsets at
/// which it may stand in there: the characters that the value alone decides,
/// and for the end of a text the last one with its padding.
fn base64(value: &[u8], forms: &mut Vec<String>) {
    for alphabet in [STANDARD, URL_SAFE] {
        for offset in 0..3 {
            let mut padded = vec![0; offset];
            padded.extend_from_slice(value);
            let whole = encode(&padded, alphabet);
            // Six bits a character: the first that holds nothing of what is
            // before, and the last that holds nothing of what comes after.
            let first = (offset * 8).div_ceil(6);
            let last = padded.len() * 8 / 6;
            if let Some(core) = whole.get(first..last) {
                forms.push(core.to_owned());
            }
            if let Some(end) = whole.get(first..) {
                forms.push(end.trim_end_matches('=').to_owned());
                forms.push(end.to_owned());
            }
        }
    }
}

fn encode(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = alphabet.get((group >> shift & 63) as usize);
            text.push(match letter {
                Some(letter) if index <= chunk.len() => char::from(*letter),
                _ => '=',
            });
        }
    }
    text
}

/// Percent-encoding (`Uri.EscapeDataString`).
fn url(text: &str, escape: fn(u8) -> String) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => escape(byte),
        })
        .collect()
}

/// The inside of a JSON string: as most write it, with only ASCII (as Python
/// does), and with `\/`.
fn json(text: &str) -> Vec<String> {
    let Ok(quoted) = serde_json::to_string(text) else {
        return Vec::new();
    };
    let plain = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(&quoted)
        .to_owned();
    let mut ascii = String::with_capacity(plain.len());
    for one in plain.chars() {
        match one {
            ' '..='~' => ascii.push(one),
            _ => {
                let mut units = [0; 2];
                for unit in one.encode_utf16(&mut units) {
                    ascii.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    let slashes = plain.replace('/', "\\/");
    vec![plain, ascii, slashes]
}

fn xml(text: &str, quote: &str, apostrophe: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', quote)
        .replace('\'', apostrophe)
}
