//! A table in Markdown, with its columns in line.

use std::fmt;

/// The side of a column that its cells stand at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// A table.
pub struct Markdown<const N: usize> {
    sides: [Side; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Markdown<N> {
    /// One without rows.
    pub fn new(columns: [(&str, Side); N]) -> Self {
        let head = columns.map(|(name, _)| name.to_owned());
        Self { sides: columns.map(|(_, side)| side), rows: vec![head] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    fn width(&self, column: usize) -> usize {
        self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Markdown<N> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, row) in self.rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let width = self.width(column);
                match self.sides[column] {
                    Side::Left => write!(to, "| {cell:<width$} ")?,
                    Side::Right => write!(to, "| {cell:>width$} ")?,
                }
            }
            writeln!(to, "|")?;
            if number == 0 {
                self.rule(to)?;
            }
        }
        Ok(())
    }
}

impl<const N: usize> Markdown<N> {
    fn rule(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (column, side) in self.sides.iter().enumerate() {
            let end = if *side == Side::Right { ":" } else { "-" };
            write!(to, "|{}{end}", "-".repeat(self.width(column) + 1))?;
        }
        writeln!(to, "|")
    }
}
