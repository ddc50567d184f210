//! Colours that can be told apart (WCAG 2.2, success criteria 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../assets/style.css");

/// Text, with what may be behind it: at least 4.5 to 1.
const TEXT: [(&str, &[&str]); 7] = [
    ("ink", &["ground", "paper", "raised"]),
    ("soft", &["ground", "paper", "raised"]),
    ("link", &["ground", "paper", "raised"]),
    ("ok", &["ok-tint", "paper"]),
    ("denied", &["denied-tint", "paper"]),
    ("failed", &["failed-tint", "paper"]),
    ("unknown", &["unknown-tint", "paper"]),
];

/// Parts of the picture, on paper: at least 3 to 1.
const BARS: [&str; 4] = ["bar-ok", "bar-denied", "bar-failed", "bar-unknown"];

/// The colours of the light and of the dark page, by name.
fn palettes() -> Vec<BTreeMap<&'static str, &'static str>> {
    let roots = STYLE.split(":root {").skip(1).filter_map(|rest| rest.split('}').next());
    let colours = roots.map(|root| {
        let declarations =
            root.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
        declarations.filter(|(_, value)| value.starts_with('#') && value.len() == 7).collect()
    });
    colours.filter(|palette: &BTreeMap<_, _>| palette.contains_key("ink")).collect()
}

/// Relative luminance, by the definition in WCAG 2.2.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_colour_stands_out_from_what_is_behind_it() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001, "the definition's own example");
    let palettes = palettes();
    assert_eq!(palettes.len(), 2, "light and dark");
    for palette in palettes {
        for (text, grounds) in TEXT {
            for ground in grounds {
                let ratio = contrast(palette[text], palette[ground]);
                assert!(ratio >= 4.5, "{text} on {ground} has {ratio:.2}");
            }
        }
        for bar in BARS {
            let ratio = contrast(palette[bar], palette["paper"]);
            assert!(ratio >= 3.0, "{bar} has {ratio:.2}");
        }
    }
}
