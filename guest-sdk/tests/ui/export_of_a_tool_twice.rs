/// Counts words.
#[mpp_guest::tool]
fn word_count() {}

mpp_guest::export!(word_count, word_count);

fn main() {}
