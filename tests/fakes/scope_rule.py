"""The scope rule on executed SQL: statements on rows of a school say whose or which school's rows they mean.

A statement that reads, changes or deletes rows of a table with `school_id` must have a condition on the school or on
a person, or come from a session or a grant, which belong to one person. A bare row id is no bound: that is how one
school reads another's rows by guessing.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Delete, Engine, Select, Table, Update, event
from sqlalchemy.sql import visitors

from tests.fakes.source import ROOT

UNBOUND = {
    "idp/store/clients.py:schools_off": "where one client is switched off, over all schools",
    "idp/store/census.py:counts": "the operator's drill counts a whole copy",
    "idp/store/census.py:newest_event": "likewise",
    "idp/store/retention.py:count": "the rules of retention hold for the whole installation",
    "idp/store/retention.py:delete_some": "likewise",
    "idp/store/audit.py:number_since": "how often one actor was refused lately",
    "idp/store/audit.py:record_many": "appends; each event names its person",
    "idp/store/audit_chain.py:links": "the chain over all events, for who verifies it",
    "idp/store/audit_chain.py:unlinked": "events that wait for their link, for the sealer",
    "idp/store/audit.py:happened": "only whether one actor or client left such a trace lately",
    "idp/store/oidc.py:happened": "the same, asked by the engine",
    "idp/store/exports.py:people_of_client": "a number, over all schools of one client",
    "idp/store/consent_records.py:schools_with": "ids of schools alone, for the job that ends consents",
    "idp/store/clients.py:schools_of": "the operator's view of one client over all schools",
    "idp/store/clients.py:schools_on": "one client's own schools, from which its scope is made",
    "idp/store/feed.py:append": "appends; each change names its school",
    "idp/store/feed.py:end": "a place in the log, no row of it",
    "idp/store/feed.py:mark_restored": "says of the whole log that it was put back",
    "idp/store/feed.py:was_restored": "likewise, no row of it",
    "idp/store/feed_lapses.py:links": "over all schools, for the log of changes, which names the school",
    "idp/store/feed_lapses.py:memberships": "likewise",
    "idp/store/feed_lapses.py:places": "likewise",
    "idp/store/invitations.py:by_code": "bound by the hash of a code, which names one child",
    "idp/store/guardian_links.py:add_if_new": "adds one link; the row names child and guardian",
    "idp/store/guardian_memberships.py:leave_none": "bound by guardians, of whom it ends what belongs to no school",
    "idp/store/guardianships.py:set_of_age": "bound by the children whose day of birth changed",
    "idp/store/directory.py:held_by": "bound by people; a school's file must not change who holds a role elsewhere",
    "idp/store/grants.py:redeem": "bound by the hash of a code, whose grant names person and membership",
    "idp/store/grants.py:rotate": "bound by the hash of a refresh token, likewise",
    "idp/store/second_factors.py:only_by_eds": "a number over the whole installation, for `idp doctor`",
}
"""Functions of the store that are bound to no school on purpose, and why."""

_BOUNDS = frozenset({"school_id", "person_id", "child_id", "guardian_id", "membership_id"})
_ONE_PERSONS = frozenset({"grants", "sessions"})
_STORE = f"{ROOT}/idp/store/"
_seen: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def watch(refuse: Callable[[str], None]) -> Callable[[], None]:
    """Calls `refuse` for every statement of the store without a bound; returns what ends the watch."""

    def look(_connection: Any, statement: Any, *_rest: Any) -> None:
        if isinstance(statement, Select | Update | Delete) and (unbound := unbound_table(statement)):
            where = _caller()
            if where and where not in UNBOUND:
                refuse(f"{where} touches {unbound} without naming a school or a person")

    event.listen(Engine, "before_execute", look)
    return lambda: event.remove(Engine, "before_execute", look)


def unbound_table(statement: Select[Any] | Update | Delete) -> str:
    """The school-bound table that the statement touches without a bound, or an empty string."""
    found = _seen.get(statement)
    if found is None:
        tables = {element for element in visitors.iterate(statement) if isinstance(element, Table)}
        if isinstance(statement, Update | Delete) and isinstance(statement.table, Table):
            tables.add(statement.table)
        touched = sorted(table.name for table in tables if "school_id" in table.c)
        is_bound = bool(_ONE_PERSONS & {table.name for table in tables}) or bool(_BOUNDS & set(_conditions(statement)))
        found = _seen[statement] = touched[0] if touched and not is_bound else ""
    return found


def _conditions(statement: Any) -> Iterator[str]:
    """Names of the columns that WHERE looks at, in subqueries too. ON only ties rows together and bounds nothing."""
    for element in visitors.iterate(statement):
        if isinstance(element, Select | Update | Delete):
            for condition in element._where_criteria:
                for column in visitors.iterate(condition):
                    if column.__visit_name__ == "column":
                        yield str(getattr(column, "key", ""))


def _caller() -> str:
    """`idp/store/people.py:pupils_of` when the statement comes from the store, else an empty string."""
    frame = sys._getframe(2)
    outermost = ""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_STORE):
            outermost = f"{path.removeprefix(f'{ROOT}/')}:{frame.f_code.co_name}"
        elif outermost:
            break
        frame = frame.f_back  # type: ignore[assignment]
    return outermost
