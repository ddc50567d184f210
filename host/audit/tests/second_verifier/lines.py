"""Lines, and what they may say: sections Lines, Record, Kinds and Values of FORMAT.md."""
import datetime, json, math, re

class Bad(Exception): """Why it is bad, and maybe which record; otherwise it is the one being read."""
def check(holds, *why):
    if not holds: raise Bad(*why)

def unique(pairs):
    check(len({key for key, _ in pairs}) == len(pairs), "a key twice")
    return dict(pairs)
def real(digits):
    check(math.isfinite(float(digits)), "no number")
    return float(digits)
def whole(digits): return int(digits) if digits != "-0" and len(digits) < 21 else real(digits)
def depth(value):
    if type(value) is dict: value = list(value.values())
    return 1 + max(map(depth, value), default=0) if type(value) is list else 0
def parse(line):
    said = line.decode()
    record = json.loads(said, object_pairs_hook=unique, parse_int=whole, parse_float=real, parse_constant=real)
    json.dumps(record, ensure_ascii=False).encode()  # fails at an unpaired surrogate
    check(len(line) <= 65535 and said[:1] + said[-1:] == "{}" and depth(record) <= 127, "no line")
    check(type(record.get("v")) is int and record["v"] == 2, "version")
    obj(v=number, seq=number, epoch=number, prev=digest, ts=time, kind=text, body=lambda _: True)(record)
    return record
def is_a(holds): return lambda value: check(holds(value), f"{value!r:.80}")
text, flag = is_a(lambda v: type(v) is str), is_a(lambda v: type(v) is bool)
number = is_a(lambda v: type(v) is int and 0 <= v < 2**64)
digest = is_a(lambda v: type(v) is str and re.fullmatch("[0-9a-f]{64}", v))
def opt(a): return lambda value: value is None or a(value)
def array(a): return is_a(lambda v: type(v) is list and [a(item) for item in v] is not None)
def one(*names): return is_a(lambda v: type(v) is str and v in names)
def obj(**keys): return is_a(lambda v: type(v) is dict and set(v) == set(keys) and [a(v[k]) for k, a in keys.items()] is not None)
def either(**keys): return is_a(lambda v: type(v) is dict and len(v) == 1 and [keys[k](v[k]) for k in v])
def time(value):
    check(type(value) is str and re.fullmatch(r"[0-9T:-]{19}\.[0-9]{9}Z", value) and value >= "1970", "no time")
    datetime.datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
    check("60" != value[17:19] != "61", "no second")
maybe = opt(text)
bound = obj(bytes=number, alg=one("hmac-sha256"), commit=digest, kept=one("whole", "redacted", "commitment"))
document = either(inline=lambda _: True, stored=bound)
evidence = obj(sequence=number, root_version=opt(number), index_version=opt(number), lapse=maybe)
package = obj(publisher=text, name=text, version=text, digest=text, envelope_digest=maybe, key_ids=array(text), trust=opt(evidence))
keep = lambda v: one("whole", "commitment")(v) if type(v) is str else obj(redacted=is_a(lambda v: array(pointer)(v) is None and len(v) <= 16))(v)
pointer = is_a(lambda v: type(v) is str and re.fullmatch("(/([^~/]|~[01])*)*", v, re.S) and quoted(v) <= 256)
def quoted(v): return len(json.dumps(v, ensure_ascii=False).encode())
FIELDS = ["input", "output", "log", "calls", "reason", "denial", "declared", "granted", "limits", "approved"]
SUBJECTS = {"key": ["pin", "unpin"], "root": ["pin-root", "unpin-root", "update-root"], "index": ["refresh-index"],
            "package": ["forget-sequence"], "policy": ["set-policy"]}
BODIES = {
    "header": obj(format=one("mpp-audit/2"), log=text, key=text, writer=text), "heartbeat": obj(),
    "intent": obj(id=text, package=package, tool=text, declared=document, granted=document, limits=document, input=bound,
        caller=obj(**dict.fromkeys("agent client session request trace".split(), maybe)), started=time, cut_bytes=number,
        durability=one("strict", "relaxed")),
    "denial": obj(intent=number, id=text, permission=text, code=text, denial=bound, cut_bytes=number),
    "outcome": obj(intent=number, id=text, output=opt(bound), log=opt(bound), log_dropped=number, ended=time, cut_bytes=number,
        calls=obj(root=digest, allowed=number, denied=number, unlisted=number, list=opt(bound)),
        usage=obj(fuel=opt(number), **dict.fromkeys(("wall_us peak_memory_bytes hostcalls input_bytes output_bytes log_bytes "
            "read_bytes written_bytes peak_open_files http_requests http_request_bytes http_response_bytes").split(), number)),
        outcome=obj(kind=one(*"ok tool-error denied refused trap limit timeout exit bad-output host-fault cancelled".split()),
            code=maybe, reason=opt(bound))),
    "recovered": obj(intent=number, id=text), "lost": obj(record=number, field=one(*FIELDS)),
    "torn": obj(cut_bytes=number, cut_sha256=digest, cut_payload_bytes=number),
    "settings": obj(durability=one("strict", "relaxed"), keeping=obj(**dict.fromkeys(FIELDS[:6], keep)),
        retention_days=opt(number), actor=maybe),
    "erasure": obj(record=number, id=text, field=one(*FIELDS), commit=digest, basis=text, actor=maybe),
    "retention": obj(before=number, basis=text, actor=maybe),
    "hold": obj(action=one("place", "lift"), id=maybe, basis=text, actor=maybe),
    "refusal": obj(presented=text, package=opt(package), verified=flag, agent=maybe, code=text, reason=text, cut_bytes=number,
        stage=one("package", "signature", "trust", "grant", "imports", "compile")),
    "cache": obj(package=package, entry=text,
        reason=one("unreadable", "too-large", "truncated", "not-authentic", "not-loadable")),
    "trust-change": obj(action=one(*sum(SUBJECTS.values(), [])), publisher=maybe, replaced_version=opt(number), actor=maybe,
        subject=either(key=obj(id=text), root=obj(version=number, digest=text), index=obj(version=number, digest=text),
            package=obj(name=text), policy=obj(max_index_age_s=opt(number), stale_index=text))),
    "policy-change": obj(action=one("install", "update", "approve", "remove"), package=package, declared=document,
        approved=document, answered=one("terminal", "flag", "unneeded"), actor=maybe)}
def payloads(kind, body):
    """What a record binds, in order: a list of field (as its byte) and bound."""
    if kind == "outcome": body = dict(body, calls=body["calls"]["list"], reason=body["outcome"]["reason"])
    elif kind not in ("intent", "denial", "policy-change"): return []
    found = ((FIELDS.index(field) + 1, body[field]) for field in FIELDS if body.get(field))
    return [(byte, value.get("stored", value)) for byte, value in found if "inline" not in value]
