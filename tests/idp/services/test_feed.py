"""What modules are told: each its schools and fields, first all of it, then what changes, and what is over."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from idp.core.clock import local_date
from idp.core.errors import Invalid, NotFound
from idp.oidc.client import Client
from idp.services import feed_fields
from idp.services import scope as scopes
from idp.services.exports import ExportLimit
from idp.services.feed_cursor import CursorTooOld, InvalidCursor
from idp.store import feed
from idp.store.feed import KINDS
from idp.store.models.audit import AuditEvent
from idp.store.models.clients import ClientSchool
from idp.store.models.consents import ConsentRecord
from idp.store.models.people import Guardianship, Membership, Person
from tests.factories.console import Console, add_enrolment
from tests.factories.modules import KINDS as MODULES
from tests.factories.modules import SECRETS, Modules

_OPENS = {
    SECRETS[1]: {"email"}, SECRETS[2]: {"phone_number"}, SECRETS[3]: {"iin"}, SECRETS[4]: {"birthdate"},
    SECRETS[5]: {"gender"}, SECRETS[6]: {"name"}, SECRETS[7]: {"roles", "classes"},
}  # fmt: skip
"""Which claim brings which of the pupil's facts along; the first one no claim does."""


@pytest.fixture
def ground(console: Console) -> Modules:
    return Modules(console)


def _snapshot(ground: Modules, client: Client, kind: str, limit: int = 200) -> tuple[list[dict[str, Any]], str, int]:
    """Every record, the cursor of the log, and the number of pages."""
    records: list[dict[str, Any]] = []
    cursor, pages = "", 0
    while True:
        page = ground.page(client, kind, after=cursor, limit=limit)
        records += [dict(one) for one in page.records]
        cursor, pages = page.cursor, pages + 1
        assert page.is_snapshot
        if not page.has_more:
            return records, cursor, pages


def _changes(ground: Modules, client: Client, kind: str, cursor: str) -> tuple[list[dict[str, Any]], str]:
    page = ground.page(client, kind, after=cursor)
    assert not page.is_snapshot
    return [dict(one) for one in page.records], page.cursor


def test_no_client_of_any_kind_gets_a_field_outside_its_list(ground: Modules) -> None:
    """Every field of every page of every client, by name and by what is in it; and no number of any card."""
    subjects: dict[str, set[str]] = {}
    for name in MODULES:
        client = ground.client(name)
        for kind in KINDS:
            records, _, _ = _snapshot(ground, client, kind)
            assert records or kind == "consents", (name, kind)
            listed = {field for field, one in feed_fields.FIELDS[kind].items()
                      if {feed_fields.ALWAYS, *client.approved_claims} & set(one.claims)}  # fmt: skip
            assert set().union(*(set(one) for one in records)) <= listed, (name, kind)
            text = json.dumps(records, ensure_ascii=False)
            for fact in SECRETS:
                is_open = not _OPENS.get(fact, set()).isdisjoint(client.approved_claims)
                assert is_open or f'"{fact}' not in text, (name, kind, fact)
            cursor = ground.page(client, kind, limit=1).cursor
            text += "".join(urlsafe_b64decode(f"{part}===").decode("latin-1") for part in cursor.split("."))
            assert not any(person in text for person in ground.console.people.values()), (name, kind)
            assert '1168"' not in text  # The end of a card's number; ids are long and may hold any digits.
            if kind == "people":
                subjects[client.record.sector] = {one["sub"] for one in records}
    shared = [one for sector, one in subjects.items() for other in subjects if other != sector if one & subjects[other]]
    assert shared == []


def test_consents_are_told_to_who_acts_on_them(ground: Modules) -> None:
    told = {name: {one["purpose"] for one in _snapshot(ground, ground.client(name), "consents")[0]} for name in MODULES}
    assert told == {
        "attendance": {"visits"}, "canteen": {"free_meals", "meal_payment"}, "textbooks": {"textbooks"}, "lms": set(),
        "register": set(), "bare": set(),
    }  # fmt: skip


def test_a_snapshot_comes_in_pages_and_the_log_follows(ground: Modules) -> None:
    client, console = ground.client("canteen"), ground.console
    records, cursor, pages = _snapshot(ground, client, "people", limit=5)
    assert pages == -(-len(records) // 5) > 2
    assert len({one["sub"] for one in records}) == len(records)
    assert ground.sub(client, "pupil") in {one["sub"] for one in records}
    assert ground.sub(client, "other_pupil") not in {one["sub"] for one in records}
    assert _changes(ground, client, "people", cursor)[0] == []
    now = console.clock.now()
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Person).where(Person.id == console.people["pupil"]).values(given_name="Айым"))
        feed.append(tx, "people", "changed", [(console.school, console.people["pupil"])], now=now)
        feed.append(tx, "people", "changed", [(console.other, console.people["other_pupil"])], now=now)
    told, cursor = _changes(ground, client, "people", cursor)
    assert [(one["sub"], one["given_name"]) for one in told] == [(ground.sub(client, "pupil"), "Айым")]
    assert _changes(ground, client, "people", cursor)[0] == []


def test_a_change_during_a_snapshot_is_in_the_log(ground: Modules) -> None:
    client, console = ground.client("canteen"), ground.console
    first = ground.page(client, "people", limit=3)
    with console.parts.uow.write() as tx:
        feed.append(tx, "people", "changed", [(console.school, console.people["pupil"])], now=console.clock.now())
    page = first
    while page.is_snapshot:
        page = ground.page(client, "people", after=page.cursor, limit=3)
    assert [one["sub"] for one in page.records] == [ground.sub(client, "pupil")]


def test_who_is_restricted_leaves_a_tombstone_everywhere_and_comes_back(ground: Modules) -> None:
    client, console = ground.client("attendance"), ground.console
    pupil = console.people["pupil"]
    kinds = ("people", "memberships", "guardianships", "consents", "cards", "classes")
    before = {kind: _snapshot(ground, client, kind) for kind in kinds}
    cursors = {kind: before[kind][1] for kind in kinds}

    def restrict(moment: object) -> dict[str, list[dict[str, Any]]]:
        with console.parts.uow.write() as tx:
            tx.connection.execute(update(Person).where(Person.id == pupil).values(restricted_at=moment))
            feed.append(tx, "people", "changed", [(console.school, pupil)], now=console.clock.now())
        told = {}
        for kind in kinds:
            told[kind], cursors[kind] = _changes(ground, client, kind, cursors[kind])
        return told

    over = restrict(console.clock.now())
    assert over["people"] == [{"sub": ground.sub(client, "pupil"), "deleted": True}]
    for kind in ("memberships", "guardianships", "cards"):
        assert [set(one) for one in over[kind]] == [{"id", "deleted"}], kind
    assert all(one["deleted"] for one in over["consents"])
    assert ground.sub(client, "pupil") not in json.dumps(over["classes"])
    again = restrict(None)
    assert again["cards"] == before["cards"][0]
    assert again["guardianships"] == before["guardianships"][0]
    assert ground.sub(client, "pupil") in json.dumps(again["classes"])


def test_one_block_is_told_and_who_leaves_takes_everything_along(ground: Modules) -> None:
    client, console = ground.client("canteen"), ground.console
    cursors = {kind: _snapshot(ground, client, kind)[1] for kind in ("cards", "people", "memberships")}
    office = scopes.of_actor(console.people["guard"], "guard", (console.school,))
    console.parts.cards.block(office, ground.card, "lost")
    told, cursors["cards"] = _changes(ground, client, "cards", cursors["cards"])
    assert [one["state"] for one in told] == ["blocked"]
    with console.parts.uow.write() as tx:
        membership = console.memberships["pupil"]
        ended = update(Membership).where(Membership.id == membership, Membership.school_id == console.school)
        tx.connection.execute(ended.values(end=date(2026, 9, 1)))
        place = add_enrolment(tx, console.school, console.klass, console.people["teacher"], "teacher")
        feed.append(
            tx, "memberships", "ended", [(console.school, membership), (console.school, place)], now=console.clock.now()
        )
    for kind, cursor in cursors.items():
        told, _ = _changes(ground, client, kind, cursor)
        assert [one["deleted"] for one in told] == [True], kind


def test_a_blocked_link_is_a_tombstone(ground: Modules) -> None:
    client, console = ground.client("attendance"), ground.console
    [link], cursor, _ = _snapshot(ground, client, "guardianships")
    assert (link["child"], link["guardian"]) == (ground.sub(client, "pupil"), ground.sub(client, "guardian"))
    with console.parts.uow.write() as tx:
        row = tx.connection.execute(select(Guardianship.id).where(Guardianship.child_id == console.people["pupil"]))
        link_id = row.scalar_one()
        blocked = update(Guardianship).where(Guardianship.child_id == console.people["pupil"])
        tx.connection.execute(blocked.values(blocked_at=console.clock.now()))
        feed.append(tx, "guardianships", "ended", [(console.school, link_id)], now=console.clock.now())
    assert _changes(ground, client, "guardianships", cursor)[0] == [{"id": link["id"], "deleted": True}]


def test_a_client_reads_only_schools_where_it_is_on(ground: Modules) -> None:
    console = ground.console
    canteen, attendance = ground.client("canteen"), ground.client("attendance")
    own = ground.page(canteen, "people", school_id=console.school)
    assert {one["sub"] for one in own.records} == {one["sub"] for one in ground.page(canteen, "people").records}
    for school in (console.other, console.district, "x" * 32):
        with pytest.raises(NotFound):
            ground.page(canteen, "people", school_id=school)
    elsewhere = ground.page(attendance, "people", school_id=console.other)
    assert ground.sub(attendance, "other_pupil") in {one["sub"] for one in elsewhere.records}
    everywhere = ground.page(attendance, "people")
    assert {one["sub"] for one in elsewhere.records} < {one["sub"] for one in everywhere.records}
    days = ground.page(canteen, "calendar", school_id=console.school).records
    assert [one.get("school_id") == console.other for one in days].count(True) == 0
    assert [one["what"] for one in days if "school_id" not in one] == ["day"]


def test_a_cursor_is_good_for_one_reader_and_a_month(ground: Modules) -> None:
    console = ground.console
    canteen, textbooks = ground.client("canteen"), ground.client("textbooks")
    _, cursor, _ = _snapshot(ground, canteen, "people")
    flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for client, kind, after in (
        (textbooks, "people", cursor), (canteen, "cards", cursor), (canteen, "people", flipped),
        (canteen, "people", "x"), (canteen, "people", "."), (canteen, "people", "e30.e30"), (canteen, "people", "é.é"),
    ):  # fmt: skip
        with pytest.raises(InvalidCursor):
            ground.page(client, kind, after=after)
    with pytest.raises(InvalidCursor):
        ground.page(canteen, "people", after=cursor, school_id=console.school)
    for limit in (0, 1001):
        with pytest.raises(Invalid):
            ground.page(canteen, "people", limit=limit)
    ground.client("canteen", bilim_schools=[console.school, console.other])
    with pytest.raises(CursorTooOld):
        ground.page(canteen, "people", after=cursor)
    _, cursor, _ = _snapshot(ground, canteen, "people")
    console.clock.advance(days=31)
    with pytest.raises(CursorTooOld):
        ground.page(canteen, "people", after=cursor)


def test_what_is_read_is_counted_and_written_down(ground: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    client, console = ground.client("canteen"), ground.console
    records, cursor, _ = _snapshot(ground, client, "people")
    _changes(ground, client, "people", cursor)
    with console.parts.uow.read() as tx:
        [event] = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "feed_read"))
    assert (event.client_id, event.data) == ("canteen", {"kind": "people", "rows": len(records)})
    monkeypatch.setattr(console.parts.exports, "_client_limit", len(records) + 3)
    with pytest.raises(ExportLimit):
        ground.page(client, "people")


def test_a_picture_is_handed_out_where_it_is_approved(ground: Modules) -> None:
    """By the address in the record, at the cost of one hash; another name in it, or another sector's, opens nothing."""
    canteen, lms = ground.client("canteen"), ground.client("lms", bilim_claims=["picture"])
    bare = ground.client("textbooks", bilim_sector="bilim")
    told = {one["sub"]: one["picture"] for one in _snapshot(ground, canteen, "people")[0] if "picture" in one}
    [(sub, address)] = told.items()
    assert sub == ground.sub(canteen, "pupil")
    path, _, of = address.partition("?of=")
    assert path == f"/api/v1/people/{sub}/photo"
    hashes: list[str] = []
    subjects = ground.parts.oidc.subjects
    counted = subjects._known
    subjects._known = lambda sector, person: hashes.append(person) or counted(sector, person)  # type: ignore[assignment, func-returns-value]
    assert ground.parts.feed.photo(canteen, sub, of, school_id=ground.console.school) == b"\xff\xd8jpeg"
    assert hashes == [ground.console.people["pupil"]]
    for client, who, where in (
        (canteen, ground.sub(canteen, "teacher"), of), (canteen, sub, ""), (canteen, sub, "x"),
        (canteen, sub, of[::-1]), (lms, sub, of), (lms, ground.sub(lms, "pupil"), of), (bare, sub, of),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ground.parts.feed.photo(client, who, where)


def test_a_pupil_waits_for_the_consent_that_the_school_asks_for_this_client(ground: Modules) -> None:
    """Everything about who has not consented is left out; the consent brings it, its withdrawal takes it back."""
    client, console = ground.client("lms"), ground.console
    kinds = ("people", "memberships", "guardianships", "cards", "classes")
    before = {kind: _snapshot(ground, client, kind) for kind in kinds}
    sub = ground.sub(client, "pupil")
    assert sub in json.dumps([before["classes"][0], before["people"][0]])
    text_id = ground.ask("lms", "lms")
    for kind in kinds:
        with pytest.raises(CursorTooOld):
            ground.page(client, kind, after=before[kind][1])
    cursors: dict[str, str] = {}
    for kind in kinds:
        records, cursors[kind], _ = _snapshot(ground, client, kind, limit=3)
        assert sub not in json.dumps(records), kind
        assert records or kind in ("guardianships", "cards"), kind
    other = ground.client("canteen")
    assert ground.sub(other, "pupil") in json.dumps(_snapshot(ground, other, "people")[0])
    record_id = ground.consent(text_id, "lms", "lms")
    for kind in kinds:
        told, cursors[kind] = _changes(ground, client, kind, cursors[kind])
        assert [one for one in told if "deleted" not in one and one in before[kind][0]], kind
        assert sub in json.dumps(told) or kind == "guardianships", kind
    with console.parts.uow.write() as tx:
        over = update(ConsentRecord).where(ConsentRecord.id == record_id, ConsentRecord.school_id == console.school)
        tx.connection.execute(over.values(withdrawn_at=console.clock.now()))
        feed.append(tx, "consents", "ended", [(console.school, record_id)], now=console.clock.now())
    for kind in kinds:
        told, cursors[kind] = _changes(ground, client, kind, cursors[kind])
        assert told, kind
        if kind == "classes":
            assert sub not in json.dumps(told)
        else:
            assert all(one["deleted"] for one in told), kind


def test_the_end_of_a_consent_is_told_to_who_was_told_of_it(ground: Modules) -> None:
    console = ground.console
    canteen, textbooks = ground.client("canteen"), ground.client("textbooks")
    cursors = {client.client_id: _snapshot(ground, client, "consents")[1] for client in (canteen, textbooks)}
    with console.parts.uow.write() as tx:
        at = ConsentRecord.school_id == console.school
        rows = tx.connection.execute(select(ConsentRecord.id, ConsentRecord.purpose).where(at)).all()
        tx.connection.execute(update(ConsentRecord).where(at).values(withdrawn_at=console.clock.now()))
        feed.append(tx, "consents", "ended", [(console.school, row[0]) for row in rows], now=console.clock.now())
    for client, purposes in ((canteen, {"free_meals", "meal_payment"}), (textbooks, {"textbooks"})):
        told, _ = _changes(ground, client, "consents", cursors[client.client_id])
        record = ground.parts.oidc.subjects.record
        expected = {record(client.record.sector, "consents", row[0]) for row in rows if row[1] in purposes}
        assert {one["id"] for one in told} == expected
        assert all(one["deleted"] for one in told)
        # Dependent processing is stopped from the feed alone: what, for whom, from when until when.
        assert {(one["purpose"], one.get("recipient", "")) for one in told} == {
            (purpose, "textbooks" if client is textbooks else "") for purpose in purposes
        }
        assert {(one["sub"], one["school_id"], one["state"]) for one in told} == {
            (ground.sub(client, "pupil"), console.school, "withdrawn")
        }
        assert all(one["given_at"] <= one["ended_at"] == console.clock.now().isoformat() for one in told)


def test_a_consent_says_in_its_end_no_more_than_may_be_told(ground: Modules) -> None:
    """Left: expired. Blocked: forgotten without a word. A no is told to nobody."""
    console, client = ground.console, ground.client("attendance")
    records, cursor, _ = _snapshot(ground, client, "consents")
    [given] = records
    assert (given["purpose"], given["state"], "ended_at" in given) == ("visits", "given", False)
    pupil, school = console.people["pupil"], console.school

    def changed(kind: str, record_id: str, statement: Any) -> list[dict[str, Any]]:
        nonlocal cursor
        with console.parts.uow.write() as tx:
            tx.connection.execute(statement)
            feed.append(tx, kind, "changed", [(school, record_id)], now=console.clock.now())
        told, cursor = _changes(ground, client, "consents", cursor)
        return told

    restrict = update(Person).where(Person.id == pupil)
    assert changed("people", pupil, restrict.values(restricted_at=console.clock.now())) == [
        {"id": given["id"], "deleted": True}
    ]
    assert changed("people", pupil, restrict.values(restricted_at=None)) == [given]
    with console.parts.uow.read() as tx:
        of = (Membership.person_id == pupil, Membership.school_id == school)
        [membership] = tx.connection.execute(select(Membership.id).where(*of)).scalars()
    leaves = update(Membership).where(*of).values(end=local_date(console.clock.now()))
    assert changed("memberships", membership, leaves) == [given | {"state": "expired", "deleted": True}]
    at = (ConsentRecord.person_id == pupil, ConsentRecord.school_id == school)
    assert changed("people", pupil, update(ConsentRecord).where(*at).values(answer="declined")) == []


def test_a_reader_that_stops_midway_is_told_that_it_is_too_late(ground: Modules) -> None:
    """The days count from when it had read everything, not from its last page: what it has not read is deleted."""
    client, console = ground.client("canteen"), ground.console
    _, cursor, _ = _snapshot(ground, client, "people")
    with console.parts.uow.write() as tx:
        for name in ("pupil", "teacher"):
            feed.append(tx, "people", "changed", [(console.school, console.people[name])], now=console.clock.now())
    console.clock.advance(days=20)
    page = ground.page(client, "people", after=cursor, limit=1)
    assert page.has_more
    console.clock.advance(days=11)
    with pytest.raises(CursorTooOld):
        ground.page(client, "people", after=page.cursor)


def test_a_school_that_switches_an_operators_module_off_is_noticed(ground: Modules) -> None:
    client, console = ground.client("attendance"), ground.console
    _, cursor, _ = _snapshot(ground, client, "people")
    with console.parts.uow.write() as tx:
        row = {"client_id": client.client_id, "school_id": console.other, "end": date(2026, 1, 1)}
        tx.connection.execute(insert(ClientSchool), row)
    with pytest.raises(CursorTooOld):
        ground.page(client, "people", after=cursor)
    records, _, _ = _snapshot(ground, client, "people")
    assert ground.sub(client, "other_pupil") not in {one["sub"] for one in records}
