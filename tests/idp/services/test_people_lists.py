"""The lists of people."""

from __future__ import annotations

from idp.core.scope import Scope
from idp.services.listing import Asked
from tests.factories.console import Console


def test_lists_are_paged_searched_and_exported(console: Console) -> None:
    console.parts.person_words()
    lists = console.parts.people_lists
    school = Scope("", "director", (console.school,))
    both = Scope("", "operator", (console.school, console.other))
    page = lists.of_school(school, Asked(per_page=5, sort="name"))
    assert (len(page.rows), page.pages) == (5, -(-page.total // 5))
    assert [one.id for one in lists.export(school, Asked())][:5] == [one.id for one in page.rows]
    backwards = lists.of_school(school, Asked(per_page=500, sort="-name"))
    assert [one.id for one in backwards.rows][::-1] == [one.id for one in lists.export(school, Asked())]
    (pupil,) = lists.of_school(school, Asked("serikova", filters={"role": "pupil"})).rows
    assert (pupil.name, pupil.roles, pupil.classes, pupil.school) == (
        "Серікова Айгерім Болатқызы", ("pupil",), ("7 «Ә»",), "",
    )  # fmt: skip
    found = lists.everywhere(both, Asked("serikova aigerim")).rows
    assert {one.school_id for one in found} == {console.school, console.other}
    assert lists.everywhere(both, Asked("  «»")).rows == []
    assert lists.homerooms(school) == [(console.klass, "7 «Ә»")]
