"""Lists of the register reach as far as who looks at them."""

from __future__ import annotations

from idp.services import scope as scopes
from idp.services.listing import Asked
from tests.factories.console import Console


def test_lists_are_narrowed_by_state_class_and_name_and_by_reach(console: Console) -> None:
    people, lists = console.people, console.parts.card_lists
    office = scopes.of_actor(people["secretary"], "secretary", (console.school,))
    teacher = scopes.of_actor(people["class_teacher"], "class_teacher", (console.school,), classes=(console.klass,))
    cards = {
        name: console.parts.cards.issue(office, console.school, name, f"000000{number}", "dec10")
        for number, name in enumerate(("pupil", "teacher", "guard"), start=2001)
    }
    console.parts.cards.block(office, cards["guard"], "stolen")

    def found(scope: object, words: str = "", **filters: str) -> list[tuple[str, str]]:
        rows = lists.listed(scope, Asked(words=words, filters=filters)).rows  # type: ignore[arg-type]
        names = {person: name for name, person in people.items()}
        return sorted((names[one.person_id], one.state) for one in rows)

    assert found(office) == [("guard", "blocked"), ("pupil", "active"), ("teacher", "active")]
    assert found(office, state="blocked") == [("guard", "blocked")]
    assert found(office, "aigerim") == []
    assert found(office, "АЙГЕ") == [("pupil", "active")]
    assert found(office, "%") == []
    assert found(office, **{"class": console.klass}) == found(teacher) == [("pupil", "active")]
    without = [name for name, _ in found(office, state="none")]
    assert "guard" in without
    assert not {"pupil", "teacher", "guardian", "other_pupil"} & set(without)
    assert lists.classes(teacher) == lists.classes(office) == [(console.klass, "7 «Ә»")]
    page = lists.listed(office, Asked(page=2, per_page=2))
    assert (page.total, len(page.rows)) == (3, 1)


def test_a_person_shows_what_was_done_with_their_cards_and_by_whom(console: Console) -> None:
    office = scopes.of_actor(console.people["secretary"], "secretary", (console.school,))
    card = console.parts.cards.issue(office, console.school, "pupil", "0000002001", "dec10")
    console.parts.cards.block_own(console.people["guardian"], console.people["pupil"])
    shown = console.parts.card_lists.of_person(office, console.people["pupil"])
    assert shown.held is not None
    assert (shown.held.id, shown.held.state, shown.can_get_one) == (card, "blocked", True)
    assert sorted((one.event, one.reason, one.hint, one.author) for one in shown.steps) == [
        ("card_blocked", "lost", "2001", "Серікова Гүлнара"),
        ("card_issued", "", "2001", "Өтегенова Гауһар Маратқызы"),
    ]
    elsewhere = scopes.of_actor("x", "director", (console.other,))
    empty = console.parts.card_lists.of_person(elsewhere, console.people["pupil"])
    assert (empty.held, empty.cards, empty.steps, empty.can_get_one) == (None, [], [], False)
