use proptest::prelude::*;

use super::*;

fn head() -> impl Strategy<Value = Head> {
    let of = (any::<u64>(), prop::sample::select(Field::ALL.to_vec()));
    let of = of.prop_map(|(seq, field)| PayloadRef { seq, field });
    let kept =
        (0..=MAX_PAYLOAD_BYTES, any::<[u8; 32]>()).prop_map(|(length, salt)| (State::Kept, length, salt));
    let salt_only = any::<[u8; 32]>().prop_map(|salt| (State::SaltOnly, 0, salt));
    let erased = (0..=MAX_PAYLOAD_BYTES).prop_map(|length| (State::Erased, length, [0; 32]));
    (of, prop_oneof![kept, salt_only, erased]).prop_map(|(of, (state, length, salt))| Head {
        of,
        state,
        length,
        salt: Salt::from_bytes(salt),
    })
}

/// Bytes that are mostly almost a head.
fn bytes() -> impl Strategy<Value = [u8; HEAD_BYTES]> {
    let near = (head(), 0..HEAD_BYTES, any::<u8>()).prop_map(|(head, at, byte)| {
        let mut bytes = head.encode();
        bytes[at] = byte;
        bytes
    });
    prop_oneof![
        near,
        prop::array::uniform32(any::<u8>()).prop_map(|salt| {
            let mut bytes = [0; HEAD_BYTES];
            bytes[SALT..].copy_from_slice(&salt);
            bytes
        })
    ]
}

proptest! {
    #[test]
    fn a_head_reads_back_as_it_was(head in head()) {
        prop_assert_eq!(Head::decode(&head.encode()), Ok(head));
    }

    #[test]
    fn a_head_has_one_spelling(bytes in bytes()) {
        if let Ok(head) = Head::decode(&bytes) {
            prop_assert_eq!(head.encode(), bytes);
        }
    }
}

fn kept() -> [u8; HEAD_BYTES] {
    let of = PayloadRef { seq: 7, field: Field::Output };
    Head { of, state: State::Kept, length: 3, salt: Salt::from_bytes([9; 32]) }.encode()
}

fn with(at: usize, byte: u8) -> [u8; HEAD_BYTES] {
    let mut bytes = kept();
    bytes[at] = byte;
    bytes
}

#[test]
fn a_head_is_laid_out_as_the_format_says() {
    let mut expected = vec![0, 0, 0, 0, 0, 0, 0, 7, 2, 1, 0, 0, 0, 0, 0, 0, 0, 3];
    expected.extend([9; 32]);
    assert_eq!(kept().to_vec(), expected);
}

#[test]
fn what_no_writer_writes_is_refused() {
    assert_eq!(Head::decode(&with(FIELD, 0)), Err(EntryFault::Field { found: 0 }));
    assert_eq!(Head::decode(&with(FIELD, 11)), Err(EntryFault::Field { found: 11 }));
    assert_eq!(Head::decode(&with(STATE, 3)), Err(EntryFault::State { found: 3 }));
    assert_eq!(Head::decode(&with(STATE, 2)), Err(EntryFault::PayloadBesideSalt { found: 3 }));
    assert_eq!(Head::decode(&with(STATE, 0)), Err(EntryFault::NotErased));
}

#[test]
fn a_payload_may_be_as_long_as_a_reader_takes_and_no_longer() {
    assert_eq!(keepable(MAX_PAYLOAD_BYTES), Ok(()));
    let bytes = MAX_PAYLOAD_BYTES + 1;
    assert_eq!(keepable(bytes), Err(Unkeepable::TooLong { bytes }));
    assert_eq!(Head::decode(&with(LENGTH + 4, 0x40)), Err(EntryFault::TooLong { found: bytes + 2 }));
}
