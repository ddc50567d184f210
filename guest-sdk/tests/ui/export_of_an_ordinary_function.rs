fn word_count() -> String {
    String::new()
}

mpp_guest::export!(word_count);

fn main() {}
