"""The school's desk: somebody shows a paper, and the secretary links them to a child at once (Digital Code art. 40).

The paper is seen and described in words; there is nowhere to keep a copy of it (Law № 94-V art. 7(10)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from idp.core import iin as iins
from idp.core.calendar import OF_AGE, age
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_id
from idp.core.names import search_key, sort_key
from idp.core.scope import Scope
from idp.services import found_accounts
from idp.services.guardian_acts import Act, refuse_own, settle_in
from idp.services.keys import IinVault
from idp.services.sheets import first_password
from idp.services.throttle import Throttle
from idp.services.usernames import Usernames
from idp.store import account, audit, credentials, eds_accounts, feed, guardian_links, guardianships, people
from idp.store.models.people import GUARDIAN_RELATIONS
from idp.store.session import Tx, UnitOfWork

_LONGEST = 120
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Paper:
    """What was shown, in words. `number` and `issued` may be empty for a paper that has none."""

    kind: str
    number: str = ""
    issued: str = ""
    issuer: str = ""

    @property
    def words(self) -> str:
        number = f"№ {_line(self.number)}" if _line(self.number) else ""
        kind = " ".join(part for part in (_line(self.kind), number) if part)
        return ", ".join(part for part in (kind, _line(self.issued), _line(self.issuer)) if part)


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Who stands there. `iin` finds an account, or `username` with the same names; else one is made."""

    family_name: str
    given_name: str
    middle_name: str = ""
    iin: str = ""
    username: str = ""
    relation: str = "parent"
    paper: Paper = Paper("")
    begin: date | None = None
    end: date | None = None
    is_seen: bool = False
    """That the identity document was seen."""


@dataclass(frozen=True, slots=True)
class Linked:
    """`password` is set for a new account only: print it, then let it go."""

    link_id: str
    person_id: str
    name: str
    username: str
    password: str = ""


class GuardianDesk:
    """`hash_password` is argon2id: slow, so it runs before the write transaction."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, vault: IinVault, hash_password: Callable[[str], str],
        throttle: Callable[[], Throttle], *, is_dev: bool,
    ) -> None:  # fmt: skip
        self._uow = uow
        self._clock = clock
        self._vault = vault
        self._hash = hash_password
        self._throttle = throttle
        self._is_dev = is_dev

    def mistakes(self, at_desk: AtDesk) -> list[str]:
        """Codes of what is wrong with a form; empty when it will do."""
        number = iins.bare(at_desk.iin)
        wrong = [
            ("name_missing", not _line(at_desk.family_name) and not _line(at_desk.given_name)),
            ("iin_wrong", bool(number) and not self._is_number(number)),
            ("guardian_minor", self._is_number(number) and _is_minor(number, self._today())),
            ("relation_unknown", at_desk.relation not in GUARDIAN_RELATIONS),
            ("basis_missing", len(at_desk.paper.words) < 3),
            ("term_wrong", at_desk.end is not None and at_desk.end <= (at_desk.begin or self._today())),
            ("not_seen", not at_desk.is_seen),
        ]
        return [code for code, is_wrong in wrong if is_wrong]

    def link(self, scope: Scope, school_id: str, child_id: str, at_desk: AtDesk) -> Linked:
        """Links somebody to a child, verified now. Raises NotFound outside the scope or (`person_unknown`) for a
        number or username that does not go with the names, which counts against guessing (TooSoon); Conflict
        (`link_there`, `link_blocked`, `child_of_age`); Invalid; Denied (`own_link`) for who would link themselves.
        """
        wrong = self.mistakes(at_desk)
        if wrong:
            raise Invalid("the form is not complete", code=wrong[0])
        number = iins.bare(at_desk.iin)
        lookups = self._vault.lookups(number) if number else ()
        found = self._identify(scope, school_id, child_id, at_desk, lookups)
        now, between = self._clock.now(), (child_id, found)
        refuse_own(self._uow, scope, between, right="guardians.write", school_id=school_id, now=now)
        password = "" if found else first_password()
        encoded = self._hash(password) if password else ""
        with self._uow.write() as tx:
            today = local_date(now)
            if not guardian_links.learns(tx, scope, child_id, today=today):
                raise NotFound("no such pupil")
            person_id = _find(tx, at_desk, lookups)
            if (not person_id and not password) or person_id == scope.person:
                raise Conflict("this account has changed meanwhile", code="link_changed")
            if person_id:
                password = ""
                known = guardian_links.between(tx, child_id, person_id, today=today)
                if known is None or known.evidence.get("channel") != "code":
                    found_accounts.note(tx, scope, [person_id], school_id, actor_id=scope.person, by="desk", now=now)
                if not eds_accounts.is_active(tx, person_id):
                    people.reopen(tx, person_id, now=now)
                    feed.append(tx, "people", "changed", [(school_id, person_id)], now=now)
            else:
                person_id = self._begin(tx, at_desk, number, school_id, encoded, now)
            link_id = self._link(tx, scope, school_id, child_id, person_id, at_desk, now)
            person = account.named(tx, person_id)
            assert person is not None
        return Linked(link_id, person_id, person.name, person.username, password)

    def _identify(
        self, scope: Scope, school_id: str, child_id: str, at_desk: AtDesk, lookups: tuple[bytes, ...]
    ) -> str:
        """Whose account it is, or nothing. Nobody finds out by trying whose a number is."""
        if not lookups and not _line(at_desk.username):
            return ""
        now = self._clock.now()
        with self._uow.read() as tx:
            if not guardian_links.learns(tx, scope, child_id, today=local_date(now)):
                raise NotFound("no such pupil")
        ticket = self._throttle().enter(f"desk {scope.person}", f"desk {school_id}")
        with self._uow.write() as tx:
            try:
                found = _find(tx, at_desk, lookups)
            except NotFound as error:
                refused = error
            else:
                self._throttle().passed(tx, ticket)
                return found
            audit.record(
                tx, event="access_denied", now=now, actor_id=scope.person, school_id=school_id,
                data={"right": "guardians.write", "role": scope.role, "why": refused.code},
            )  # fmt: skip
        raise refused

    def _begin(self, tx: Tx, at_desk: AtDesk, number: str, school_id: str, encoded: str, now: datetime) -> str:
        """A new account with a first password."""
        names = {name: _line(getattr(at_desk, name)) for name in ("family_name", "given_name", "middle_name")}
        parts, person_id = tuple(names.values()), new_id()
        row: dict[str, Any] = {
            "id": person_id, "claims": {}, "status": "active", **names,
            "birth_date": iins.birth_date(number), "sex": iins.sex(number),
            "iin_sealed": self._vault.seal(person_id, number) if number else None,
            "iin_lookup": self._vault.lookup(number) if number else None,
            "sort_key": sort_key(*parts), "search_key": search_key(*parts), "created_at": now, "updated_at": now,
        }  # fmt: skip
        for _ in range(_TRIES):
            usernames = Usernames(lambda wanted: people.taken_usernames(tx, wanted), lambda _chosen: None)
            (username,) = usernames.choose([("", names["given_name"], names["family_name"])])
            if eds_accounts.add_if_new(tx, row | {"username": username}):
                credentials.replace(tx, "password", [(person_id, {"hash": encoded})], must_change=True, now=now)
                feed.append(tx, "people", "added", [(school_id, person_id)], now=now)
                audit.record(
                    tx, event="person_added", now=now, person_id=person_id, school_id=school_id,
                    data={"role": "guardian"},
                )  # fmt: skip
                return person_id
        raise Conflict("somebody with this number came a moment before", code="link_changed")

    def _link(
        self, tx: Tx, scope: Scope, school_id: str, child_id: str, person_id: str, at_desk: AtDesk, now: datetime
    ) -> str:
        today = local_date(now)
        of_age = guardianships.birthdays(tx, [child_id])[child_id]
        if person_id == child_id or (of_age is not None and of_age <= today):
            raise Conflict("a person of age has no guardian", code="child_of_age")
        values: dict[str, Any] = {
            "school_id": school_id, "relation": at_desk.relation, "basis": at_desk.paper.words,
            "verified_by": scope.person, "verified_at": now, "begin": at_desk.begin or today, "end": at_desk.end,
            "end_reason": "", "of_age_on": of_age, "kept_at": None, "evidence": {"channel": "desk", "seen": "identity"},
        }  # fmt: skip
        known = guardian_links.between(tx, child_id, person_id, today=today)
        if known is None:
            row = {"id": new_id(), "child_id": child_id, "guardian_id": person_id, **values}
            is_done = guardian_links.add_if_new(tx, row)
        elif known.state in ("waiting", "ended"):
            values["evidence"] = {**known.evidence, **values["evidence"]}
            only_if = "waiting" if known.state == "waiting" else "over"
            is_done = guardian_links.change(tx, child_id, known.id, only_if, values, today=today)
        else:
            is_done = False
        if not is_done:
            code = "link_blocked" if known is not None and known.state == "blocked" else "link_there"
            raise Conflict("these two are linked already", code=code)
        link = guardian_links.between(tx, child_id, person_id, today=today)
        assert link is not None
        settle_in(tx, person_id, school_id, now=now, today=today)
        act = Act(tx, link, scope.person, school_id, now)
        act.record("guardian_linked", "added", relation=link.relation, channel="desk")
        return link.id

    def _is_number(self, number: str) -> bool:
        """Made-up numbers fail the checksum and are taken in development only."""
        return iins.is_well_formed(number) and (self._is_dev or iins.has_valid_check_digit(number))

    def _today(self) -> date:
        return local_date(self._clock.now())


def _find(tx: Tx, at_desk: AtDesk, lookups: tuple[bytes, ...]) -> str:
    """The account of who stands there, or nothing. A number counts with the family name that goes with it, a username
    with both names.
    """
    if lookups:
        known = next(iter(people.by_iin(tx, lookups).values()), "")
        holder = account.named(tx, known) if known else None
        if known and (holder is None or _names(holder)[0] != _names(at_desk)[0]):
            raise NotFound("no such account", code="person_unknown")
        return known
    username = _line(at_desk.username).lower()
    if not username:
        return ""
    person_id = people.by_username(tx, username)
    person = account.named(tx, person_id) if person_id else None
    if person is None or not eds_accounts.is_active(tx, person.id) or _names(person) != _names(at_desk):
        raise NotFound("no such account", code="person_unknown")
    return person.id


def _names(person: AtDesk | account.Named) -> tuple[str, str]:
    return search_key(_line(person.family_name)), search_key(_line(person.given_name))


def _is_minor(number: str, today: date) -> bool:
    born = iins.birth_date(number)
    return born is not None and age(born, today) < OF_AGE


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:_LONGEST]
