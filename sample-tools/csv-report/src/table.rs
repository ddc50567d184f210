//! Grouping: one pass over the rows, memory for the groups only.

use crate::number::{Number, Summary};
use csv::{ByteRecord, Reader};
use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Read};
use std::rc::Rc;

/// Numbers kept at once, groups times columns: about 15 MiB.
const MAX_CELLS: usize = 200_000;

/// Groups of a report that a person still reads.
pub const MAX_GROUPS: usize = 10_000;

/// Bytes of one value to group by. Longer values are texts and no categories.
const MAX_KEY: usize = 1024;

/// Bytes of one row. A longer one is a quotation mark that was not closed.
const MAX_ROW: usize = 4 * 1024 * 1024;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;

/// Warnings of one kind that name their lines.
const MAX_NAMED: usize = 5;

/// What to compute.
pub struct Request<'a> {
    /// Columns whose values make the groups; none for one group of all rows.
    pub group_by: &'a [String],
    /// Columns to summarise; none for every column that holds only numbers.
    pub values: &'a [String],
    pub delimiter: u8,
}

/// What was computed.
#[derive(Debug)]
pub struct Table {
    /// The columns summarised.
    pub values: Vec<String>,
    pub groups: Vec<Group>,
    /// All rows as one group.
    pub total: Group,
    pub warnings: Vec<String>,
}

/// Rows with equal values in the columns to group by.
#[derive(Clone, Debug)]
pub struct Group {
    /// These values.
    pub key: Vec<String>,
    pub rows: u64,
    /// One for each of [`Table::values`].
    pub summaries: Vec<Summary>,
}

impl Group {
    fn new(key: Vec<String>, columns: usize) -> Self {
        Group { key, rows: 0, summaries: vec![Summary::default(); columns] }
    }
}

/// Reads all of `source`. An error names the field of the input or the line of
/// the file that is wrong.
pub fn read(source: impl Read, request: &Request) -> Result<Table, String> {
    let unread = Rc::new(Cell::new(0));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(request.delimiter)
        .flexible(true)
        .buffer_capacity(BLOCK)
        .from_reader(Guard { source, unread: Rc::clone(&unread) });
    let header = header(&mut reader)?;
    let mut grouping = Grouping::new(&header, request)?;
    let mut row = ByteRecord::new();
    loop {
        unread.set(0);
        if !reader.read_byte_record(&mut row).map_err(unreadable)? {
            break;
        }
        grouping.add(&row, header.len())?;
    }
    Ok(grouping.finish(&header))
}

fn header<R: Read>(reader: &mut Reader<R>) -> Result<Vec<String>, String> {
    let header = reader.byte_headers().map_err(unreadable)?;
    if header.is_empty() {
        return Err("path: the file is empty; the first line must name the columns".to_owned());
    }
    Ok(header.iter().map(|name| text(name).trim().to_owned()).collect())
}

fn unreadable(error: csv::Error) -> String {
    format!("path: {error}")
}

fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).into_owned()
}

/// Stops a row that does not end.
struct Guard<R> {
    source: R,
    /// Bytes read since the last row ended.
    unread: Rc<Cell<usize>>,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unread.get() > MAX_ROW {
            return Err(io::Error::other("a row is longer than 4 MiB; a quotation mark may not be closed"));
        }
        let read = self.source.read(buffer)?;
        self.unread.set(self.unread.get() + read);
        Ok(read)
    }
}

/// A column to summarise.
struct Column {
    index: usize,
    /// Chosen by name, or only because it has held nothing but numbers so far.
    named: bool,
    /// Lines with cells that are no numbers.
    faults: Lines,
}

/// Places in the file, the first few of them known.
#[derive(Default)]
struct Lines {
    count: u64,
    first: Vec<u64>,
}

impl Lines {
    fn push(&mut self, row: &ByteRecord) {
        self.count += 1;
        if self.first.len() < MAX_NAMED {
            self.first.extend(row.position().map(|position| position.line()));
        }
    }

    fn name(&self) -> String {
        let lines: Vec<_> = self.first.iter().map(u64::to_string).collect();
        let more = if self.count as usize > lines.len() { ", …" } else { "" };
        format!("line {}{more}", lines.join(", "))
    }
}

struct Grouping {
    group_by: Vec<usize>,
    columns: Vec<Column>,
    groups: Vec<Group>,
    /// From the cells of a row, each with its length before it, to its group.
    index: HashMap<Vec<u8>, usize>,
    total: Group,
    uneven: Lines,
}

impl Grouping {
    fn new(header: &[String], request: &Request) -> Result<Self, String> {
        let find = |field: &str, name: &String| {
            let index = header.iter().position(|column| column == name);
            index.ok_or_else(|| format!("{field}: there is no column {name:?}; there are {}", listed(header)))
        };
        let group_by: Vec<usize> =
            request.group_by.iter().map(|name| find("group_by", name)).collect::<Result<_, _>>()?;
        let named = !request.values.is_empty();
        let indices: Vec<usize> = if named {
            let find = |name| find("values", name);
            request.values.iter().map(find).collect::<Result<_, _>>()?
        } else {
            (0..header.len()).filter(|index| !group_by.contains(index)).collect()
        };
        let column = |index| Column { index, named, faults: Lines::default() };
        Ok(Grouping {
            total: Group::new(Vec::new(), indices.len()),
            group_by,
            columns: indices.into_iter().map(column).collect(),
            groups: Vec::new(),
            index: HashMap::new(),
            uneven: Lines::default(),
        })
    }

    fn add(&mut self, row: &ByteRecord, width: usize) -> Result<(), String> {
        if row.len() != width {
            self.uneven.push(row);
        }
        let group = self.group(row)?;
        let group = &mut self.groups[group];
        group.rows += 1;
        self.total.rows += 1;
        for (position, column) in self.columns.iter_mut().enumerate() {
            if !column.named && column.faults.count > 0 {
                continue;
            }
            let cell = row.get(column.index).unwrap_or_default().trim_ascii();
            if cell.is_empty() {
                continue;
            }
            match std::str::from_utf8(cell).ok().and_then(Number::parse) {
                Some(number) => {
                    group.summaries[position].add(number);
                    self.total.summaries[position].add(number);
                }
                None => column.faults.push(row),
            }
        }
        Ok(())
    }

    /// The group of a row, made if it is the first of it.
    fn group(&mut self, row: &ByteRecord) -> Result<usize, String> {
        let cells = || {
            let cell = |&index| row.get(index).unwrap_or_default().trim_ascii();
            self.group_by.iter().map(cell)
        };
        let mut key = Vec::new();
        for cell in cells() {
            if cell.len() > MAX_KEY {
                let line = row.position().map_or(0, |position| position.line());
                return Err(format!(
                    "group_by: line {line} has a value of {} bytes; group by a column with short values",
                    cell.len()
                ));
            }
            key.extend_from_slice(&(cell.len() as u32).to_le_bytes());
            key.extend_from_slice(cell);
        }
        if let Some(&group) = self.index.get(&key) {
            return Ok(group);
        }
        let most = MAX_GROUPS.min(MAX_CELLS / self.columns.len().max(1));
        if self.groups.len() == most {
            return Err(format!(
                "group_by: there are more than {most} groups; choose columns with fewer \
                 different values, or name fewer `values`"
            ));
        }
        let names = cells().map(text).collect();
        self.index.insert(key, self.groups.len());
        self.groups.push(Group::new(names, self.columns.len()));
        Ok(self.groups.len() - 1)
    }

    /// Drops the columns that turned out to hold no numbers.
    fn finish(mut self, header: &[String]) -> Table {
        let kept: Vec<bool> = (self.columns.iter().zip(&self.total.summaries))
            .map(|(column, summary)| column.named || (column.faults.count == 0 && summary.count() > 0))
            .collect();
        for group in self.groups.iter_mut().chain([&mut self.total]) {
            let mut kept = kept.iter();
            group.summaries.retain(|_| kept.next().is_some_and(|&kept| kept));
        }
        let mut warnings = Vec::new();
        if self.uneven.count > 0 {
            warnings.push(format!(
                "{} rows have more or fewer cells than the header ({}); missing cells count as empty",
                self.uneven.count,
                self.uneven.name()
            ));
        }
        for column in self.columns.iter().filter(|column| column.named && column.faults.count > 0) {
            warnings.push(format!(
                "{} cells of {:?} are no numbers and were left out ({})",
                column.faults.count,
                header[column.index],
                column.faults.name()
            ));
        }
        let columns = self.columns.iter().zip(kept).filter(|(_, kept)| *kept);
        Table {
            values: columns.map(|(column, _)| header[column.index].clone()).collect(),
            groups: self.groups,
            total: self.total,
            warnings,
        }
    }
}

/// The columns of a file, for a message.
fn listed(header: &[String]) -> String {
    /// More names help nobody.
    const MAX_COLUMNS: usize = 40;
    let mut names: Vec<_> = header.iter().take(MAX_COLUMNS).map(|name| format!("{name:?}")).collect();
    if header.len() > MAX_COLUMNS {
        names.push("…".to_owned());
    }
    names.join(", ")
}

impl Table {
    /// Sorts the groups by their keys, or by a column or `count`, largest first.
    pub fn sort(&mut self, by: Option<&str>) -> Result<(), String> {
        self.groups.sort_by(|a, b| a.key.cmp(&b.key));
        let Some(by) = by else { return Ok(()) };
        if let Some(column) = self.values.iter().position(|name| name == by) {
            let sum = |group: &Group| group.summaries[column].sum();
            self.groups.sort_by(|a, b| sum(b).total_cmp(&sum(a)));
        } else if by == "count" {
            self.groups.sort_by_key(|group| std::cmp::Reverse(group.rows));
        } else {
            return Err(format!(
                "sort_by: {by:?} is neither `count` nor a summarised column: {}",
                listed(&self.values)
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn table(csv: &str, group_by: &[&str], values: &[&str]) -> Result<Table, String> {
        let (group_by, values) = (owned(group_by), owned(values));
        let request = Request { group_by: &group_by, values: &values, delimiter: b',' };
        let mut table = read(csv.as_bytes(), &request)?;
        table.sort(None)?;
        Ok(table)
    }

    fn sums(table: &Table) -> Vec<(String, u64, f64)> {
        let row = |group: &Group| (group.key.join("/"), group.rows, group.summaries[0].sum());
        table.groups.iter().map(row).collect()
    }

    const SALES: &str = "\u{feff}region, item ,price\r\n\
        north,tea,1.10\r\n\
        \"south\",\"cake, large\",2.20\r\n\
        north ,cake,0.30\r\n";

    #[test]
    fn rows_are_grouped_and_summed() {
        let table = table(SALES, &["region"], &["price"]).unwrap();
        assert_eq!(sums(&table), [("north".into(), 2, 1.4), ("south".into(), 1, 2.2)]);
        assert_eq!((table.total.rows, table.total.summaries[0].sum()), (3, 3.6));
        assert!(table.warnings.is_empty());
    }

    #[test]
    fn no_group_means_one_group_and_no_values_mean_the_numeric_columns() {
        let table = table(SALES, &[], &[]).unwrap();
        assert_eq!(table.values, ["price"]);
        assert_eq!(sums(&table), [(String::new(), 3, 3.6)]);
    }

    #[test]
    fn cells_cannot_be_mistaken_for_each_other() {
        let table = table("a,b\nx,yz\nxy,z\n", &["a", "b"], &[]).unwrap();
        assert_eq!(table.groups.len(), 2);
    }

    #[test]
    fn what_is_no_number_is_left_out_and_its_line_named() {
        let csv = "k,v\na,1\na,n/a\na,\na,2\n";
        let table = table(csv, &["k"], &["v"]).unwrap();
        assert_eq!(sums(&table), [("a".into(), 4, 3.0)]);
        assert_eq!(table.groups[0].summaries[0].count(), 2);
        assert_eq!(table.warnings, ["1 cells of \"v\" are no numbers and were left out (line 3)"]);
    }

    #[test]
    fn a_short_row_is_kept_and_told() {
        let table = table("k,v\na,1\nb\n", &["k"], &["v"]).unwrap();
        assert_eq!(sums(&table), [("a".into(), 1, 1.0), ("b".into(), 1, 0.0)]);
        assert!(table.warnings[0].contains("(line 3)"), "{:?}", table.warnings);
    }

    #[test]
    fn an_unknown_column_is_answered_with_those_there_are() {
        let error = table(SALES, &["city"], &[]).unwrap_err();
        assert_eq!(error, "group_by: there is no column \"city\"; there are \"region\", \"item\", \"price\"");
        assert!(table(SALES, &[], &["x"]).unwrap_err().starts_with("values: "));
        assert!(table("", &[], &[]).unwrap_err().contains("empty"));
    }

    #[test]
    fn groups_are_sorted_by_a_sum_or_by_their_size() {
        let mut table = table(SALES, &["region"], &["price"]).unwrap();
        table.sort(Some("price")).unwrap();
        assert_eq!(table.groups[0].key, ["south"]);
        table.sort(Some("count")).unwrap();
        assert_eq!(table.groups[0].key, ["north"]);
        assert!(table.sort(Some("item")).unwrap_err().starts_with("sort_by: "));
    }

    #[test]
    fn more_groups_than_anybody_reads_are_refused() {
        let rows = |count: usize| {
            let row = |n| format!("{n},1\n");
            format!("id,v\n{}", (0..count).map(row).collect::<String>())
        };
        assert_eq!(table(&rows(MAX_GROUPS), &["id"], &[]).unwrap().groups.len(), MAX_GROUPS);
        let error = table(&rows(MAX_GROUPS + 1), &["id"], &[]).unwrap_err();
        assert!(error.starts_with("group_by: there are more than 10000 groups"), "{error}");
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_does_not_fill_the_memory() {
        let csv = format!("k,v\n\"{}", "x".repeat(3 * MAX_ROW));
        let error = table(&csv, &["k"], &[]).unwrap_err();
        assert!(error.contains("a row is longer than 4 MiB"), "{error}");
    }
}
