"""Changes to one person in the console: facts, ИИН, roles, a new first password, the end of every session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Denied, Invalid, NotFound
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.services import found_accounts, logout, rank
from idp.services.acting import Actor
from idp.services.consent_ends import Ends
from idp.services.directory import reached
from idp.services.factors import EDS
from idp.services.keys import IinVault
from idp.services.person_form import Mistakes, read, read_iin
from idp.services.post import Post
from idp.store import addresses, audit, credentials, directory, feed, grants, people, person_edits
from idp.store.session import Tx, UnitOfWork

TEACHES = ("teacher", "class_teacher")


class PersonEdits:
    """`is_dev` lets an ИИН through whose check digit fails."""

    def __init__(self, uow: UnitOfWork, clock: Clock, vault: IinVault, ends: Ends, post: Post, *, is_dev: bool) -> None:
        self._uow = uow
        self._clock = clock
        self._vault = vault
        self._ends = ends
        self._post = post
        self._is_dev = is_dev

    def change(self, actor: Actor, scope: Scope, person_id: str, form: Mapping[str, str]) -> list[str]:
        """Names of the columns that changed. Raises Mistakes, NotFound, Conflict (`person_left`), Denied."""
        now = self._clock.now()
        today = local_date(now)
        given, wrong = read(form, today=today)
        if wrong:
            raise Mistakes(wrong)
        with self._uow.write() as tx:
            row = check_account(tx, actor, scope, person_id, today)
            changed = {name: value for name, value in given.columns.items() if row[name] != value}
            fields = sorted(changed.keys() - {"sort_key", "search_key"})
            if fields:
                if "email" in changed:  # The old address hears of it: no other notice reaches it from now on.
                    what = "address_changed" if changed["email"] else "address_removed"
                    self._post.tell(tx, addresses.of_person(tx, person_id), what, now=now)
                person_edits.change(tx, person_id, {**changed, "updated_at": now})
                if "birth_date" in changed:
                    self._ends.rebound(tx, person_id, now=now)
                _tell(tx, "people", "changed", person_id, now)
                audit.record(
                    tx, event="person_changed", now=now, actor_id=actor.person_id, person_id=person_id,
                    school_id=_place(scope), data={"fields": fields},
                )  # fmt: skip
        return fields

    def set_iin(self, actor: Actor, scope: Scope, person_id: str, text: str) -> None:
        """Enters or corrects the number. Raises Mistakes (`iin`, `iin_check`, `iin_birth_date`, `iin_taken`, …).

        An ЭЦҚ finds the account by it: whoever was in by another number is out, and the note of their key is gone.
        """
        now = self._clock.now()
        today = local_date(now)
        with self._uow.read() as tx:
            born = reached(tx, scope, person_id, today=today)["birth_date"]
        number, wrong = read_iin(text, born, is_dev=self._is_dev)
        if not number or wrong:
            raise Mistakes({"iin": wrong or "missing"})
        lookups, sealed = self._vault.lookups(number), self._vault.seal(person_id, number)
        with self._uow.write() as tx:
            row = check_account(tx, actor, scope, person_id, today)
            check_iin_free(tx, scope, lookups, person_id)
            people.set_iin(tx, [(person_id, lookups[0], sealed)], now=now)
            if row["iin_lookup"] not in (None, *lookups):
                credentials.remove_all(tx, person_id, (EDS,))
                logout.end_everything(tx, person_id, now=now, reason="iin_changed")
            self._post.tell(tx, addresses.of_person(tx, person_id), "iin_changed", now=now)
            _tell(tx, "people", "changed", person_id, now)
            audit.record(
                tx, event="iin_changed", now=now, actor_id=actor.person_id, person_id=person_id,
                school_id=_place(scope), data={"what": "corrected" if row["iin_lookup"] else "entered"},
            )  # fmt: skip

    def add_membership(self, actor: Actor, scope: Scope, person_id: str, role: str, class_id: str = "") -> str:
        """One more role at the one school of the scope; rights of two never merge. Returns the membership.

        `class_id` is for a pupil; who learns elsewhere comes by a transfer only. Raises Denied for a role above the
        actor's and for the actor themself, Invalid, Conflict, NotFound.
        """
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            person_edits.hold(tx, person_id)
            _joinable(tx, actor, scope, person_id, role, today)
            found_accounts.note(tx, scope, [person_id], _place(scope), actor_id=actor.person_id, by="role", now=now)
            is_first = not directory.roles_anywhere(tx, person_id, today=today)
            made = begin_membership(tx, actor, scope, person_id, role, class_id, is_primary=is_first, today=today)
            people.reopen(tx, person_id, now=now)
            tell_begun(tx, scope, person_id, made, now)
            audit.record(
                tx, event="membership_added", now=now, actor_id=actor.person_id, person_id=person_id,
                school_id=_place(scope), data={"role": role},
            )  # fmt: skip
            self._post.tell(tx, addresses.of_person(tx, person_id), "role_added", now=now)
        return made[0]

    def end_membership(self, actor: Actor, scope: Scope, person_id: str, membership_id: str) -> None:
        """From today; what hangs on it at the school ends too. Raises NotFound, Conflict (`own_membership`), Denied."""
        now = self._clock.now()
        today = local_date(now)
        if membership_id == actor.membership_id:
            raise Conflict("nobody ends the role they act in", code="own_membership")
        with self._uow.write() as tx:
            reached(tx, scope, person_id, today=today)
            rank.check_above(tx, actor, person_id, today=today)
            role = person_edits.end_membership(tx, scope, person_id, membership_id, today=today)
            if not role:
                raise NotFound("no such role")
            if role not in _grantable(tx, actor, scope):
                raise Denied("a role that is not yours to end", code="role_above")
            kept = directory.roles(tx, scope, person_id, today=today)
            roles = ("pupil",) if role == "pupil" else TEACHES if not set(TEACHES) & set(kept) else ()
            ended = person_edits.end_enrolments(tx, scope, person_id, roles, today=today) if role not in kept else []
            feed.append(tx, "memberships", "ended", [(_place(scope), membership_id), *ended], now=now)
            if people.close(tx, scope, [person_id], today=today, now=now):
                logout.end_all(tx, [person_id], now=now, reason="left")
                _tell(tx, "people", "ended", person_id, now)
            audit.record(
                tx, event="membership_ended", now=now, actor_id=actor.person_id, person_id=person_id,
                school_id=_place(scope), data={"role": role},
            )  # fmt: skip
            self._post.tell(tx, addresses.of_person(tx, person_id), "role_ended", now=now)

    def end_sessions(self, actor: Actor, scope: Scope, person_id: str) -> int:
        """Ends every session of somebody; returns how many ended."""
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            check_account(tx, actor, scope, person_id, today)
            ended = logout.end_all(tx, [person_id], now=now, reason="ended_by_school")
            grants.revoke_person(tx, person_id, now=now)
            audit.record(
                tx, event="sessions_ended", now=now, actor_id=actor.person_id, person_id=person_id,
                school_id=_place(scope), data={"sessions": ended},
            )  # fmt: skip
            self._post.tell(tx, addresses.of_person(tx, person_id), "sessions_ended", now=now)
        return ended

    def check_may_change(self, actor: Actor, scope: Scope, person_id: str) -> None:
        """Before a form about somebody is shown. Raises NotFound, Denied, Conflict (`person_left`)."""
        with self._uow.read() as tx:
            check_account(tx, actor, scope, person_id, local_date(self._clock.now()))

    def check_may_reset(self, actor: Actor, scope: Scope, person_id: str) -> Callable[[Tx], None]:
        """Before a new first password is made or factors are taken away; what it returns asks again in the transaction
        that does it. Raises as `check_may_change`, and Denied (`own_account`): the account's own pages ask for the old
        secret first.
        """
        today = local_date(self._clock.now())

        def check(tx: Tx) -> None:
            if person_id == actor.person_id:
                raise Denied("the own password and factors are changed in the account", code="own_account")
            check_account(tx, actor, scope, person_id, today)

        with self._uow.read() as tx:
            check(tx)
        return check


def check_account(tx: Tx, actor: Actor, scope: Scope, person_id: str, today: date) -> Mapping[str, Any]:
    """The row of somebody whose account the actor may change. Raises NotFound, Conflict (`person_left`), Denied.

    To be asked in the transaction that writes.
    """
    row = reached(tx, scope, person_id, today=today)
    if not directory.within(tx, scope, person_id, today=today, for_writing=True):
        raise Conflict("who has left is not changed here", code="person_left")
    rank.check(tx, actor, person_id, today=today)
    return row


def _joinable(tx: Tx, actor: Actor, scope: Scope, person_id: str, role: str, today: date) -> None:
    """Whether somebody may get one more role: here today, or a former one whom no other school has as a pupil."""
    row = reached(tx, scope, person_id, today=today)
    rank.check_above(tx, actor, person_id, today=today)
    if row["status"] not in ("active", "ended"):
        raise Conflict("this record is not in use", code="person_left")
    held = directory.held_anywhere(tx, person_id, today=today)
    is_elsewhere = any(not scope.allows(school) for held_role, school in held if held_role == "pupil")
    if is_elsewhere and (role == "pupil" or not directory.within(tx, scope, person_id, today=today, for_writing=True)):
        raise Conflict("a pupil of another school comes by a transfer", code="pupil_elsewhere")


def _grantable(tx: Tx, actor: Actor, scope: Scope) -> tuple[str, ...]:
    return rank.grantable(actor.role, is_authority=people.is_authority(tx, _place(scope)))


def check_iin_free(tx: Tx, scope: Scope, lookups: tuple[bytes, ...], person_id: str) -> None:
    """Raises Mistakes (`iin_taken` with whose it is when the scope reaches them, else `iin_elsewhere`)."""
    for holder in people.by_iin(tx, lookups).values():
        if holder != person_id:
            is_near = directory.within(tx, scope, holder)
            raise Mistakes({"iin": "iin_taken" if is_near else "iin_elsewhere"}, holder if is_near else "")


def begin_membership(
    tx: Tx, actor: Actor, scope: Scope, person_id: str, role: str, class_id: str, *, is_primary: bool, today: date
) -> tuple[str, str]:
    """Writes a membership and, with a class, an enrolment; returns their ids, the second may be empty."""
    if role not in _grantable(tx, actor, scope) or person_id == actor.person_id:
        raise Denied("a role that is not yours to give", code="role_above")
    school_id = _place(scope)
    if role in directory.roles(tx, scope, person_id, today=today):
        raise Conflict("the role is held already", code="membership_there")
    klass = person_edits.homeroom(tx, scope, class_id) if class_id else None
    if (class_id and klass is None) or (role == "pupil") != bool(klass):
        raise Mistakes({"class": "class"})
    membership, enrolment = new_id(), new_id() if klass else ""
    row = {
        "id": membership, "school_id": school_id, "person_id": person_id, "role": role, "is_primary": is_primary,
        "begin": today, "grade": klass[1] if klass else "",
    }  # fmt: skip
    people.add_membership(tx, scope, row)
    if klass:
        about = {"id": enrolment, "school_id": school_id, "class_id": class_id, "person_id": person_id}
        person_edits.add_enrolment(tx, scope, {**about, "role": "pupil", "begin": today})
    return membership, enrolment


def tell_begun(tx: Tx, scope: Scope, person_id: str, made: tuple[str, str], now: datetime) -> None:
    """Tells the feed of what `begin_membership` wrote."""
    feed.append(tx, "memberships", "added", [(_place(scope), one) for one in made if one], now=now)


def _place(scope: Scope) -> str:
    """The one school that the scope is of. Raises Invalid for a scope of several."""
    if len(scope.schools) != 1:
        raise Invalid("this is done at one school")
    return scope.schools[0]


def _tell(tx: Tx, kind: str, action: str, person_id: str, now: datetime) -> None:
    at = [(school_id, person_id) for school_id in directory.schools_anywhere(tx, person_id)]
    feed.append(tx, kind, action, at, now=now)
