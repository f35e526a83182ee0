"""What a school's overview counts: the numbers that matter, and what waits for somebody. One function a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from idp.core.clock import LOCAL, Clock, local_date
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.store import audit_log, breaches, classes, consent_records, guardian_links, organisations, subject_requests
from idp.store.audit_log import Wanted
from idp.store.session import Tx, UnitOfWork

Count = Callable[[Tx, Scope, date], int]
_MANY = 1000


def pupils(tx: Tx, scope: Scope, today: date) -> int:
    """Of the school; of the own classes for a class teacher."""
    if scope.classes is not None:
        return sum(row["pupils"] for row in _rooms(tx, scope, today))
    return sum(found for found, _ in organisations.numbers(tx, scope, scope.schools, today=today).values())


def open_classes(tx: Tx, scope: Scope, today: date) -> int:
    return len(_rooms(tx, scope, today))


def staff(tx: Tx, scope: Scope, today: date) -> int:
    return sum(found for _, found in organisations.numbers(tx, scope, scope.schools, today=today).values())


def pupils_without_class(tx: Tx, scope: Scope, today: date) -> int:
    return len(classes.homeless(tx, scope, today=today, limit=_MANY))


def classes_without_teacher(tx: Tx, scope: Scope, today: date) -> int:
    rows = classes.members(tx, scope, today=today, roles=("class_teacher", "teacher"))
    led = {row["class_id"] for row in rows if row["role"] == "class_teacher" or row["is_primary"]}
    return sum(row["id"] not in led for row in _rooms(tx, scope, today))


def guardians_waiting(tx: Tx, scope: Scope, today: date) -> int:
    """Parents with a code, until the school confirms or refuses them."""
    return guardian_links.waiting(tx, scope, today=today)


def requests_open(tx: Tx, scope: Scope, today: date) -> int:
    """Requests of subjects that are not overdue; those are counted apart."""
    waits, late = subject_requests.waiting(tx, scope, today=today)
    return waits - late


def requests_late(tx: Tx, scope: Scope, today: date) -> int:
    return subject_requests.waiting(tx, scope, today=today)[1]


def breaches_untold(tx: Tx, scope: Scope, today: date) -> int:
    """Breaches the authorised body must still be told of, and has time to."""
    waits, late = breaches.untold(tx, scope, today=today)
    return waits - late


def breaches_late(tx: Tx, scope: Scope, today: date) -> int:
    return breaches.untold(tx, scope, today=today)[1]


def withdrawals_open(tx: Tx, scope: Scope, today: date) -> int:
    """Withdrawn consents without an answer that are not overdue."""
    waits, late = consent_records.count_withdrawn(tx, scope, today=today)
    return waits - late


def withdrawals_late(tx: Tx, scope: Scope, today: date) -> int:
    """The 15 working days of art. 8(7) are over, and nobody has said that it stopped."""
    return consent_records.count_withdrawn(tx, scope, today=today)[1]


def export_alerts(tx: Tx, scope: Scope, today: date) -> int:
    """Who took many people's data in the last seven days."""
    begin = datetime.combine(today - timedelta(days=7), time(), LOCAL)
    return audit_log.number(tx, scope, Wanted(begin, begin + timedelta(days=9), event="export_alert"))


NUMBERS: Mapping[str, tuple[str, Count]] = {
    "pupils": ("schools.read", pupils),
    "classes": ("schools.read", open_classes),
    "staff": ("schools.read", staff),
}
"""Shown always. Name → (right, function)."""
WAITS: Mapping[str, tuple[str, Count]] = {
    "pupils_without_class": ("classes.write", pupils_without_class),
    "classes_without_teacher": ("classes.write", classes_without_teacher),
    "guardians_waiting": ("guardians.confirm", guardians_waiting),
    "breaches_late": ("breaches.read", breaches_late),
    "breaches_untold": ("breaches.read", breaches_untold),
    "requests_late": ("requests.read", requests_late),
    "requests_open": ("requests.read", requests_open),
    "withdrawals_late": ("consents.answer", withdrawals_late),
    "withdrawals_open": ("consents.answer", withdrawals_open),
    "export_alerts": ("audit.read", export_alerts),
}
"""Shown when there is something. A name here has its words in `web/admin/waiting.py`."""


class Waiting:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def counted(self, scope: Scope, actor: Actor) -> list[tuple[str, int]]:
        """(name, count) of every line whose right the actor holds: numbers first, then what waits."""
        today = local_date(self._clock.now())
        found: list[tuple[str, int]] = []
        with self._uow.read() as tx:
            for lines, always in ((NUMBERS, True), (WAITS, False)):
                for name, (right, count) in lines.items():
                    if actor.holds(right):
                        number = count(tx, scope, today)
                        if number or always:
                            found.append((name, number))
        return found


def _rooms(tx: Tx, scope: Scope, today: date) -> list[Mapping[str, int]]:
    rows = classes.listed(tx, scope, today=today)
    return [row for row in rows if row["kind"] == "homeroom" and row["status"] == "active"]
