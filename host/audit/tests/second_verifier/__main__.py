#!/usr/bin/env python3
"""A second verifier of audit logs, written from FORMAT.md alone. Needs nothing but Python.

Usage: python3 second_verifier DIRECTORY...
Prints `ok RECORDS SIGNED ROOT` or `bad RECORD: WHY` for each (exit status 1 if one is bad)."""
import pathlib, re, sys

from evidence import Evidence
from lines import BODIES, FIELDS, SUBJECTS, Bad, check, parse, payloads
from packs import Packs
from tree import leaf

ZERO = "0" * 64

class Verifier:
    def __init__(self, dir):
        self.dir, self.seq, self.prev, self.epoch, self.end = dir, 0, ZERO, 0, 0
        self.bound, self.call, self.open = {}, {}, {}  # What records bind, whose they are, and which calls are open.
        self.gone, self.held, self.since, self.packs = {}, set(), None, Packs(dir)

    def verify(self):
        lines = (self.dir / "log.jsonl").read_bytes().split(b"\n")
        torn = lines.pop()
        check(lines, "no header")
        named = self.place(lines, 0)["body"]["key"]
        evidence, size, listed = Evidence(self.dir, named), None, None
        if (self.dir / "open").exists(): size, listed = self.list((self.dir / "open").read_bytes())
        for seq, line in enumerate(lines):
            self.seq, self.prev = seq, self.prev if seq else ZERO
            self.record(self.place(lines, seq))
            due = size is not None and (seq + 1 == size or seq + 1 == evidence.signed > size)
            check(not due or sorted(self.open) == listed, "other calls are open")
            self.end += len(line) + 1
            evidence.record(seq, leaf(line), self.epoch, self.end)
            self.prev = leaf(line).hex()
        self.seq = len(lines)
        check(not torn, "the last line is torn")
        check(not evidence.why, evidence.why, 0)
        check(evidence.signed <= len(lines), "cut off before the newest checkpoint")
        check(size is not None and size <= len(lines), "open")
        self.end_of_packs()
        for (seq, field), found in sorted(self.gone.items()): raise Bad(f"{FIELDS[field - 1]} is {found}", seq)
        return f"{len(lines)} {evidence.signed} {evidence.tree.root().hex()}"

    def list(self, text):
        """After how many records which calls were open; None if it says nothing."""
        number = b"(0|[1-9][0-9]{0,18})"
        if not re.fullmatch(number + b"( %b %b)?\n(%b\n)*" % (number, number, number), text): return None, None
        (size, *_), *calls = [[int(number) for number in line.split()] for line in text.splitlines()]
        calls = [call for call, in calls]
        good = calls == sorted(set(calls)) and all(call < size for call in calls)
        return (size, calls) if good else (None, None)

    def place(self, lines, seq):
        """The record that a line is, if it is in its place."""
        record = parse(lines[seq])
        check(record["seq"] == seq, "out of place")
        if record["prev"] != self.prev:
            try: vouched = seq and parse(lines[seq + 1])["prev"] == leaf(lines[seq]).hex()
            except (Bad, ValueError, LookupError): vouched = False
            raise Bad("changed" if vouched else "not chained", seq - 1 if vouched else seq)
        check((record["kind"] == "header") == (seq == 0), "header")
        check(record["epoch"] in ((self.epoch, self.epoch + 1) if seq else (0,)) and record["epoch"] < 2**32, "epoch")
        self.epoch = record["epoch"]
        check(record["kind"] in BODIES, "unknown kind")
        BODIES[record["kind"]](record["body"])
        return record

    def record(self, record):
        seq, kind, body = self.seq, record["kind"], record["body"]
        if kind == "header": check(body["key"].startswith(f"mpp-audit/{body['log']}+"), "the key of another log")
        elif kind == "trust-change":
            check(body["action"] in SUBJECTS[next(iter(body["subject"]))], "another subject")
            check(body["publisher"] is not None or body["action"] == "set-policy", "no publisher")
        elif kind == "intent": self.open[seq] = body["id"]
        elif kind in ("denial", "outcome", "recovered"):
            check(self.open.get(body["intent"]) == body["id"], "no such call is open")
            if kind != "denial": del self.open[body["intent"]]
        elif kind in ("erasure", "lost"): self.explain(kind, body)
        elif kind == "retention":
            check(body["before"] <= seq, "retention of what is to come")
            spared = [at for at in self.gone if at[0] >= body["before"] or {None, self.call.get(at[0])} & self.held]
            self.gone = {at: self.gone[at] for at in (self.gone if None in self.held else spared)}
        elif kind == "hold": (self.held.add if body["action"] == "place" else self.held.discard)(body["id"])
        if kind in ("intent", "denial", "outcome"): self.call[seq] = body["id"]
        for field, bound in payloads(kind, body):
            self.bound[seq, field] = bound["commit"]
            try: found = self.packs.check(seq, field, bound)
            except Bad as why: raise Bad(why.args[0], min(self.since or seq, *why.args[1:] or [seq]))
            if found in ("kept", "erased"): self.since = None
            if found == "missing": self.since = self.since or seq
            if found != "kept": self.gone[seq, field] = found

    def explain(self, kind, body):
        at = body["record"], FIELDS.index(body["field"]) + 1
        check(at in self.bound, "no such payload")
        if kind == "erasure":
            check(self.bound[at] == body["commit"] and self.call.get(at[0], "") == body["id"], "no such payload")
            check(not {None, body["id"]} & self.held, "under a hold")
        self.gone.pop(at, None)

    def end_of_packs(self):
        """What comes after the last record was left by a writer that was at work."""
        numbers = sorted(int(path.name) for path in self.dir.glob("payloads/*") if re.fullmatch("0|[1-9][0-9]*", path.name))
        unbound = None
        try:
            for number in numbers:
                if number < self.packs.number: continue
                if number > self.packs.number: self.packs.go(number)
                unbound = unbound or self.packs.skip((self.seq, 0))
                if self.packs.next: break
        except Bad as why:
            check(why.args[0] == "torn", why.args[0], min(self.seq - 1, self.since or self.seq))
        check(not unbound, "an entry that no record binds", unbound and min(unbound[0], self.since or unbound[0]))

def verdict(dir):
    verifier = Verifier(pathlib.Path(dir))
    try: return "ok " + verifier.verify()
    except (Bad, ValueError, LookupError, TypeError, OSError, RecursionError) as why:
        seq = why.args[1] if isinstance(why, Bad) and len(why.args) > 1 else verifier.seq
        return f"bad {seq}: " + " ".join(str(why.args[0]).split())

if __name__ == "__main__":
    verdicts = [verdict(dir) for dir in sys.argv[1:]]
    print(*verdicts, sep="\n")
    sys.exit(any(verdict.startswith("bad") for verdict in verdicts))
