//! Numbers of a CSV file: read exactly as written, summed without drift.

/// Decimal places that are kept. A double has no more than 15 to 17 digits.
const MAX_DECIMALS: usize = 12;

/// A number and how many decimal places it was written with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    pub value: f64,
    pub decimals: usize,
}

impl Number {
    /// Reads `12`, `-0.50`, `+3` or `1.5e3`, with space around it. A currency
    /// sign, a thousands separator or a decimal comma makes it no number: what
    /// they mean differs between countries, and a wrong guess is worse than none.
    pub fn parse(cell: &str) -> Option<Self> {
        let text = cell.trim();
        let digits = text.trim_start_matches(['+', '-']);
        // `f64` reads "inf" and "nan", too.
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        let value: f64 = text.parse().ok()?;
        let decimals = match text.split_once('.') {
            Some((_, places)) if places.bytes().all(|byte| byte.is_ascii_digit()) => places.len(),
            Some(_) => MAX_DECIMALS,
            None => 0,
        };
        value.is_finite().then_some(Number { value, decimals: decimals.min(MAX_DECIMALS) })
    }
}

/// Count, sum, smallest and largest of some numbers.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    count: u64,
    sum: f64,
    // What rounding took from `sum` so far (Neumaier's algorithm): a million
    // cents add up to the cent.
    lost: f64,
    min: f64,
    max: f64,
    decimals: usize,
}

impl Summary {
    pub fn add(&mut self, number: Number) {
        let Number { value, decimals } = number;
        let sum = self.sum + value;
        self.lost +=
            if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
        (self.min, self.max) = match self.count {
            0 => (value, value),
            _ => (self.min.min(value), self.max.max(value)),
        };
        self.count += 1;
        self.decimals = self.decimals.max(decimals);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// Rounded to the decimal places of the numbers.
    pub fn sum(&self) -> f64 {
        round(self.sum + self.lost, self.decimals)
    }

    /// Rounded to two places more than the numbers have. None of no numbers.
    pub fn average(&self) -> Option<f64> {
        (self.count > 0).then(|| round((self.sum + self.lost) / self.count as f64, self.decimals + 2))
    }

    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }
}

fn round(value: f64, decimals: usize) -> f64 {
    // Through decimal text, because 0.1 has no double: scaling and rounding would
    // bring back the digits that this takes away.
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(cells: &[&str]) -> Summary {
        let mut summary = Summary::default();
        for cell in cells {
            summary.add(Number::parse(cell).unwrap());
        }
        summary
    }

    #[test]
    fn numbers_are_read_as_written() {
        let read = |cell| Number::parse(cell).map(|number| (number.value, number.decimals));
        assert_eq!(read(" -0.50 "), Some((-0.5, 2)));
        assert_eq!(read("+3"), Some((3.0, 0)));
        assert_eq!(read(".5"), Some((0.5, 1)));
        assert_eq!(read("1.5e3"), Some((1500.0, MAX_DECIMALS)));
    }

    #[test]
    fn what_could_be_misread_is_no_number() {
        for cell in ["", "-", "1,234", "1.234,50", "$5", "5 €", "nan", "-inf", "1e999", "0x10"] {
            assert_eq!(Number::parse(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_hundred_thousand_cents_add_up_to_the_cent() {
        let cents = summary(&["0.01"; 100_000]);
        assert_eq!(cents.sum(), 1000.0);
        assert_eq!(summary(&["0.1", "0.2"]).sum(), 0.3);
        assert_eq!(summary(&["1e100", "1", "-1e100"]).sum(), 1.0);
    }

    #[test]
    fn extremes_and_average_are_of_the_numbers_alone() {
        let some = summary(&["-2", "-5", "-3"]);
        assert_eq!((some.min(), some.max()), (Some(-5.0), Some(-2.0)));
        assert_eq!(some.average(), Some(-3.33));
        assert_eq!((Summary::default().average(), Summary::default().max()), (None, None));
    }
}
