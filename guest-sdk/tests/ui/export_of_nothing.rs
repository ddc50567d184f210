mpp_guest::export!();

fn main() {}
