"""From a certificate to an account: whose it is, and what a newcomer begins with.

The ИИН is matched by its keyed hash and never written anywhere else. A certificate of an organisation speaks for a
member of staff of that organisation only, and never brings back a membership that the school has ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from idp.core import iin as iins
from idp.core.calendar import OF_AGE, age
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Denied
from idp.core.ids import new_id
from idp.core.names import search_key, sort_key
from idp.eds.errors import EdsRefused, WrongHolder
from idp.eds.signed_by import SignedBy
from idp.services import scope as scopes
from idp.services.eds_names import METHOD, names_of
from idp.services.keys import IinVault
from idp.services.sessions import STAFF_ROLES
from idp.services.usernames import Usernames
from idp.store import audit, credentials, eds_accounts, feed, people, sessions
from idp.store.eds_accounts import Found, School
from idp.store.session import Tx, UnitOfWork

_TRIES = 5
_NOT_COPIED = ("hardware", "cloud")
Lookup = tuple[bytes, ...]
"""Every keyed hash that one ИИН may be stored under, the one to write first."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody with an account. `membership_id` is the one an organisation's certificate speaks for."""

    person_id: str
    membership_id: str = ""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who may begin here: as a guardian, or (`school`) as a member of its staff."""

    person_id: str = ""
    school: School | None = None

    @property
    def role(self) -> str:
        return "staff" if self.school else "guardian"


class EdsAccounts:
    """`second_factor` holds `staff` and `file` where a password is asked of those beside an ЭЦҚ."""

    def __init__(self, uow: UnitOfWork, clock: Clock, vault: IinVault, second_factor: Collection[str]) -> None:
        self._uow = uow
        self._clock = clock
        self._vault = vault
        self._second_factor = frozenset(second_factor)

    def lookup(self, signed_by: SignedBy) -> Lookup:
        """Keyed hashes of the ИИН; asked for before a transaction, for the key may have to be read."""
        return self._vault.lookups(signed_by.iin)

    def decide(self, tx: Tx, signed_by: SignedBy, lookup: Lookup) -> Known | Stranger:
        """Whose account it is. Raises WrongHolder, or Denied (`onboarding_minor`, `membership_ended`).

        Somebody who may not sign in is refused like any signature that proves nothing (EdsRefused).
        """
        person = eds_accounts.hold_by_iin(tx, lookup)
        if person is not None and not person.is_active:
            raise EdsRefused("this person may not sign in")
        found = self._at_school(tx, signed_by, person) if signed_by.is_organisation else None
        if found is None:
            found = Known(person.id) if person else Stranger()
        if person is None and not is_adult(signed_by.iin, self._today()):
            raise Denied("under 18: the school makes accounts of pupils", code="onboarding_minor")
        return found

    def _at_school(self, tx: Tx, signed_by: SignedBy, person: Found | None) -> Known | Stranger:
        schools = eds_accounts.schools_by_bin(tx, signed_by.bin) if signed_by.is_employee else []
        if not schools:
            raise WrongHolder("an organisation's certificate, and not of a school here")
        if person is not None:
            scope = scopes.of_person(person.id, "staff", tuple(school.id for school in schools))
            terms = eds_accounts.staff_terms(tx, scope, person.id, today=self._today())
            open_term = next((term for term in terms if term.holds), None)
            if open_term is not None:
                return Known(person.id, open_term.id)
            if terms:
                raise Denied("the school has ended this membership", code="membership_ended")
        if len(schools) > 1:
            raise WrongHolder("several organisations here have this БИН")
        return Stranger(person.id if person else "", schools[0])

    def demands_second(self, tx: Tx, person_id: str, signed_by: SignedBy) -> bool:
        """Whether a password is asked for too: of staff in any of their roles, or beside a key that may be a file."""
        if self._demands_beside(signed_by):
            return True
        if "staff" not in self._second_factor:
            return False
        held = sessions.memberships_of_person(tx, person_id, today=self._today()) if person_id else []
        return any(one.role in STAFF_ROLES for one in held)

    def demands_second_of(self, stranger: Stranger, signed_by: SignedBy) -> bool:
        """The same for what a stranger would become."""
        is_staff = "staff" in self._second_factor and stranger.school is not None
        return is_staff or self._demands_beside(signed_by)

    def _demands_beside(self, signed_by: SignedBy) -> bool:
        """A certificate that does not say where its key is kept may well be of a key in a file."""
        return "file" in self._second_factor and signed_by.key_storage not in _NOT_COPIED

    def begin_with(self, tx: Tx, signed_by: SignedBy, lookup: Lookup, *, role: str, language: str) -> str:
        """Makes the account of a stranger from what the certificate says; returns the person. Then they are known.

        Empty when somebody with this ИИН came a moment before: they may be anything, so `decide` is asked again.
        """
        names = names_of(signed_by)
        parts = (names["family_name"], names["given_name"], names["middle_name"])
        now, person_id = self._clock.now(), new_id()
        row: dict[str, Any] = {
            "id": person_id, "claims": {}, "status": "active", "language": language, **names,
            "birth_date": iins.birth_date(signed_by.iin), "sex": iins.sex(signed_by.iin),
            "iin_sealed": self._vault.seal(person_id, signed_by.iin), "iin_lookup": lookup[0],
            "sort_key": sort_key(*parts), "search_key": search_key(*parts), "created_at": now, "updated_at": now,
        }  # fmt: skip
        for _ in range(_TRIES):
            usernames = Usernames(lambda wanted: people.taken_usernames(tx, wanted), lambda _chosen: None)
            (username,) = usernames.choose([("", names["given_name"], names["family_name"])])
            if eds_accounts.add_if_new(tx, row | {"username": username}):
                feed.append(tx, "people", "added", [("", person_id)], now=now)
                audit.record(tx, event="person_onboarded", now=now, person_id=person_id, data={"role": role})
                return person_id
            if eds_accounts.hold_by_iin(tx, lookup) is not None:
                return ""
        raise Conflict("no username could be found")

    def add_guardian(self, tx: Tx, person_id: str) -> None:
        """Makes a newcomer a guardian without children, at no school."""
        now = self._clock.now()
        held = sessions.memberships_of_person(tx, person_id, today=self._today())
        if not held:
            membership = new_id()
            eds_accounts.add_guardian(tx, person_id, {"id": membership, "begin": self._today()})
            feed.append(tx, "memberships", "added", [("", membership)], now=now)

    def prove_membership(self, tx: Tx, person_id: str, school_id: str, signed_by: SignedBy) -> str:
        """Makes somebody a member of a school's staff because its certificate says so; returns the membership.

        One that holds is returned as it is. Raises Denied (`membership_ended`).
        """
        now = self._clock.now()
        scope = scopes.of_person(person_id, "staff", (school_id,))
        terms = eds_accounts.staff_terms(tx, scope, person_id, today=self._today())
        if terms:
            held = next((term.id for term in terms if term.holds), "")
            if not held:
                raise Denied("the school has ended this membership", code="membership_ended")
            return held
        is_first = not sessions.memberships_of_person(tx, person_id, today=self._today())
        row = {
            "id": new_id(), "school_id": school_id, "person_id": person_id, "role": "staff", "is_primary": is_first,
            "begin": self._today(),
        }  # fmt: skip
        people.add_membership(tx, scope, row)
        feed.append(tx, "memberships", "added", [(school_id, str(row["id"]))], now=now)
        # SHA-256 of the CMS finds the evidence and gives nothing away.
        data = {"bin": signed_by.bin, "evidence": hashlib.sha256(signed_by.evidence.cms).hexdigest()}
        audit.record(
            tx, event="membership_proved", now=now, person_id=person_id, school_id=school_id, data=data
        )  # fmt: skip
        return str(row["id"])

    def used(self, tx: Tx, person_id: str, signed_by: SignedBy) -> str:
        """Notes the use of the key and the names it brings; returns the credential, made at first use."""
        now, names = self._clock.now(), names_of(signed_by)
        row = credentials.by_person(tx, person_id, METHOD)
        if row is None:
            credential_id = credentials.add(tx, person_id, METHOD, {"names": names, "declined": None}, now=now)
        else:
            credential_id = row.id
            if row.data.get("names") != names:
                credentials.keep(tx, row.id, {**row.data, "names": names})
        credentials.used(tx, credential_id, now=now)
        return credential_id

    def _today(self) -> date:
        return local_date(self._clock.now())


def is_adult(iin: str, today: date) -> bool:
    """From the day on which the links of guardians pause. A number without a date says nothing of age; under a
    production root there is none (nca.md §8 row 10)."""
    born = iins.birth_date(iin)
    return born is None or age(born, today) >= OF_AGE
