"""The payloads beside the records: section Payloads of FORMAT.md."""
import hmac, struct

from lines import FIELDS, check

class Packs:
    def __init__(self, dir): self.dir, self.number, self.entries, self.next = dir / "payloads", -1, iter(()), None
    def walk(self, number):
        path = self.dir / str(number)
        data = path.read_bytes() if path.exists() else b""
        at, last = 0, (0, 0)
        while at < len(data):
            check(len(data) - at >= 50, "torn")
            seq, field, state, length, salt = struct.unpack(">QBBQ32s", data[at:at + 50])
            check(1 <= field <= 10 and state <= 2 and length <= 2**30 and (state != 2 or not length), "entry")
            check(state or salt == bytes(32), "not erased")
            check(at + 50 + length <= len(data), "torn")
            check(seq >> 16 == number and (seq, field) > last, "entry out of order")
            last, at = (seq, field), at + 50 + length
            yield last, state, salt, data[at - length:at]
    def skip(self, to):
        """The next entry from a place on, and whether there were others before it."""
        unbound = None
        while True:
            self.next = self.next or next(self.entries, None)
            if not self.next or self.next[0] >= to: return unbound
            unbound, self.next = unbound or self.next[0], None
    def go(self, number):
        self.number, self.entries, self.next = number, self.walk(number), None
    def check(self, seq, field, bound):
        """What is there of a payload: `kept`, `erased`, `missing` or `changed`."""
        unbound = None
        while self.number < seq >> 16:
            unbound = unbound or self.skip((2**64, 0))
            self.go(self.number + 1)
        unbound = unbound or self.skip((seq, field))
        check(not unbound, "an entry that no record binds", unbound and unbound[0])
        if not self.next or self.next[0] != (seq, field): return "missing"
        (_, state, salt, payload), self.next = self.next, None
        expected = (2, 0) if bound["kept"] == "commitment" else (1, bound["bytes"])
        if len(payload) != expected[1] or state not in (0, expected[0]): return "changed"
        check(state or not any(payload), "not erased")
        message = FIELDS[field - 1].encode() + b"\0" + payload
        mac = hmac.new(salt, message, "sha256").hexdigest()
        return "erased" if state == 0 else "kept" if state == 2 or mac == bound["commit"] else "changed"
