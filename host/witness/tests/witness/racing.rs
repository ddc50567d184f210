//! Requests at the same time.

use std::sync::Barrier;
use std::thread;

use crate::support::{Served, request};

/// Both from the same old size. Whichever is first, the other is told the size
/// that is known by then, and nothing is ever rolled back.
#[test]
fn l8_of_two_requests_at_once_one_is_cosigned_and_the_other_is_told() {
    let home = tempfile::tempdir().expect("a directory");
    let served = Served::new(home.path());
    let mut known = 0;
    for round in 0..20 {
        // Both orders of sending, in turn.
        let sizes = if round % 2 == 0 { [known + 1, known + 3] } else { [known + 3, known + 1] };
        let start = Barrier::new(2);
        let replies = thread::scope(|scope| {
            let ask = |size| {
                let (served, start) = (&served, &start);
                scope.spawn(move || {
                    let body = request(known, size);
                    start.wait();
                    (size, served.post(body))
                })
            };
            sizes.map(ask).map(|thread| thread.join().expect("it is answered"))
        });
        let signed: Vec<u64> =
            replies.iter().filter(|(_, reply)| reply.status == 200).map(|(size, _)| *size).collect();
        let [won] = signed[..] else { panic!("{replies:?}") };
        let lost = replies.iter().find(|(size, _)| *size != won).expect("there are two");
        assert_eq!((lost.1.status, lost.1.body.as_str()), (409, format!("{won}\n").as_str()));
        known = won;
    }
    drop(served);
    let again = Served::again(home.path());
    assert_eq!(again.post(request(0, known)).body, format!("{known}\n"));
}
