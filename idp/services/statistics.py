"""Statistics of a school or of everything below an authority, without anybody in them (Law № 94-V art. 17).

An authority is told groups of fewer than five as «fewer than five», for a single pupil of a small class is a person,
and every other number to the nearest five: else a small group is the rest of a sum, of another table or another school.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from idp.core.clock import LOCAL, Clock, local_date
from idp.core.scope import Scope
from idp.store import statistics
from idp.store.models.consents import PURPOSES
from idp.store.models.people import ROLES
from idp.store.session import UnitOfWork

SMALL = 5
DAYS = 14
_NOT_STAFF = ("pupil", "guardian")


@dataclass(frozen=True, slots=True)
class Row:
    """One group; `count` is None for fewer than five where that is not told, and a multiple of five there."""

    key: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is one of `grades languages shifts staff guardians consents methods days`."""

    name: str
    rows: tuple[Row, ...]


class Statistics:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def tables(self, scope: Scope, *, anonymised: bool) -> list[Table]:
        """Every table, empty ones too. `anonymised` hides groups of fewer than five and rounds."""
        today = local_date(self._clock.now())
        edges = _edges(today)
        with self._uow.read() as tx:
            roles = statistics.by_role(tx, scope, today=today)
            counted = {
                "grades": _numbered(statistics.pupils_by_grade(tx, scope, today=today)),
                "languages": statistics.pupils_by_class(tx, scope, "language", today=today),
                "shifts": statistics.pupils_by_class(tx, scope, "shift", today=today),
                "staff": {role: roles[role] for role in ROLES if role in roles and role not in _NOT_STAFF},
                "guardians": dict(sorted(statistics.pupils_by_guardians(tx, scope, today=today).items())),
                "consents": _ordered(statistics.consents_by_purpose(tx, scope, today=today), PURPOSES),
            }
            signed_in = statistics.sign_ins(tx, scope, edges)
        counted["methods"] = {method: sum(days) for method, days in sorted(signed_in.items())}
        days = [today - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
        counted["days"] = {
            day.isoformat(): sum(one[number] for one in signed_in.values()) for number, day in enumerate(days)
        }
        return [
            Table(name, tuple(Row(key, _told(count, anonymised=anonymised)) for key, count in groups.items()))
            for name, groups in counted.items()
        ]


def _told(count: int, *, anonymised: bool) -> int | None:
    if not anonymised:
        return count
    return None if 0 < count < SMALL else (count + SMALL // 2) // SMALL * SMALL


def _numbered(groups: Mapping[str, int]) -> dict[str, int]:
    return {key: groups[key] for key in sorted(groups, key=lambda key: (not key.isdigit(), key.zfill(2)))}


def _ordered(groups: Mapping[str, int], order: tuple[str, ...]) -> dict[str, int]:
    return {key: groups[key] for key in order if key in groups}


def _edges(today: date) -> list[datetime]:
    """Local midnights around each of the last days, today included."""
    first = today - timedelta(days=DAYS - 1)
    return [datetime.combine(first + timedelta(days=n), time(), LOCAL).astimezone(UTC) for n in range(DAYS + 1)]
