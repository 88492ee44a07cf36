#!/usr/bin/env python3
"""Second verifier of the audit log, written from docs/audit-log.md: Python 3.8+, standard library only.

TARGET is a folder of a log (checkpoint, key, tile/...) or a file with a part of it and its proof. Exit 0: well,
3: something was changed, 4: something is missing, 2: wrong call. The last line is JSON.
"""
import argparse, base64, hashlib, json, os, re, sys

# Ed25519 (RFC 8032), verification only.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, 2**255 - 19) % (2**255 - 19), pow(2, (2**255 - 20) // 4, 2**255 - 19)

def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P

def add(a, b):
    c, d, e, f = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0]), 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = d - c, f - e, f + e, d + c
    return e * f % P, g * h % P, f * g % P, e * h % P

def multiply(s, a):
    total = (0, 1, 1, 0)
    while s:
        total = add(total, a) if s & 1 else total
        a, s = add(a, a), s >> 1
    return total

def ed25519(public, message, signature):
    try:
        a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    except ValueError:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    one, other = multiply(s, point(bytes.fromhex("58" + "66" * 31))), add(r, multiply(k, a))
    same = all((one[i] * other[2] - other[i] * one[2]) % P == 0 for i in (0, 1))
    return len(signature) == 64 and s < L and same

# The tree (RFC 6962) and its files (C2SP tlog-tiles, signed-note, tlog-checkpoint).
def leaf(entry): return hashlib.sha256(b"\0" + entry).digest()
def node(left, right): return hashlib.sha256(b"\1" + left + right).digest()
def split(size): return 1 << (size - 1).bit_length() - 1
def tree(hashes):
    if len(hashes) < 2: return hashes[0] if hashes else hashlib.sha256(b"").digest()
    return node(tree(hashes[: split(len(hashes))]), tree(hashes[split(len(hashes)) :]))

def path(kind, index, width):
    digits = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        digits = "x%03d/" % (index % 1000) + digits
    return "tile/%s/%s%s" % (kind, digits, "" if width == 256 else ".p/%d" % width)

class Found(Exception): pass
problems, heads, state = [], {}, {"removed": 0, "alarms": 0, "skipped": False}
def note(kind, where): problems.append((kind, str(where)))

def parse_key(text):
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text.strip())
    data = base64.b64decode(match[3], validate=True) if match else b""
    if len(data) != 33 or hashlib.sha256(match[1].encode() + b"\n" + data).digest()[:4].hex() != match[2]:
        raise Found("key")
    return match[1], match[2], data[1:]

def open_checkpoint(text, key):
    """Size and root of a checkpoint that the key has signed."""
    body, _, signatures = text.rpartition("\n\n")
    lines = body.split("\n")
    if len(lines) < 3 or not re.fullmatch(r"0|[1-9]\d{0,15}", lines[1]) or "" in lines or text[-1:] != "\n":
        raise Found("checkpoint")
    if lines[0] != key[0]: raise Found("origin")
    root = base64.b64decode(lines[2], validate=True)
    for name, encoded in re.findall("^\u2014 (\\S+) (\\S+)$", signatures, re.M):
        data = base64.b64decode(encoded, validate=True)
        if name == key[0] and data[:4].hex() == key[1] and len(root) == 32:
            if ed25519(key[2], (body + "\n").encode(), data[4:]):
                return int(lines[1]), root
    raise Found("signature")

def inspect(seq, entry):
    """What retention has removed, and whether the desks' sequences hold."""
    if b'"deviceSeq":' not in entry and b'"action":"retentionExecuted"' not in entry:
        return
    try:
        marks = json.loads(entry)
    except ValueError:
        return note("entry", seq)
    match = re.fullmatch(r"1-([1-9]\d{0,15})", str(marks.get("object")))
    if marks.get("action") == "retentionExecuted" and marks.get("kind") == "audit" and match:
        state["removed"] = max(state["removed"], int(match[1]))
    if "deviceSeq" not in marks:
        return
    desk, flag = (marks.get("device"), marks.get("actor")), marks.get("chainAlarm")
    chain, n, previous, head = marks.get("deviceChain"), marks["deviceSeq"], marks.get("prevDeviceSeq"), heads.get(desk)
    first = n == 1 and previous == "0" * 64
    follows = first if head is None else (chain, n, previous) == (head[0], head[1] + 1, head[2])
    state["alarms"] += bool(flag)
    if not flag and not follows and not (head is None and state["skipped"]):
        note("chain", seq)
    if flag not in ("reuse", "late"):
        heads[desk] = (chain, n, marks.get("deviceHash"))

def verify_folder(folder, key, witnesses):
    def read(kind, index, width):
        for name in (path(kind, index, width), path(kind, index, 256)):
            if os.path.isfile(os.path.join(folder, name)):
                return open(os.path.join(folder, name), "rb").read()
    if not os.path.exists(os.path.join(folder, "checkpoint")):
        raise Found("missingCheckpoint")
    size, root = open_checkpoint(open(os.path.join(folder, "checkpoint"), encoding="utf-8", newline="").read(), key)
    leaves, absent = [], []
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        tile, bundle = read(0, index, width), read("entries", index, width)
        if tile is None or len(tile) not in (width * 32, 8192):
            raise Found("missingTile" if tile is None else "tile")
        leaves += [tile[at * 32 : at * 32 + 32] for at in range(width)]
        if bundle is None:
            absent.append(index * 256 + width)
            state["skipped"] = True
            heads.clear()
            continue
        entries, at = [], 0
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            entries, at = entries + [bundle[at + 2 : at + 2 + length]], at + 2 + length
        if at != len(bundle) or len(entries) not in (width, 256):
            note("bundle", index)
        for seq, entry in enumerate(entries[:width], index * 256 + 1):
            if leaf(entry) != leaves[seq - 1]:
                note("entry", seq)
            inspect(seq, entry)
    level, hashes = 0, leaves
    while hashes:
        level, hashes = level + 1, [tree(hashes[at : at + 256]) for at in range(0, len(hashes) - 255, 256)]
        for index in range(0, (len(hashes) + 255) // 256):
            want = b"".join(hashes[index * 256 : index * 256 + 256])
            have = read(level, index, len(want) // 32)
            if have is None or have[: len(want)] != want:
                note("missingTile" if have is None else "tile", path(level, index, len(want) // 32))
    if tree(leaves) != root:
        note("root", size)
    for last in absent:
        if last > state["removed"]:
            note("missingEntries", last)
    for seen, known in (open_checkpoint(open(name, encoding="utf-8").read(), key) for name in witnesses):
        if seen > size or tree(leaves[:seen]) != known:
            note("rolledBack" if seen > size else "forked", seen)

def verify_slice(data, key, witnesses):
    size, root = open_checkpoint(data["checkpoint"], key)
    first, leaves = data["first"] - 1, [leaf(entry["envelope"].encode()) for entry in data["entries"]]
    proof = [base64.b64decode(text, validate=True) for text in data["proof"]]
    def walk(low, high):
        if high <= first or low >= first + len(leaves):
            return proof.pop(0)
        if high - low == 1:
            return leaves[low - first]
        left = walk(low, low + split(high - low))
        return node(left, walk(low + split(high - low), high))
    if not leaves or first < 0 or first + len(leaves) > size or walk(0, size) != root or proof:
        note("proof", data["first"])
    for seq, entry in enumerate(data["entries"], data["first"]):
        if entry.get("payload") is not None and entry.get("salt") is not None:
            commit = hashlib.sha256(bytes.fromhex(entry["salt"]) + entry["payload"].encode()).hexdigest()
            if json.loads(entry["envelope"]).get("payloadCommit") != commit:
                note("payload", seq)
    for seen, known in (open_checkpoint(open(name, encoding="utf-8").read(), key) for name in witnesses):
        if seen > size or (seen == size and known != root):
            note("rolledBack" if seen > size else "forked", seen)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target")
    parser.add_argument("--key", help="the log's key, or a file with it; otherwise the one beside the log")
    parser.add_argument("--witness", action="append", default=[], help="a checkpoint that somebody else has kept")
    args = parser.parse_args()
    try:
        data = None if os.path.isdir(args.target) else json.load(open(args.target, encoding="utf-8"))
        text = args.key or (data["key"] if data else open(os.path.join(args.target, "key")).read())
        key = parse_key(open(text).read() if os.path.isfile(text) else text)
        verify_slice(data, key, args.witness) if data else verify_folder(args.target, key, args.witness)
    except Found as found:
        note(str(found), "")
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        note("missingKey" if isinstance(error, OSError) else "proof", "")
    code = 0 if not problems else 4 if all(kind.startswith("missing") for kind, _ in problems) else 3
    verdict = {0: "ok", 3: "tampered", 4: "incomplete"}[code]
    print(json.dumps({"verdict": verdict, "alarms": state["alarms"], "problems": problems[:20]}))
    sys.exit(code)

if __name__ == "__main__":
    main()
