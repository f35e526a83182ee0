"""What hangs on a merged record moves, and back."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from idp.core.names import search_key
from idp.core.scope import Scope
from idp.store import merges
from idp.store.models.people import Person
from idp.store.models.rosters import RosterRecord
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_rows_move_to_the_kept_record_and_back(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        klass = add_class(tx, school)
        one, two, parent, child = (add_person(tx, name) for name in ("one", "two", "parent", "child"))
        held = [add_membership(tx, who, school, "teacher") for who in (one, two)]
        place = add_enrolment(tx, school, klass, two, "teacher")
        shared = [add_guardianship(tx, school, child, who) for who in (one, two)]
        own = add_guardianship(tx, school, parent, two)
        tx.session.add(RosterRecord(source="s", kind="users", sourced_id="2", target_id=two, digest="", ended_at=None))
        tx.session.flush()
        (link,) = merges.shared_links(tx, two, one)
        assert (link.name, link.merged["id"], link.kept["id"], link.loses_block) == ("children", *shared[::-1], False)
        assert merges.take_over(tx, one, [link], today=TODAY) == []
        assert merges.held_twice(tx, two, one, today=TODAY) == [(held[1], None)]
        assert merges.enrolled_twice(tx, two, one, today=TODAY) == []
        assert not merges.are_linked(tx, one, two)
        assert merges.are_linked(tx, child, two)
        assert merges.credentials_to_leave(tx, two, one) == []
        was = merges.end_links(tx, two, [link], today=TODAY)
        assert was == [{"id": shared[1], "end": None, "end_reason": ""}]
        (ended,) = merges.shared_links(tx, two, one)
        assert merges.end_links(tx, two, [ended], today=TODAY) == [], "what has ended is not touched"
        moved = merges.move(tx, two, one, leave={"children": [shared[1]]})
        assert (moved["memberships"], moved["enrolments"], moved["children"]) == ([held[1]], [place], [own])
        assert moved["records"] == ["s\tusers\t2"]
        merges.mark(tx, two, one, moved, by="x", now=BEGINNING)
        scope = Scope("", "director", (school,))
        assert [row[:2] for row in merges.merged(tx, scope, one)] == [(two, "two")]
        assert {kind for kind, rows in merges.places(tx, one).items() if rows} == {"memberships", "guardianships"}
        merges.move_back(tx, two, one, moved)
        merges.reopen_links(tx, two, was)
        merges.unmark(tx, two, "active", now=BEGINNING)
        assert merges.held_twice(tx, one, two, today=TODAY) == [(held[0], None)]
        assert merges.shared_links(tx, two, one) == [link]
        assert tx.connection.execute(select(RosterRecord.target_id)).scalar_one() == two
        assert merges.merged(tx, scope, one) == []
        assert merges.active_card(tx, one) == ""
        assert not merges.set_card(tx, one, "x", "returned", before="active", by="x", now=BEGINNING)


def test_likeness_is_by_name_and_day_or_by_phone_and_first_name(uow: UnitOfWork) -> None:
    born = {"search_key": search_key("Серікова", "Айгерім"), "birth_date": date(2013, 5, 17)}
    phone = {"phone": "+77010000000", "given_name": "Гүлнара"}
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5 ауыл мектебі")
        ids = [
            add_person(tx, name, sort_key=name, **fields)
            for name, fields in (
                ("a", born),
                ("b", born),
                ("c", phone),
                ("d", phone),
                ("e", phone | {"given_name": "x"}),
            )
        ]
        for one in ids:
            add_membership(tx, one, school)
        elsewhere = add_person(tx, "f", **born)
        add_membership(tx, elsewhere, other)
        found = merges.alike(tx, Scope("", "director", (school,)), today=TODAY, limit=9)
        assert {(why, frozenset(pair)) for why, *pair in found} == {
            ("name", frozenset(ids[:2])), ("phone", frozenset(ids[2:4])),
        }  # fmt: skip
        assert len(merges.alike(tx, Scope("", "director", (school,)), today=TODAY, limit=0)) == 0
        merges.set_numbers(tx, [(ids[0], b"h", b"s")])
        merges.set_end(tx, ids[0], "memberships", [], TODAY)
        assert tx.connection.execute(select(Person.iin_lookup).where(Person.id == ids[0])).scalar_one() == b"h"


def test_the_stronger_of_two_links_stays_and_goes_back_unless_somebody_decided(uow: UnitOfWork) -> None:
    ended: dict[str, object] = {"end": date(2026, 5, 1), "end_reason": "disowned"}
    with uow.write() as tx:
        school = add_school(tx)
        one, two, child, other = (add_person(tx, name) for name in ("one", "two", "child", "other"))
        for who, fields in ((one, ended), (two, {"end": date(2027, 5, 1), "evidence": {"channel": "desk"}})):
            add_guardianship(tx, school, child, who, **fields)
        blocked: dict[str, object] = {"blocked_at": BEGINNING}
        for who, fields in ((one, blocked), (two, {})):
            add_guardianship(tx, school, other, who, **fields)
        before = merges.shared_links(tx, two, one)
        changed = merges.take_over(tx, one, before, today=TODAY)
        was = merges.end_links(tx, two, before, today=TODAY)
        after = {link.kept["child_id"]: link.kept for link in merges.shared_links(tx, two, one)}
        assert (after[child]["end"], after[child]["evidence"]) == (date(2027, 5, 1), {"channel": "desk"})
        assert after[other]["blocked_at"] == BEGINNING, "a block is never dropped"
        merges.give_back(tx, one, changed)
        merges.reopen_links(tx, two, was)
        assert merges.shared_links(tx, two, one) == before
        merges.share_blocks(tx, two, before)
        blocked = {link.merged["child_id"]: link.merged["blocked_at"] for link in merges.shared_links(tx, two, one)}
        assert blocked == {child: None, other: BEGINNING}
        merges.give_back(tx, one, [{**changed[0], "became": {}}])
        assert merges.shared_links(tx, two, one)[0].kept["end_reason"] == "disowned"
