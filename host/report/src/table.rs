//! # CSV
//!
//! One line for each call, each denial and each other record, under a line of
//! names (RFC 4180: commas, CRLF, quotes doubled).
//!
//! A spreadsheet takes a cell for a formula that begins with `=`, `+`, `-` or `@`,
//! and a formula can send the sheet away. So a text that begins so, also after
//! white space or in the wide forms of these characters, or that begins with a
//! tab, a line end or `'`, gets a `'` in front. A program that wants the text back
//! takes one leading `'` off; no other text begins with one.
//!
//! `seq` and `leaf` are the record's number and leaf hash, of a call those of its
//! intent; `end_seq` and `end_leaf` are those of the record that ended it. `action`
//! is `execute_tool`, the permission that was denied, or the word of the record;
//! `subject` what it was done to. The last columns are there with payloads only.

mod cell;
mod row;

use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use crate::payload::Payloads;
use mpp_audit::view::Item;
use row::Row;

/// Writes the names of the columns.
pub(crate) fn write_header(payloads: Payloads, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = writer(out);
    writer.write_record(Row::default().cells(payloads).map(|(name, _)| name))?;
    writer.flush()
}

/// Writes one item, each of its lines with a line end.
pub(crate) fn write(payloads: Payloads, item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = writer(out);
    for row in row::rows(item, payloads) {
        writer.write_record(row.cells(payloads).map(|(_, cell)| cell::defused(&cell).into_owned()))?;
    }
    writer.flush()
}

fn writer(out: &mut dyn Write) -> Writer<&mut dyn Write> {
    WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::NonNumeric).from_writer(out)
}
