/// Counts words.
#[mpp_guest::tool]
struct WordCount;

fn main() {}
