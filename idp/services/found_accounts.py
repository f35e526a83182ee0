"""Accounts that were somebody's before a school knew them: it may link them and give them a role, and no more.

Whoever types an ИИН and a name makes an account reachable; were that enough to print a new password for it, any school
could become any person. So the school leaves the account alone (`rank.check`) until its owner, signed in, asks this
school themselves by a code of a child there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from idp.core.calendar import OF_AGE, age
from idp.core.clock import local_date
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.store import audit, credentials, directory, import_ledger
from idp.store.session import Tx

_FOUND, _CONFIRMED = "account_found", "account_confirmed"


def note(
    tx: Tx, scope: Scope, people: Iterable[str], school_id: str, *, actor_id: str, by: str, now: datetime
) -> None:  # fmt: skip
    """Of these people writes down who has a way in of their own and was never this school's.

    To be called before the link or the role is written. `by` is `desk`, `list` or `role`.
    """
    for person_id in people:
        if credentials.methods_of(tx, person_id) and not _is_own(tx, scope, person_id, today=local_date(now)):
            audit.record(
                tx, event="account_found", now=now, actor_id=actor_id, person_id=person_id, school_id=school_id,
                data={"by": by},
            )  # fmt: skip


def _is_own(tx: Tx, scope: Scope, person_id: str, *, today: date) -> bool:
    """Whether the scope's schools had them before, or made the account with a list of theirs. A child who was never
    anything but a pupil is looked after by the school that has them now.
    """
    born = directory.was_only_pupil(tx, person_id)
    if born is not None and age(born, today) < OF_AGE:
        return True
    return directory.within(tx, scope, person_id, for_writing=True) or import_ledger.has_added(tx, scope, person_id)


def confirmed(tx: Tx, person_id: str, school_id: str, *, now: datetime) -> None:
    """The owner, signed in, has asked this school themselves."""
    if is_found(tx, person_id, school_id):
        audit.record(tx, event="account_confirmed", now=now, person_id=person_id, school_id=school_id)


def is_found(tx: Tx, person_id: str, school_id: str) -> bool:
    """Whether the school only found this account."""
    return bool(found_at(tx, [person_id], school_id))


def found_at(tx: Tx, people: Sequence[str], school_id: str) -> set[str]:
    """Those of these people whose account the school only found."""
    last = audit.newest(tx, scopes.of_operator((school_id,)), people, (_FOUND, _CONFIRMED))
    return {person for person, event in last.items() if event == _FOUND}
