//! Numbers for a person.

/// Groups of three digits: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with what it counts: `1 call`, `2 calls`.
pub(crate) fn counted(number: u64, one: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{} {one}{many}", grouped(number))
}

/// Bytes in the largest binary unit that leaves a number of at least one.
pub(crate) fn bytes(number: u64) -> String {
    scaled(number, 1024, &["B", "KiB", "MiB", "GiB", "TiB"])
}

/// Microseconds in the largest unit up to seconds that leaves a number of at least one.
pub(crate) fn micros(number: u64) -> String {
    scaled(number, 1000, &["µs", "ms", "s"])
}

/// One decimal below ten, none above, rounded down: a number never looks larger
/// than it is.
fn scaled(number: u64, step: u64, units: &[&str]) -> String {
    let mut unit = 0;
    let mut size = 1_u64;
    while unit + 1 < units.len() && number / size >= step {
        size *= step;
        unit += 1;
    }
    let (whole, tenth) = (number / size, number % size * 10 / size);
    let name = units.get(unit).copied().unwrap_or_default();
    if size > 1 && whole < 10 {
        format!("{whole}.{tenth} {name}")
    } else {
        format!("{} {name}", grouped(whole))
    }
}

/// A share of a whole in percent, rounded down, so that only all is 100 %.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    format!("{share} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_scaled() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(bytes(1_023), "1,023 B");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(10 << 20), "10 MiB");
        assert_eq!(micros(999), "999 µs");
        assert_eq!(micros(1_250), "1.2 ms");
        assert_eq!(micros(61_000_000), "61 s");
    }

    #[test]
    fn only_all_is_a_hundred_percent() {
        assert_eq!(percent(9_999, 10_000), "99 %");
        assert_eq!(percent(10_000, 10_000), "100 %");
        assert_eq!(percent(0, 0), "0 %");
    }
}
