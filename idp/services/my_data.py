"""A person's copy of everything about them (Law № 94-V art. 24(1), 25(2)(9); order-456 reference, D14)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from idp.core import iin as iins
from idp.core import levels
from idp.core.clock import Clock, local_date
from idp.services.audit_log import client_name
from idp.store import audit, audit_log, guardianships, my_data
from idp.store.my_data import KEPT, Kept
from idp.store.session import UnitOfWork

PURPOSES: dict[str, dict[str, str]] = {
    "person": {"kk": "кім екенін тану", "ru": "установление личности", "en": "knowing who somebody is"},
    "school": {"kk": "оқу мен жұмысты ұйымдастыру", "ru": "организация учёбы и работы", "en": "schooling and work"},
    "guardians": {"kk": "бала атынан кім әрекет ете алады", "ru": "кто действует от имени ребёнка", "en": "who may act for a child"},  # noqa: E501
    "cards": {"kk": "кіру мен тамақтануды карта арқылы тіркеу", "ru": "учёт входа и питания по карте", "en": "visits and meals by card"},  # noqa: E501
    "consents": {"kk": "келісімді дәлелдеу", "ru": "подтверждение согласия", "en": "proof of consent"},
    "services": {"kk": "сервистерге рұқсат", "ru": "разрешения сервисам", "en": "what services were allowed"},
    "rights": {"kk": "дербес деректерге қатысты құқықтар", "ru": "права субъекта данных", "en": "rights over personal data"},  # noqa: E501
    "account": {"kk": "жүйеге қауіпсіз кіру", "ru": "безопасный вход", "en": "signing in safely"},
    "log": {"kk": "кім не көргенін және өзгерткенін есепке алу", "ru": "учёт доступа и изменений", "en": "who saw and changed what"},  # noqa: E501
}  # fmt: skip
"""What each group of tables is for."""


class MyData:
    def __init__(self, uow: UnitOfWork, clock: Clock, open_iin: Callable[[str, bytes], str], operator: str) -> None:
        """`open_iin(person_id, sealed)` gives the number; `operator` is who runs the installation."""
        self._uow = uow
        self._clock = clock
        self._open_iin = open_iin
        self._operator = operator

    def copy(self, asker_id: str, person_id: str, *, acr: str) -> dict[str, Any]:
        """Rows by table as JSON values, what each is for, and names of what ids stand for; audited as `data_copied`.

        The ИИН is whole for who signed in with two factors (`acr`), else masked: a password alone is guessed and lent.
        The caller has checked that `asker_id` is the person or may act for them. Of children for whom the person may no
        longer act it holds neither consents nor requests, and of a link that does not hold not the school: where a
        child is may be what must not be known.
        """
        now = self._clock.now()
        is_own = asker_id == person_id
        tables: dict[str, Any] = {}
        with self._uow.read() as tx:
            children = guardianships.children(tx, asker_id, today=local_date(now))
            holding = {one.person_id for one in children}
            about = {person_id, *(one.person_id for one in children if one.may_act)}
            for name, kept in KEPT.items():
                if is_own or kept.group != "account":
                    rows = (
                        row for row in my_data.rows(tx, person_id, name, kept) if row.get("person_id") in (None, *about)
                    )
                    found = [_shaped(row, kept, asker_id, holding) for row in rows]
                    tables[name] = {"group": kept.group, "rows": found}
            sealed = my_data.iin_sealed(tx, person_id)
            classes = my_data.class_titles(tx, person_id)
            ids = _named(tables)
            schools = audit_log.school_names(tx, ids["school_id"])
            metadata = audit_log.client_metadata(tx, ids["client_id"])
        for row in tables["people"]["rows"]:
            iin = self._open_iin(person_id, sealed) if sealed else ""
            row["iin"] = iin if levels.satisfies(acr, (levels.MFA,)) else iins.masked(iin)
        with self._uow.write() as tx:
            audit.record(tx, event="data_copied", now=now, actor_id=asker_id, person_id=person_id)
        return {
            "operator": self._operator,
            "made_at": now.isoformat(),
            "person": person_id,
            "groups": {group: PURPOSES[group] for group in dict.fromkeys(one["group"] for one in tables.values())},
            "names": {
                "schools": {one: name for one, (name, _russian) in schools.items()},
                "classes": classes,
                "services": {one: client_name(metadata, one, "kk") for one in metadata},
            },
            "tables": tables,
        }


def _shaped(row: Mapping[str, Any], kept: Kept, asker_id: str, holding: set[str]) -> dict[str, Any]:
    """`holding`: children whose links to who asks hold."""
    is_anothers = bool(kept.owner) and row[kept.owner] != asker_id
    hidden = kept.private if is_anothers else ()
    if kept.owner == "guardian_id" and not is_anothers and row["child_id"] not in holding:
        hidden = (*kept.private, "school_id")
    return {name: _plain(value) for name, value in row.items() if name not in hidden}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _named(tables: Mapping[str, Any]) -> dict[str, set[str]]:
    """Ids of schools and clients that the rows name."""
    found: dict[str, set[str]] = {"school_id": set(), "client_id": set()}
    for table in tables.values():
        for row in table["rows"]:
            for column, ids in found.items():
                if row.get(column):
                    ids.add(row[column])
    return found
