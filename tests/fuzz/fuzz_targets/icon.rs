//! A picture is an icon within the limits, whose source reads back as it, or is
//! refused; and a source has one spelling.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_package::{Icon, MAX_ICON_SIDE};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(icon) = Icon::new(bytes, None) {
        let size = icon.size();
        assert!((1..=MAX_ICON_SIDE).contains(&size.width) && (1..=MAX_ICON_SIDE).contains(&size.height));
        assert_eq!(Icon::parse(icon.src(), None), Ok(icon));
    }
    let Ok(src) = std::str::from_utf8(bytes) else { return };
    if let Ok(icon) = Icon::parse(src, None) {
        assert_eq!(icon.src(), src);
    }
});
