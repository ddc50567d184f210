#!/usr/bin/env python3
"""A second verifier of audit logs, written from the front page of mpp-audit alone. Needs nothing but Python.
Usage: second_verifier.py DIRECTORY [KEY]. Prints `ok RECORDS SIGNED ROOT` or `bad: WHY` (exit status 1).
Bodies of records and payload files are not read."""
import base64, hashlib, json, pathlib, re, sys

class Bad(Exception): pass
def check(holds, why):
    if not holds: raise Bad(why)
def read(*path): return pathlib.Path(*path).read_bytes()
def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "another spelling of base64")
    return raw
def unique(pairs):
    check(len({key for key, _ in pairs}) == len(pairs), "a key twice")
    return dict(pairs)

# Ed25519 (RFC 8032, section 6), verifying only.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, I = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
def point(b):
    sign, y = divmod(int.from_bytes(b, "little"), 1 << 255)
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    x = x if x * x % P == xx else x * I % P
    check(y < P and x * x % P == xx and (x or not sign), "not a point")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P
def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        q, p, n = add(q, p) if n & 1 else q, add(p, p), n >> 1
    return q
def same(p, q): return (p[0] * q[2] - q[0] * p[2]) % P == 0 == (p[1] * q[2] - q[1] * p[2]) % P
BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def ed25519(key, message, signature):
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    a, zero = point(key), (0, 1, 1, 0)
    check(s < L and not same(times(8, a), zero) and not same(times(8, r), zero), "weak signature")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    check(same(times(s, BASE), add(r, times(k, a))), "signature is not by that key")

# The tree (RFC 6962, section 2).
def sha256(b): return hashlib.sha256(b).digest()
def leaf(b): return sha256(b"\0" + b)
def inner(a, b): return sha256(b"\1" + a + b)
class Tree:  # Grows leaf by leaf, and keeps one hash for each bit of its size.
    def __init__(self, leaves=()):
        self.size, self.peaks = 0, []
        for hash in leaves: self.append(hash)
    def append(self, hash):
        bit = self.size
        while bit & 1: hash, bit = inner(self.peaks.pop(), hash), bit >> 1
        self.peaks.append(hash)
        self.size += 1
    def root(self):
        if not self.peaks: return sha256(b"")
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]): root = inner(peak, root)
        return root
def included(path, index, size, hash):
    """The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2)."""
    fn, sn = index, size - 1
    for sibling in path:
        check(sn > 0, "proof too long")
        if fn & 1 or fn == sn:
            hash = inner(sibling, hash)
            while fn and not fn & 1: fn, sn = fn >> 1, sn >> 1
        else: hash = inner(hash, sibling)
        fn, sn = fn >> 1, sn >> 1
    check(sn == 0, "proof too short")
    return hash
class Log:
    def __init__(self, directory, key):
        self.dir, lines = directory, read(directory, "log.jsonl").split(b"\n")
        check(lines.pop() == b"" and lines, "the last line is torn")
        self.key = key or json.loads(lines[0])["body"]["key"]
        self.name, id, material = self.key.split("+", 2)
        material, prefix = unbase64(material), b"\xffmpp-audit/epochs/v1\n"
        self.id = sha256(self.name.encode() + b"\n" + material)[:4]
        check(self.id.hex() == id and material.startswith(prefix) and len(material) == len(prefix) + 36, "key")
        self.epochs, self.keys_root = int.from_bytes(material[-36:-32], "big"), material[-32:]
        keys = read(directory, "epochs", "keys")
        leaves = [leaf(keys[at:at + 32]) for at in range(0, len(keys), 32)]
        check(len(keys) == 32 * self.epochs and Tree(leaves).root() == self.keys_root, "epochs/keys")
        self.verify(lines)
    def note(self, bytes):
        """Size, root and epoch of a checkpoint."""
        text, lines = bytes.decode().rsplit("\n\n", 1)
        origin, size, root = text.split("\n")
        check(origin == self.name and re.fullmatch("0|[1-9][0-9]*", size), "checkpoint text")
        check(lines.endswith("\n") and all(line.startswith("— ") for line in lines[:-1].split("\n")), "lines")
        named = [line.split(" ") for line in lines[:-1].split("\n")]
        raw = [unbase64(line[2]) for line in named if line[1] == self.name]
        ours = [signature[4:] for signature in raw if signature[:4] == self.id]
        check(len(ours) == 1 and len(ours[0]) % 32 == 4, "one signature of this key is needed")
        epoch, key, path, signature = int.from_bytes(ours[0][:4], "big"), ours[0][4:36], ours[0][36:-64], ours[0][-64:]
        path = [path[at:at + 32] for at in range(0, len(path), 32)]
        check(epoch < self.epochs and included(path, epoch, self.epochs, leaf(key)) == self.keys_root, "epoch key")
        ed25519(key, (text + "\n").encode(), signature)
        return int(size), unbase64(root), epoch
    def verify(self, lines):
        newest = read(self.dir, "checkpoint")
        signed, root, _ = self.note(newest)
        check(signed <= len(lines), "cut off before the newest checkpoint")
        all = read(self.dir, "checkpoints")
        place = all.rfind(newest)
        check(place >= 0, "the newest checkpoint is not among all")
        notes = {}
        for text in re.findall(b"(?:(?!\xe2\x80\x94 )[^\n]*\n)+(?:\xe2\x80\x94 [^\n]*\n)+", all[:place + len(newest)]):
            size, note_root, epoch = self.note(text)
            check(not notes or size > max(notes), "checkpoints out of order")
            notes[size] = (note_root, epoch, text)
        check(b"".join(text for _, _, text in notes.values()) == all[:place + len(newest)], "checkpoints")
        ends, tree, levels, prev, epoch, end = read(self.dir, "offsets"), Tree(), [[]], "0" * 64, 0, 0
        for seq, line in enumerate(lines):
            record, end = json.loads(line.decode(), object_pairs_hook=unique), end + len(line) + 1
            check(set(record) == {"v", "seq", "epoch", "prev", "ts", "kind", "body"} and len(line) <= 65535, "keys")
            check((record["v"], record["seq"], record["prev"]) == (2, seq, prev), f"record {seq} is out of place")
            check((record["kind"] == "header") == (seq == 0), f"header at {seq}")
            check(record["epoch"] in ((epoch, epoch + 1) if seq else (0,)), f"epoch of {seq}")
            if record["epoch"] != epoch and seq < signed:
                check(seq in notes and read(self.dir, "epochs", str(epoch)) == notes[seq][2], "epoch is not closed")
            epoch, hash, prev = record["epoch"], leaf(line), leaf(line).hex()
            if seq >= signed: continue
            tree.append(hash)
            check(ends[8 * seq:8 * seq + 8] == end.to_bytes(8, "big"), f"offset of {seq}")
            check(seq + 1 not in notes or notes[seq + 1][:2] == (tree.root(), epoch), f"checkpoint at {seq + 1}")
            levels[0].append(hash)
            for at in range(8):  # A full tile makes one hash of the level above.
                if at < len(levels) and len(levels[at]) % 256 == 0 and (seq + 1) % 256 ** (at + 1) == 0:
                    if at + 1 == len(levels): levels.append([])
                    levels[at + 1].append(Tree(levels[at][-256:]).root())
        for level, hashes in enumerate(levels):
            for first in range(0, len(hashes), 256):
                groups = re.findall("...", str(first // 256).rjust(-(-len(str(first // 256)) // 3) * 3, "0"))
                name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
                these = hashes[first:first + 256]
                name += "" if len(these) == 256 else f".p/{len(these)}"
                check(read(self.dir, "tile", str(level), name) == b"".join(these), f"tile/{level}/{name}")
        self.summary = f"{len(lines)} {signed} {root.hex()}"
if __name__ == "__main__":
    try: print("ok", Log(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None).summary)
    except (Bad, ValueError, LookupError, TypeError, OSError) as why: sys.exit(print("bad:", why) or 1)
