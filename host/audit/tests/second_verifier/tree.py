"""The tree of hashes (RFC 6962, section 2)."""
import hashlib

from lines import check

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
