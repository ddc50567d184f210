//! Groups, sums and averages a CSV file and writes a Markdown and an HTML
//! report.
//!
//! The file is read from start to end and never held as a whole, so its size is
//! limited by time and not by memory. Reading and writing are two permissions:
//! the reports go into a directory of their own, and the data is safe.

mod number;
mod report;
mod table;

use mpp_guest::schemars::{self, JsonSchema};
use mpp_guest::{Error, Response, Result, Structured, fs, fs_write, tool};
use report::Report;
use serde::{Deserialize, Serialize};
use std::io::{self, BufWriter, Write};
use table::{Group, Request, Table};

/// Bytes collected before they are written. The host call costs more than the
/// copy.
const BLOCK: usize = 64 * 1024;

/// Longest name of a report.
const MAX_NAME: usize = 100;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The CSV file, an absolute path such as `/workspace/sales.csv`. Its first
    /// line names the columns.
    path: String,
    /// Columns to group by. Without any, all rows are one group.
    #[serde(default)]
    group_by: Vec<String>,
    /// Columns to sum, average and so on. Without any, every other column that
    /// holds only numbers.
    #[serde(default)]
    values: Vec<String>,
    /// Sorts the groups by the sum of this column, or by `count`, the number of
    /// rows, largest first. Without it they are sorted by their names.
    sort_by: Option<String>,
    /// What separates the cells.
    #[serde(default = "comma")]
    delimiter: char,
    /// Directory to write the reports into.
    #[serde(default = "reports")]
    output_directory: String,
    /// Name of the reports without an extension. Without it, the name of the CSV
    /// file. Reports of the same name are replaced.
    name: Option<String>,
    /// Title of the reports. Without it, their name.
    title: Option<String>,
    /// Most groups to return. The reports hold all of them.
    #[serde(default = "max_groups")]
    #[schemars(range(min = 1, max = 1000))]
    max_groups: u32,
}

fn comma() -> char {
    ','
}

fn reports() -> String {
    "/workspace/reports".to_owned()
}

fn max_groups() -> u32 {
    50
}

#[derive(Serialize, JsonSchema)]
struct Output {
    /// The report as Markdown.
    markdown_path: String,
    /// The report as one HTML file.
    html_path: String,
    /// Rows of the file, without the header.
    rows: u64,
    /// How many groups there are.
    group_count: u64,
    /// The groups, as sorted.
    groups: Vec<GroupRow>,
    /// All rows as one group.
    total: GroupRow,
    /// Whether there are more groups than were returned.
    truncated: bool,
    /// What was odd in the file: rows of the wrong length, cells that are no
    /// numbers.
    warnings: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct GroupRow {
    /// Values of the columns to group by, in their order.
    group: Vec<String>,
    /// Rows of the group.
    count: u64,
    /// The numbers of each column.
    columns: Vec<ColumnSummary>,
}

#[derive(Serialize, JsonSchema)]
struct ColumnSummary {
    /// Name of the column.
    column: String,
    /// Cells that hold a number. Empty cells do not.
    numbers: u64,
    /// Their sum, rounded to the decimal places that the column has.
    sum: f64,
    /// Their average, rounded to two places more.
    average: Option<f64>,
    /// The smallest.
    min: Option<f64>,
    /// The largest.
    max: Option<f64>,
}

/// Groups the rows of a CSV file, computes count, sum, average, smallest and
/// largest of its numeric columns, and writes the result as a Markdown and an
/// HTML report. Use it to get exact totals of a table too large to read.
#[tool(name = "csv-report", title = "CSV report")]
fn csv_report(input: Input) -> Result<Structured<Output>> {
    let delimiter = u8::try_from(input.delimiter)
        .ok()
        .filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte))
        .ok_or_else(|| Error::invalid_input("delimiter: it must be one ASCII character such as `;`"))?;
    let name = name(&input)?;

    let request = Request { group_by: &input.group_by, values: &input.values, delimiter };
    let mut table = table::read(fs::open(&input.path).map_err(|error| bad("path", error))?, &request)
        .map_err(Error::invalid_input)?;
    table.sort(input.sort_by.as_deref()).map_err(Error::invalid_input)?;

    let report = Report {
        title: input.title.as_deref().unwrap_or(name),
        source: &input.path,
        group_by: &input.group_by,
        table: &table,
    };
    let directory = input.output_directory.trim_end_matches('/');
    fs_write::create_dir_all(directory).map_err(|error| bad("output_directory", error))?;
    let markdown_path = format!("{directory}/{name}.md");
    let html_path = format!("{directory}/{name}.html");
    write(&markdown_path, |out| report.markdown(out))?;
    write(&html_path, |out| report.html(out))?;

    let shown = input.max_groups as usize;
    let mut text = Vec::new();
    report.markdown_table(&mut text, shown)?;
    let text = format!("{}\nReports: {markdown_path} and {html_path}", String::from_utf8_lossy(&text));
    let output = Output {
        markdown_path,
        html_path,
        rows: table.total.rows,
        group_count: table.groups.len() as u64,
        groups: table.groups.iter().take(shown).map(|group| row(group, &table)).collect(),
        total: row(&table.total, &table),
        truncated: table.groups.len() > shown,
        warnings: table.warnings,
    };
    Ok(Structured::new(output, Response::new().text(text)))
}

/// The name of the reports. It must be a plain one: where they go is what
/// `output_directory` says and the host permits.
fn name(input: &Input) -> Result<&str> {
    let name = match &input.name {
        Some(name) => name,
        None => {
            let file = input.path.rsplit('/').next().unwrap_or_default();
            file.rsplit_once('.').map_or(file, |(stem, _)| stem)
        }
    };
    let plain = |c: char| !c.is_control() && !['/', '\\'].contains(&c);
    if name.is_empty() || name.len() > MAX_NAME || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Error::invalid_input(format!(
            "name: {name:?} is no plain file name of at most {MAX_NAME} bytes"
        )));
    }
    Ok(name)
}

/// A path that leads nowhere is a matter of the input, and the message names the
/// field. A denial stays one.
fn bad(field: &str, error: fs::Error) -> Error {
    use fs::ErrorKind::{InvalidPath, IsADirectory, NotADirectory, NotFound, Unsupported};
    match error.kind() {
        InvalidPath | IsADirectory | NotADirectory | NotFound | Unsupported => {
            Error::invalid_input(format!("{field}: {error}"))
        }
        _ => error.into(),
    }
}

fn write(path: &str, report: impl FnOnce(&mut BufWriter<fs_write::Writer>) -> io::Result<()>) -> Result<()> {
    let mut out = BufWriter::with_capacity(BLOCK, fs_write::create(path)?);
    report(&mut out)?;
    out.flush()?;
    Ok(())
}

fn row(group: &Group, table: &Table) -> GroupRow {
    let column = |(column, summary): (&String, &number::Summary)| ColumnSummary {
        column: column.clone(),
        numbers: summary.count(),
        sum: summary.sum(),
        average: summary.average(),
        min: summary.min(),
        max: summary.max(),
    };
    GroupRow {
        group: group.key.clone(),
        count: group.rows,
        columns: table.values.iter().zip(&group.summaries).map(column).collect(),
    }
}

mpp_guest::export!(csv_report);

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str, name: Option<&str>) -> Result<String> {
        let input = serde_json::json!({"path": path, "name": name});
        super::name(&serde_json::from_value(input).unwrap()).map(str::to_owned)
    }

    #[test]
    fn reports_are_named_after_the_file_unless_the_input_names_them() {
        assert_eq!(named("/workspace/q1.sales.csv", None).unwrap(), "q1.sales");
        assert_eq!(named("/workspace/sales", None).unwrap(), "sales");
        assert_eq!(named("/workspace/sales.csv", Some("März 2024")).unwrap(), "März 2024");
    }

    #[test]
    fn a_name_cannot_choose_another_directory() {
        for name in ["../x", "a/b", "..", ".hidden", "", "a\\b", "a\nb"] {
            let error = named("/workspace/a.csv", Some(name)).unwrap_err();
            assert!(matches!(error, Error::InvalidInput(_)), "{name}");
        }
        assert!(named("/workspace/", None).is_err());
    }
}
