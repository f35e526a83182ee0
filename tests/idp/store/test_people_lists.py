"""Lists of people within a scope."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import event

from idp.core.names import sort_key
from idp.core.scope import Scope
from idp.store import people_lists, words
from idp.store.people_lists import Sieve
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_a_list_is_narrowed_ordered_and_kept_within_its_scope(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx, name_ru="Школа № 12"), add_school(tx, "№ 5 ауыл мектебі")
        klass = add_class(tx, school)
        ids: dict[str, str] = {}
        for family in ("Яковлев", "Әбдіқадыров", "Аянов", "Іскендіров", "Омаров"):
            ids[family] = add_person(tx, f"u{len(ids)}", family_name=family, sort_key=sort_key(family, "", ""))
        for family in ("Яковлев", "Әбдіқадыров", "Аянов"):
            add_membership(tx, ids[family], school)
        add_membership(tx, ids["Іскендіров"], other)
        add_membership(tx, ids["Аянов"], school, "nurse")
        add_guardianship(tx, school, ids["Яковлев"], ids["Омаров"])
        add_enrolment(tx, school, klass, ids["Яковлев"], "pupil")
        gone = add_person(tx, "gone", family_name="Серіков", sort_key=sort_key("Серіков", "", ""))
        add_membership(tx, gone, school, end=date(2026, 6, 1))
        words.renew(tx, [*ids.values(), gone])
    whole, both = Scope("", "director", (school,)), Scope("", "operator", (school, other))
    of_class = Scope("", "class_teacher", (school,), classes=(klass,))

    def names(scope: Scope, sieve: Sieve, *, limit: int = 50, offset: int = 0) -> list[str]:
        with uow.read() as tx:
            rows, _ = people_lists.page(tx, scope, sieve, today=TODAY, limit=limit, offset=offset)
        return [row.family_name for row in rows]

    assert names(whole, Sieve()) == ["Аянов", "Әбдіқадыров", "Омаров", "Яковлев"]
    assert names(whole, Sieve(), limit=1, offset=1) == ["Әбдіқадыров"]
    assert names(both, Sieve("iskend")) == ["Іскендіров"]
    assert names(whole, Sieve("iskend")) == []
    assert names(whole, Sieve("abdi")) == ["Әбдіқадыров"]
    assert names(whole, Sieve(role="nurse")) == ["Аянов"]
    assert names(whole, Sieve(role="guardian")) == names(of_class, Sieve(role="guardian")) == ["Омаров"]
    assert names(whole, Sieve("яков", class_id=klass)) == ["Яковлев"]
    assert names(of_class, Sieve()) == ["Омаров", "Яковлев"]
    assert names(whole, Sieve(has_left=True)) == names(whole, Sieve("serikov", has_left=True)) == ["Серіков"]
    with uow.read() as tx:
        assert people_lists.page(tx, whole, Sieve(), today=TODAY, limit=2, offset=100) == ([], 4)
        assert people_lists.roles_of(tx, whole, [ids["Аянов"]], today=TODAY) == {
            ids["Аянов"]: [("nurse", school), ("pupil", school)]
        }
        assert people_lists.titles_of(tx, whole, list(ids.values()), today=TODAY) == {ids["Яковлев"]: ["7 «Ә»"]}
        assert people_lists.homerooms(tx, of_class) == [(klass, "7 «Ә»")]
        assert people_lists.school_names(tx, whole, [school, other]) == {school: ("№ 12 мектеп-гимназия", "Школа № 12")}


def test_a_surname_typed_is_one_statement_through_the_index_of_words(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        found = add_person(tx, "serik", family_name="Серіков", sort_key=sort_key("Серіков", "", ""))
        add_membership(tx, found, school)
        words.renew(tx, [found])
    sent: list[tuple[str, Any]] = []

    def noted(connection: object, cursor: object, statement: str, given: Any, context: object, many: bool) -> None:
        sent.append((statement, given))

    with uow.write() as tx:
        connection = tx.connection
        event.listen(connection, "before_cursor_execute", noted)
        rows, total = people_lists.page(
            tx, Scope("", "director", (school,)), Sieve("serikov"), today=TODAY, limit=30, offset=0
        )
        event.remove(connection, "before_cursor_execute", noted)
        assert ([row.id for row in rows], total, len(sent)) == ([found], 1, 1)
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:  # With one row in it PostgreSQL would rather read the table.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        asked = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(asked + sent[0][0], sent[0][1]))
    if is_sqlite:
        assert "SEARCH person_words USING" in plan, plan
        assert "SCAN people" not in plan, plan
    else:
        assert "pk_person_words" in plan, plan
        assert "Seq Scan" not in plan, plan
