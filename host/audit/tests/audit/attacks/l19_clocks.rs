//! L19: the clock jumps.

use std::time::{Duration, SystemTime};

use mpp_audit::{Log, Settings};

use super::verified;
use crate::support::{home, pinned, quiet};

#[test]
fn l19_whatever_the_clock_does_the_order_stays() {
    let home = home();
    // 2106, 1969, a leap second, the end of summer time, the year 10000.
    for seconds in [1 << 32, -1, 1_483_228_800, 1_792_976_400, 260_000_000_000_i64, 5] {
        let offset = Duration::from_secs(seconds.unsigned_abs());
        let now = if seconds < 0 { SystemTime::UNIX_EPOCH - offset } else { SystemTime::UNIX_EPOCH + offset };
        let settings = Settings { epochs: 3, epoch_lasts: Duration::from_secs(86_400), ..quiet() };
        let log = Log::open_with(home.path(), move || now, settings).expect("the log opens");
        log.append(&pinned("com.example")).expect("the event is recorded");
        log.append(&pinned("com.example")).expect("the event is recorded");
    }
    let verified = verified(home.path()).expect("it holds");
    assert_eq!(verified.summary.records, 13);
    assert!(verified.epochs <= 3);
}
