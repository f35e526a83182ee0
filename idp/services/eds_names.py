"""The name a certificate has: how people write it, and what is offered when it differs from the one kept here."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.core.clock import Clock
from idp.core.names import as_written, full_name, search_key, sort_key
from idp.eds.signed_by import SignedBy
from idp.store import account, audit, credentials, eds_accounts, feed
from idp.store.account import Named
from idp.store.session import UnitOfWork

METHOD = "eds"
"""The credential of both transports, for the key is the same: `names` of the last certificate, names `declined`."""


@dataclass(frozen=True, slots=True)
class NameOffer:
    """The name that is kept here, and the one the certificate has now."""

    current: str
    offered: str


class EdsNames:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def offer(self, person: Named) -> NameOffer | None:
        """The certificate's name where it differs from the kept one and was not declined."""
        with self._uow.read() as tx:
            row = credentials.by_person(tx, person.id, METHOD)
        names = _offered(person, row.data) if row else None
        if names is None:
            return None
        return NameOffer(person.name, full_name(names["family_name"], names["given_name"], names["middle_name"]))

    def answer(self, person_id: str, *, take: bool) -> None:
        """Takes the certificate's name, or remembers that the person keeps theirs. Nothing when nothing is offered."""
        now = self._clock.now()
        with self._uow.write() as tx:
            row = credentials.by_person(tx, person_id, METHOD)
            current = account.named(tx, person_id)
            names = _offered(current, row.data) if row and current else None
            if row is None or names is None:
                return
            if not take:
                credentials.keep(tx, row.id, {**row.data, "declined": row.data["names"]})
                return
            parts = (names["family_name"], names["given_name"], names["middle_name"])
            keys = {"sort_key": sort_key(*parts), "search_key": search_key(*parts), "updated_at": now}
            eds_accounts.rename(tx, person_id, {**names, **keys})
            schools = eds_accounts.schools_of(tx, person_id) or [""]
            feed.append(tx, "people", "changed", [(school, person_id) for school in schools], now=now)
            audit.record(tx, event="names_taken", now=now, person_id=person_id)


def names_of(signed_by: SignedBy) -> dict[str, str]:
    """`family_name`, `given_name` and `middle_name` as people write them: certificates use capitals."""
    names = signed_by.names
    found = {
        "family_name": as_written(names.family_name),
        "given_name": as_written(names.given_name),
        "middle_name": as_written(names.middle_name),
    }
    if not found["family_name"] and not found["given_name"]:
        found["given_name"] = as_written(names.common_name)
    return found


def _offered(person: Named, data: Mapping[str, Any]) -> dict[str, str] | None:
    """What a name would become. A part that the certificate leaves out stays: it may simply not fit there."""
    names = data.get("names")
    if not names or data.get("declined") == names:
        return None
    current = {
        "family_name": person.family_name,
        "given_name": person.given_name,
        "middle_name": person.middle_name,
    }
    offered = {part: str(names.get(part) or value) for part, value in current.items()}
    return None if all(_folded(offered[part]) == _folded(value) for part, value in current.items()) else offered


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
