"""Links as rows: within reach or not, and changed only while they are what they were thought to be."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from idp.core.scope import Scope
from idp.store import guardian_links
from idp.store.models.people import Guardianship
from idp.store.session import Tx, UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def _pupil(tx: Tx, school: str, name: str, **fields: object) -> str:
    child = add_person(tx, name, given_name=name, sort_key=name, search_key=name, **fields)
    add_membership(tx, child, school, "pupil")
    klass = add_class(tx, school, name)
    add_enrolment(tx, school, klass, child, "pupil")
    return child


def _page(tx: Tx, scope: Scope, **asked: object) -> list[str]:
    wanted: dict[str, object] = {"words": "", "state": "", "class_id": "", "limit": 50, "offset": 0} | asked
    rows, total = guardian_links.page(tx, scope, today=TODAY, **wanted)  # type: ignore[arg-type]
    assert total >= len(rows)
    return [row.child_given for row in rows]


def test_a_school_finds_the_links_of_its_pupils_whoever_recorded_them(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        guardian = add_person(tx, "gulnara", search_key="гулнара")
        here, there, waits = _pupil(tx, school, "б"), _pupil(tx, other, "в"), _pupil(tx, school, "г")
        add_guardianship(tx, other, here, guardian)
        foreign = add_guardianship(tx, school, there, guardian)
        add_guardianship(tx, school, waits, guardian, verified_at=None)
        scope = Scope("", "director", (school,))
        assert _page(tx, scope) == ["г", "б"], "those that wait come first"
        assert _page(tx, scope, words="гулнара б") == ["б"]
        assert _page(tx, scope, words="%") == []
        assert _page(tx, scope, state="waiting") == ["г"]
        assert _page(tx, scope, limit=1, offset=1) == ["б"]
        assert guardian_links.one(tx, scope, foreign, today=TODAY) is None
        assert guardian_links.waiting(tx, scope, today=TODAY) == 1
        assert {link.child_id for link in guardian_links.of_person(tx, scope, guardian, today=TODAY)} == {here, waits}
        assert len(guardian_links.of_guardian(tx, guardian, today=TODAY)) == 3
        (klass,) = {link.class_title for link in guardian_links.of_child(tx, here, today=TODAY)}
        assert klass == "б"
        assert not guardian_links.learns(tx, scope, there, today=TODAY)
        assert guardian_links.learns(tx, scope, here, today=TODAY)
        nobody = Scope("", "class_teacher", (school,), ())
        assert _page(tx, nobody) == []
        assert not guardian_links.learns(tx, nobody, here, today=TODAY)
        assert guardian_links.schools_of(tx, here, today=TODAY) == [school]


def test_a_change_asks_what_the_link_is_now(uow: UnitOfWork) -> None:
    blocked: dict[str, object] = {"blocked_at": BEGINNING}
    ended: dict[str, object] = {"end": TODAY}
    grown: dict[str, object] = {"of_age_on": TODAY}
    cases: tuple[tuple[dict[str, object], str, set[str]], ...] = (
        ({}, "holds", {"open", "unblocked"}),
        ({"verified_at": None}, "waiting", {"open", "unblocked", "waiting"}),
        (blocked, "blocked", {"open", "blocked"}),
        (grown, "paused", {"open", "unblocked", "paused"}),
        (grown | {"kept_at": BEGINNING}, "holds", {"open", "unblocked"}),
        ({"begin": TODAY + timedelta(days=1)}, "paused", {"open", "unblocked"}),
        (ended, "ended", {"over"}),
        (ended | blocked, "ended", set()),
    )
    with uow.write() as tx:
        school = add_school(tx)
        child, guardian = _pupil(tx, school, "б"), add_person(tx, "gulnara")
        link = add_guardianship(tx, school, child, guardian)
        bare = dict.fromkeys(("begin", "end", "blocked_at", "of_age_on", "kept_at"))
        for changes, state, allowed in cases:
            tx.connection.execute(update(Guardianship).values(bare | {"verified_at": BEGINNING} | changes))
            found = guardian_links.between(tx, child, guardian, today=TODAY)
            assert found is not None
            assert found.state == state, changes
            able = {
                word
                for word in ("open", "waiting", "unblocked", "blocked", "paused", "over")
                if guardian_links.change(tx, child, link, word, {"basis": word}, today=TODAY)
            }
            assert able == allowed, changes
        assert not guardian_links.change(tx, guardian, link, "over", {"basis": ""}, today=TODAY)
        row = {"id": "x" * 32, "school_id": school, "child_id": child, "guardian_id": guardian}
        assert not guardian_links.add_if_new(tx, row), "one link for a pair"
