#!/usr/bin/env python3
"""A second client of the sync protocol, written from docs/sync-protocol.md alone, with the standard library only.

It proves that the page is enough: enrolment, bound tokens, sign-in, pull, push, replay, conflict, rejection, waiting, group, unconfirmed bed,
removal, id reconciliation, audit events, the log's witness, versions and errors. Usage:

    python3 client.py URL RECEPTION PASSWORD SPECIALIST PASSWORD CODE CODE CODE

(three one-time enrolment codes, one for each desk). Prints one line per check and `N passed, N failed`; exits 1 when anything failed.
"""

import base64
import datetime
import hashlib
import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request

import verify_audit
from p256 import Key

COLLECTIONS = ["reference", "people", "lodging", "work"]


def uuid7():
    value = (int(time.time() * 1000) << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    text = f"{value:032x}"
    return "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])


def instant(offset_s=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def day(offset):
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body.get('code')}")
        self.status, self.code, self.body = status, body.get("code"), body


class Desk:
    """One desk: a session, its copies by collection, its checkpoints."""

    def __init__(self, base, user, password, code):
        self.base, self.token = base, None
        self.device, self.key, self.nonce, self.offset = uuid7(), Key(), None, 0
        self.docs = {name: {} for name in COLLECTIONS}
        self.checkpoint = {name: None for name in COLLECTIONS}
        device = {"id": self.device, "name": "Python"}
        assert self.call("/api/auth/hello", {"device": {"id": self.device}})["desk"] == "unknown"
        self.call("/api/auth/enrol", {"code": code, "device": device})
        reply = self.call("/api/auth/login", {"user": user, "password": password, "device": device})
        self.token, self.user = reply["accessToken"], reply["user"]
        self.site = self.user["siteIds"][0]

    def call(self, path, body, raw=None, again=True):
        headers = {"content-type": "application/json"}
        headers["dpop"] = self.key.proof(self.base + path, self.nonce, self.offset, self.token)
        if self.token:
            headers["authorization"] = f"DPoP {self.token}"
        data = raw if raw is not None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                self.nonce = reply.headers["dpop-nonce"]
                return json.load(reply)
        except urllib.error.HTTPError as error:
            refused = Refused(error.code, json.loads(error.read() or b"{}"))
            self.nonce = error.headers["dpop-nonce"]
        if refused.code == "DPOP_NONCE" and again:
            self.offset = refused.body["detail"]["nowMs"] / 1000 - time.time()
            return self.call(path, body, raw, False)
        raise refused

    def pull(self, collection, limit=500):
        removed = []
        while True:
            page = self.call(f"/api/sync/1/{collection}/pull", {"checkpoint": self.checkpoint[collection], "limit": limit})
            assert len(page["documents"]) == limit or not page["more"], "a page with more to come must be full"
            for doc in page["documents"]:
                if doc["deleted"]:
                    assert doc["fields"] == {} and doc["rev"] == 0, "a removal is a blank"
                    removed.append(doc["id"])
                    self.docs[collection].pop(doc["id"], None)
                else:
                    self.docs[collection][doc["id"]] = doc
            self.checkpoint[collection] = page["checkpoint"]
            if not page["more"]:
                return removed

    def pull_all(self):
        for collection in COLLECTIONS:
            self.pull(collection)

    def op(self, kind, changes, **extra):
        changes = {field: {"before": before, "after": after} for field, (before, after) in changes.items()}
        return {"opId": uuid7(), "kind": kind, "at": instant(), "actor": self.user["id"], "device": self.device, "changes": changes, **extra}

    def create(self, kind, fields, **extra):
        return {"id": uuid7(), "kind": kind, "siteId": self.site, "ops": [self.op("create", {f: (None, v) for f, v in fields.items()}, **extra)]}

    def edit(self, doc, kind="edit", **fields):
        changes = {field: (doc["fields"].get(field), value) for field, value in fields.items()}
        return {"id": doc["id"], "kind": doc["kind"], "siteId": doc["siteId"], "ops": [self.op(kind, changes)]}

    def push(self, collection, *rows):
        return self.call(f"/api/sync/1/{collection}/push", {"rows": list(rows)})["rows"]

    def alarms(self):
        """The latest alarms of the log, about desks and about itself."""
        return [one["code"] for one in self.call("/api/audit/log/state", {})["alarms"]]


def booking(desk, person_id, bed_id, arrive, depart, group=True):
    extra = {"group": {"id": uuid7(), "size": 2}} if group else {}
    reservation = desk.create("reservation", {"reservationKind": "state", "state": "confirmed"}, **extra)
    segment = {"id": uuid7(), "bedId": bed_id, "from": arrive, "to": depart}
    stay = desk.create("stay", {"reservationId": reservation["id"], "personId": person_id, "arriveDate": arrive, "departDate": depart,
                                "segments": [segment], "state": "expected", "boardPlan": "full"}, **extra)
    return reservation, stay


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def free_bed(desk, arrive, depart, skip=()):
    taken = {segment["bedId"] for stay in desk.docs["lodging"].values() if stay["kind"] == "stay"
             for segment in stay["fields"]["segments"] if segment["from"] < depart and arrive < segment["to"]}
    blocked = {stay["fields"]["targetId"] for stay in desk.docs["lodging"].values() if stay["kind"] == "block"}
    rooms = {doc["id"]: doc["fields"] for doc in desk.docs["reference"].values() if doc["kind"] == "room"}
    for doc in desk.docs["reference"].values():
        if doc["kind"] != "bed" or doc["id"] in taken or doc["id"] in skip:
            continue
        room = doc["fields"]["roomId"]
        if rooms[room]["sexPolicy"] == "any" and room not in blocked and doc["id"] not in blocked:
            return doc["id"]
    raise AssertionError("no free bed in the test house")


def new_person(desk, name="Piemērs"):
    row = desk.create("person", {"familyName": name, "givenName": "Testa", "sex": "F"})
    assert desk.push("people", row)[0]["outcome"] == "accepted"
    return row["id"]


@check
def pull_fills_pages_and_reads_everything(a, b, specialist):
    a.pull_all()
    b.pull("reference", limit=7)
    assert b.docs["reference"].keys() == a.docs["reference"].keys()
    assert any(doc["kind"] == "stay" for doc in a.docs["lodging"].values())
    ids = a.call("/api/sync/1/lodging/ids", {"after": "", "limit": 20000})["ids"]
    assert set(ids) == set(a.docs["lodging"])


@check
def push_is_taken_echoed_and_replayed_with_the_same_answer(a, b, specialist):
    row = a.create("person", {"familyName": "Paraugs", "givenName": "Viena"})
    first, second = a.push("people", row), a.push("people", row)
    assert first[0]["outcome"] == "accepted" and first[0]["ops"] == second[0]["ops"] and second[0]["master"]["rev"] == 1
    a.pull("people")
    assert a.docs["people"][row["id"]]["fields"]["givenName"] == "Viena"


@check
def a_row_without_operations_asks_for_the_document(a, b, specialist):
    person = new_person(a)
    ask = {"id": person, "kind": "person", "siteId": a.site, "ops": []}
    for desk, deleted in ((a, False), (specialist, True)):
        answer = desk.push("people", ask)[0]
        assert answer["outcome"] == "accepted" and answer["ops"] == [] and answer["master"]["deleted"] is deleted


@check
def same_field_is_a_conflict_and_other_fields_merge(a, b, specialist):
    person = new_person(a)
    arrive = day(40)
    reservation, stay = booking(a, person, None, arrive, day(54))
    assert [row["outcome"] for row in a.push("lodging", reservation, stay)] == ["accepted", "accepted"]
    a.pull("lodging"), b.pull("lodging")
    mine, theirs = a.docs["lodging"][stay["id"]], b.docs["lodging"][stay["id"]]
    assert b.push("lodging", b.edit(theirs, note="otra"))[0]["outcome"] == "accepted"
    answer = a.push("lodging", a.edit(mine, note="mana", dietCode="GL"))[0]
    clash = answer["ops"][0]["clashes"][0]
    assert answer["outcome"] == "conflict" and (clash["base"], clash["mine"], clash["theirs"]) == (None, "mana", "otra")
    assert clash["theirsDevice"] == b.device and answer["master"]["fields"]["dietCode"] == "GL" and answer["master"]["fields"]["note"] == "otra"


@check
def a_refused_row_comes_back_with_rule_and_words_and_stops_nobody(a, b, specialist):
    person = new_person(a)
    reservation, stay = booking(a, person, None, day(0), day(0))
    good = a.create("reservation", {"reservationKind": "paid", "state": "confirmed"})
    answers = a.push("lodging", reservation, stay, good, {"nonsense": True})
    assert [row["outcome"] for row in answers] == ["rejected", "rejected", "accepted", "rejected"]
    refusal = answers[1]["ops"][0]["rejection"]
    assert refusal["rule"] == "I2" and refusal["message"] and answers[1]["master"]["deleted"]
    forged = a.create("person", {"familyName": "Svešs", "givenName": "Autors"})
    forged["ops"][0]["actor"] = uuid7()
    assert a.push("people", forged)[0]["ops"][0]["rejection"]["code"] == "forgedAuthor"


@check
def what_it_refers_to_is_awaited(a, b, specialist):
    person = a.create("person", {"familyName": "Vēlāk", "givenName": "Nāk"})
    contact = a.create("contact", {"personId": person["id"], "contactKind": "phone", "value": "20000000"})
    assert a.push("people", contact)[0]["outcome"] == "waits"
    assert a.push("people", person)[0]["outcome"] == "accepted"
    assert a.push("people", contact)[0]["outcome"] == "accepted"
    reservation, stay = booking(a, person["id"], None, day(60), day(61))
    assert a.push("lodging", reservation)[0]["outcome"] == "waits"
    assert {row["outcome"] for row in a.push("lodging", reservation, stay)} == {"accepted"}


@check
def one_bed_two_stays_gives_one_unconfirmed_and_a_task(a, b, specialist):
    a.pull_all(), b.pull_all()
    arrive, depart = day(200), day(203)
    bed = free_bed(a, arrive, depart)
    one, two = new_person(a, "Pirmais"), new_person(b, "Otrais")
    first, second = booking(a, one, bed, arrive, depart), booking(b, two, bed, arrive, depart)
    assert {row["outcome"] for row in a.push("lodging", *first)} == {"accepted"}
    late = b.push("lodging", *second)[1]
    assert late["outcome"] == "accepted" and "unconfirmed" in late["ops"][0]["warnings"]
    assert late["master"]["fields"]["unconfirmed"] is True and late["master"]["fields"]["segments"][0]["bedId"] is None
    a.pull("work")
    task = next(doc["fields"] for doc in a.docs["work"].values() if second[1]["id"] in doc["fields"].get("stayIds", []))
    assert set(task["stayIds"]) == {first[1]["id"], second[1]["id"]} and set(task["personIds"]) == {one, two}


@check
def a_removal_comes_as_a_blank(a, b, specialist):
    person = new_person(a)
    reservation, stay = booking(a, person, None, day(70), day(75))
    a.push("lodging", reservation, stay)
    a.pull("lodging"), specialist.pull_all()
    assert stay["id"] not in specialist.docs["lodging"]
    a.push("lodging", a.edit(a.docs["lodging"][stay["id"]], specialistIds=[specialist.user["id"]]))
    specialist.pull_all()
    assert stay["id"] in specialist.docs["lodging"] and person in specialist.docs["people"]
    a.pull("lodging")
    a.push("lodging", a.edit(a.docs["lodging"][stay["id"]], specialistIds=None))
    assert stay["id"] in specialist.pull("lodging") and person in specialist.pull("people")
    assert specialist.push("lodging", specialist.create("reservation", {"reservationKind": "paid", "state": "confirmed"}))[0]["outcome"] == "rejected"


def canonical_hash(event):
    # All keys and texts here are plain enough that this is RFC 8785.
    text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@check
def what_a_desk_reports_is_a_signed_sequence(a, b, specialist):
    events, chain, previous = [], uuid7(), "0" * 64
    for n in (1, 2, 3):
        event = {"eventId": uuid7(), "at": instant(), "action": "list", "screen": "today", "count": n, "offline": True,
                 "chain": {"id": chain, "n": n, "prev": previous}}
        events, previous = events + [event], canonical_hash(event)
    reply = a.call("/api/audit/events", {"events": events, "signed": a.key.signed(previous)})
    assert reply["accepted"] == [event["eventId"] for event in events] and reply["refused"] == []
    assert a.alarms() == [], "a sequence that is whole and signed"
    after = {**events[2], "eventId": uuid7(), "chain": {"id": chain, "n": 4, "prev": previous}}
    a.call("/api/audit/events", {"events": [after]})
    assert a.alarms() == ["chain-unsigned"]
    gap = {**after, "eventId": uuid7(), "chain": {"id": chain, "n": 6, "prev": canonical_hash(after)}}
    a.call("/api/audit/events", {"events": [gap], "signed": a.key.signed(canonical_hash(gap))})
    assert a.alarms() == ["chain-gap", "chain-unsigned"]


@check
def the_log_continues_what_a_desk_has_seen(a, b, specialist):
    head = a.call("/api/audit/log/witness", {"seen": None})
    key = verify_audit.parse_key(head["key"])
    size, root = verify_audit.open_checkpoint(head["checkpoint"], key)
    seen = {"origin": key[0], "size": size, "root": base64.b64encode(root).decode()}
    again = a.call("/api/audit/log/witness", {"seen": seen})
    longer, other = verify_audit.open_checkpoint(again["checkpoint"], key)
    assert again["key"] == head["key"] and longer >= size
    assert longer > size or (other == root and again["proof"] == [])
    last = a.call("/api/audit/log/inclusion", {"seq": longer})
    assert verify_audit.open_checkpoint(last["checkpoint"], key)[0] >= longer and last["proof"]
    # Who has seen another log is told nothing that would fit, and the service gives the alarm.
    forked = a.call("/api/audit/log/witness", {"seen": {**seen, "root": base64.b64encode(bytes(32)).decode()}})
    assert forked["proof"] == [] and "forked" in a.alarms()


@check
def bad_requests_have_their_codes(a, b, specialist):
    def code(path, body, raw=None):
        try:
            a.call(path, body, raw)
        except Refused as refused:
            return refused.status, refused.code
        return None
    deep = ("[" * 40 + "]" * 40).encode()
    assert code("/api/sync/1/people/pull", None, b"{not json") == (400, "MALFORMED")
    assert code("/api/sync/1/people/push", None, b'{"rows": [' + deep + b"]}") == (400, "TOO_DEEP")
    assert code("/api/sync/1/people/pull", {"checkpoint": "forged.x", "limit": 5}) == (400, "BAD_CHECKPOINT")
    assert code("/api/sync/0/people/pull", {"checkpoint": None, "limit": 5}) == (426, "CLIENT_TOO_OLD")
    assert code("/api/sync/99/people/pull", {"checkpoint": None, "limit": 5}) == (400, "UNKNOWN_VERSION")
    assert code("/api/search/people", None, b" " * 1_200_000) == (413, "TOO_LARGE")
    kept, a.token = a.token, "nonsense"
    assert code("/api/sync/1/people/pull", {"checkpoint": None, "limit": 5}) == (401, "UNAUTHENTICATED")
    a.token, own, a.key = kept, a.key, b.key
    assert code("/api/sync/1/people/pull", {"checkpoint": None, "limit": 5}) == (401, "DPOP_INVALID")
    a.key = own
    late = a.create("person", {"familyName": "Pulkstenis", "givenName": "Nepareizs"})
    late["ops"][0]["at"] = instant(7200)
    assert a.push("people", late)[0]["ops"][0]["warnings"] == ["clock-skew"]


def main():
    base, reception, secret, therapist, other, *codes = sys.argv[1:]
    a, b = (Desk(base, reception, secret, code) for code in codes[:2])
    specialist = Desk(base, therapist, other, codes[2])
    failed = 0
    for function in CHECKS:
        try:
            function(a, b, specialist)
            print("ok  ", function.__name__)
        except Exception as error:  # every check reports; one failure must not hide the others
            failed += 1
            print("FAIL", function.__name__, type(error).__name__, error, file=sys.stderr)
            if os.environ.get("TRACE"):
                raise
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
