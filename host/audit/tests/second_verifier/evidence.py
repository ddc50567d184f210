"""Keys, checkpoints, tiles and offsets: sections Tree, Key and Checkpoint of FORMAT.md."""
import base64, re

from ed25519 import ed25519
from lines import Bad, check
from tree import Tree, included, leaf, sha256

def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "another spelling of base64")
    return raw

class Evidence:
    """As far as the newest checkpoint goes. `why` says why there is none."""
    def __init__(self, dir, key):
        self.dir, self.signed, self.why = dir, 0, None
        self.tree, self.levels, self.epoch, self.last = Tree(), [[]], 0, None
        try: self.open(key)
        except (Bad, ValueError, LookupError, OSError) as why: self.why = str(why)

    def open(self, key):
        self.name, id, material = key.split("+", 2)
        material, prefix = unbase64(material), b"\xffmpp-audit/epochs/v1\n"
        self.id = sha256(self.name.encode() + b"\n" + material)[:4]
        check(self.id.hex() == id and material.startswith(prefix) and len(material) == len(prefix) + 36, "key")
        self.epochs, self.keys_root = int.from_bytes(material[-36:-32], "big"), material[-32:]
        self.newest = (self.dir / "checkpoint").read_bytes()
        signed = self.note(self.newest)[0]
        keys = (self.dir / "epochs" / "keys").read_bytes()
        leaves = [leaf(keys[at:at + 32]) for at in range(0, len(keys), 32)]
        check(len(keys) == 32 * self.epochs and Tree(leaves).root() == self.keys_root, "epochs/keys")
        self.notes, self.ends = (self.dir / "checkpoints").read_bytes(), (self.dir / "offsets").read_bytes()
        self.next, self.signed = self.read_next(0, signed), signed

    def note(self, bytes):
        """Size, root and epoch of a checkpoint, and its bytes."""
        text, lines = bytes.decode().rsplit("\n\n", 1)
        origin, size, root = text.split("\n")
        check(origin == self.name and re.fullmatch("0|[1-9][0-9]*", size), "text of a checkpoint")
        check(lines.endswith("\n") and all(line.startswith("— ") for line in lines[:-1].split("\n")), "signatures")
        named = [line.split(" ") for line in lines[:-1].split("\n")]
        raw = [unbase64(line[2]) for line in named if line[1] == self.name]
        ours = [signature[4:] for signature in raw if signature[:4] == self.id]
        check(len(ours) == 1 and len(ours[0]) % 32 == 4, "one signature of this key is needed")
        epoch, key, path, signature = int.from_bytes(ours[0][:4], "big"), ours[0][4:36], ours[0][36:-64], ours[0][-64:]
        path = [path[at:at + 32] for at in range(0, len(path), 32)]
        check(epoch < self.epochs and included(path, epoch, self.epochs, leaf(key)) == self.keys_root, "epoch key")
        ed25519(key, (text + "\n").encode(), signature)
        return int(size), unbase64(root), epoch, bytes

    def read_next(self, after, signed):
        """The checkpoint that comes after one of so many records."""
        if after >= signed: return None
        text = re.match(b"(?:(?!\xe2\x80\x94 )[^\n]*\n)+(?:\xe2\x80\x94 [^\n]*\n)+", self.notes)
        check(text, "checkpoints", after)
        self.notes = self.notes[text.end():]
        try: note = self.note(text[0])
        except (Bad, ValueError, LookupError) as why: raise Bad(f"checkpoints: {why}", after)
        check(after < note[0] <= signed, "checkpoints", after)
        return note

    def record(self, seq, hash, epoch, end):
        if self.why or seq >= self.signed: return
        if epoch != self.epoch:
            closed = self.dir / "epochs" / str(self.epoch)
            holds = self.last and self.last[0] == seq and closed.exists() and closed.read_bytes() == self.last[3]
            check(holds, "epoch is not closed", seq - 1)
        check(self.ends[8 * seq:8 * seq + 8] == end.to_bytes(8, "big"), "offset")
        self.epoch = epoch
        self.tree.append(hash)
        self.levels[0].append(hash)
        at = 0
        while (seq + 1) % 256 ** (at + 1) == 0:  # A full tile makes one hash of the level above.
            if at + 1 == len(self.levels): self.levels.append([])
            self.levels[at + 1].append(Tree(self.levels[at][-256:]).root())
            self.tile(at)
            at += 1
        if self.next and self.next[0] == seq + 1:
            check(self.next[1:3] == (self.tree.root(), epoch), "checkpoint")
            self.last, self.next = self.next, self.read_next(seq + 1, self.signed)
        if seq + 1 == self.signed:
            check(self.last and self.last[3] == self.newest, "checkpoint is not among all")
            for level, hashes in enumerate(self.levels):
                if len(hashes) % 256: self.tile(level)

    def tile(self, level):
        """Compares the last tile of a level with its file."""
        hashes = self.levels[level]
        index, width = divmod(len(hashes) - 1, 256)
        digits = str(index).rjust(-(-len(str(index)) // 3) * 3, "0")
        groups = re.findall("...", digits)
        name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + ("" if width == 255 else f".p/{width + 1}")
        path = self.dir / "tile" / str(level) / name
        found = path.read_bytes() if path.exists() else b""
        for place, hash in enumerate(hashes[256 * index:]):
            check(found[32 * place:32 * place + 32] == hash, f"tile {level}/{name}", 256 * index + place << 8 * level)
        check(len(found) == 32 * (width + 1), f"tile {level}/{name}", 256 * index + width + 1 << 8 * level)
