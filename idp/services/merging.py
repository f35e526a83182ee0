"""Duplicates: found, compared side by side, merged in one transaction, and taken apart again after a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Denied, NotFound
from idp.core.names import full_name
from idp.core.scope import Scope
from idp.services import logout, rank
from idp.services.acting import Actor
from idp.services.consent_ends import Ends
from idp.services.directory import reached
from idp.services.keys import IinVault
from idp.store import audit, directory, feed, merges
from idp.store.session import Tx, UnitOfWork

MOST_PAIRS = 100
_LINKS = ("children", "guardians")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two who may be one, and why: `name`, `phone` or `email`."""

    why: str
    one: str
    one_name: str
    other: str
    other_name: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands against a merge (`refusals`) and what it would cost (`notes`), in words the page translates."""

    refusals: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    id: str
    username: str
    at: datetime


class Merging:
    def __init__(self, uow: UnitOfWork, clock: Clock, vault: IinVault, ends: Ends) -> None:
        self._uow = uow
        self._clock = clock
        self._vault = vault
        self._ends = ends

    def pairs(self, scope: Scope) -> list[Pair]:
        """Two at a time, each pair once, the surest first; at most a hundred of each kind."""
        today = local_date(self._clock.now())
        found: dict[tuple[str, str], Pair] = {}
        with self._uow.read() as tx:
            for why, one, other in merges.alike(tx, scope, today=today, limit=MOST_PAIRS):
                if (one, other) not in found:
                    first, second = directory.one(tx, scope, one), directory.one(tx, scope, other)
                    if first and second:
                        names = (_name(first), _name(second))
                        found[one, other] = Pair(why, one, names[0], other, names[1], first["birth_date"])
        return list(found.values())

    def outlook(self, actor: Actor, scope: Scope, kept_id: str, merged_id: str) -> Outlook:
        """Before anything is pressed. Raises NotFound for somebody out of reach, Denied for an account above."""
        with self._uow.read() as tx:
            return self._outlook(tx, actor, scope, kept_id, merged_id)[0]

    def _outlook(
        self, tx: Tx, actor: Actor, scope: Scope, kept_id: str, merged_id: str
    ) -> tuple[Outlook, Mapping[str, Any], Mapping[str, Any]]:
        today = local_date(self._clock.now())
        if kept_id == merged_id:
            raise NotFound("one record is not two")
        kept, merged = (reached(tx, scope, one, today=today) for one in (kept_id, merged_id))
        for one in (kept_id, merged_id):
            _check_own(tx, actor, scope, one, today)
        shared = merges.shared_links(tx, merged_id, kept_id)
        against = {
            "self": actor.person_id in (kept_id, merged_id),
            "status": any(row["status"] not in ("active", "ended") for row in (kept, merged)),
            "restricted": any(row["restricted_at"] for row in (kept, merged)),
            "iin": self._differ(kept, merged),
            "linked": merges.are_linked(tx, kept_id, merged_id),
            "blocked_link": any(link.loses_block for link in shared),
        }
        costs = {
            "birth_date": bool(
                kept["birth_date"] and merged["birth_date"] and kept["birth_date"] != merged["birth_date"]
            ),
            "card": bool(merges.active_card(tx, kept_id) and merges.active_card(tx, merged_id)),
            "link": bool(shared),
            "username": True,
        }
        words = (tuple(word for word, is_so in about.items() if is_so) for about in (against, costs))
        return Outlook(*words), kept, merged

    def _differ(self, kept: Mapping[str, Any], merged: Mapping[str, Any]) -> bool:
        """Whether both have an ИИН, and not the same."""
        numbers = {self._vault.open(row["id"], row["iin_sealed"]) for row in (kept, merged) if row["iin_sealed"]}
        return len(numbers) > 1

    def merge(self, actor: Actor, scope: Scope, kept_id: str, merged_id: str) -> None:
        """Everything of the one record becomes the other's; the merged one can no longer sign in.

        Raises Conflict (`merge_refused`) where something stands against it, NotFound, Denied.
        """
        now = self._clock.now()
        today = local_date(now)
        self._vault.lookups("")  # The keys are read before the transaction.
        with self._uow.write() as tx:
            outlook, kept, merged = self._outlook(tx, actor, scope, kept_id, merged_id)
            if outlook.refusals:
                raise Conflict(", ".join(outlook.refusals), code="merge_refused")
            logout.end_all(tx, [merged_id], now=now, reason="merged")
            before = merges.places(tx, merged_id)
            moved: dict[str, Any] = {"status": merged["status"], "returned_card": ""}
            if merges.active_card(tx, kept_id) and (card := merges.active_card(tx, merged_id)):
                merges.set_card(tx, merged_id, card, "returned", before="active", by=actor.person_id, now=now)
                moved["returned_card"] = card
            shared = merges.shared_links(tx, merged_id, kept_id)
            leave = {name: [one.merged["id"] for one in shared if one.name == name] for name in _LINKS}
            leave["credentials"] = merges.credentials_to_leave(tx, merged_id, kept_id)
            moved["taken_over"] = merges.take_over(tx, kept_id, shared, today=today)
            moved["ended_links"] = merges.end_links(tx, merged_id, shared, today=today)
            twice = {
                "memberships": merges.held_twice(tx, merged_id, kept_id, today=today),
                "enrolments": merges.enrolled_twice(tx, merged_id, kept_id, today=today),
            }
            for table, rows in twice.items():
                merges.set_end(tx, merged_id, table, [one for one, _ in rows], today)
            moved["twice"] = {table: [(one, merges.plain(end)) for one, end in rows] for table, rows in twice.items()}
            moved["number"] = self._move_number(tx, kept, merged)
            moved |= merges.move(tx, merged_id, kept_id, leave=leave)
            merges.mark(tx, merged_id, kept_id, moved, by=actor.person_id, now=now)
            self._ends.rebound(tx, kept_id, now=now)
            before["guardianships"] += [(one.kept["school_id"], one.kept["id"]) for one in shared]
            self._tell(tx, merged_id, kept_id, before, ended=merged_id, now=now)
            for person_id, data in _both(kept_id, merged_id):
                audit.record(
                    tx, event="people_merged", now=now, actor_id=actor.person_id, person_id=person_id,
                    school_id=scope.schools[0], data=data,
                )  # fmt: skip

    def _move_number(self, tx: Tx, kept: Mapping[str, Any], merged: Mapping[str, Any]) -> bool:
        """An ИИН that only the merged record has becomes the kept one's, sealed to it."""
        if kept["iin_sealed"] or not merged["iin_sealed"]:
            return False
        number = self._vault.open(merged["id"], merged["iin_sealed"])
        fresh = (kept["id"], self._vault.lookup(number), self._vault.seal(kept["id"], number))
        merges.set_numbers(tx, [(merged["id"], None, None), fresh])
        return True

    def history(self, scope: Scope, kept_id: str) -> list[Merged]:
        """Records that became this one. Raises NotFound outside the scope."""
        with self._uow.read() as tx:
            reached(tx, scope, kept_id, today=local_date(self._clock.now()))
            return [Merged(*row[:3]) for row in merges.merged(tx, scope, kept_id)]

    def undo(self, actor: Actor, scope: Scope, kept_id: str, merged_id: str) -> None:
        """Takes a merge apart: what moved goes back, what it ended begins again. Raises NotFound, Denied, Conflict."""
        now = self._clock.now()
        today = local_date(now)
        self._vault.lookups("")
        with self._uow.write() as tx:
            kept = reached(tx, scope, kept_id, today=today)
            _check_own(tx, actor, scope, kept_id, today)
            found = [row for row in merges.merged(tx, scope, kept_id) if row[0] == merged_id]
            if not found:
                raise NotFound("no such merge")
            if kept["status"] not in ("active", "ended"):
                raise Conflict("the kept record is merged or erased itself", code="merge_refused")
            moved = found[0][3]
            if moved["number"] and kept["iin_sealed"]:
                number = self._vault.open(kept_id, kept["iin_sealed"])
                back = (merged_id, self._vault.lookup(number), self._vault.seal(merged_id, number))
                merges.set_numbers(tx, [(kept_id, None, None), back])
            merges.move_back(tx, merged_id, kept_id, moved)
            merges.give_back(tx, kept_id, moved["taken_over"])
            merges.reopen_links(tx, merged_id, moved["ended_links"])
            merges.share_blocks(tx, merged_id, shared := merges.shared_links(tx, merged_id, kept_id))
            for person_id in (kept_id, merged_id):
                self._ends.rebound(tx, person_id, now=now)
            for table, rows in moved["twice"].items():
                for one, end in rows:
                    merges.set_end(tx, merged_id, table, [one], merges.rich("end", end))
            if moved["returned_card"] and not merges.active_card(tx, merged_id):
                merges.set_card(
                    tx, merged_id, moved["returned_card"], "active", before="returned", by=actor.person_id, now=now
                )
            merges.unmark(tx, merged_id, moved["status"], now=now)
            places = merges.places(tx, merged_id)
            places["guardianships"] += [(one.kept["school_id"], one.kept["id"]) for one in shared]
            self._tell(tx, merged_id, kept_id, places, ended="", now=now)
            for person_id, data in _both(kept_id, merged_id):
                audit.record(
                    tx, event="merge_undone", now=now, actor_id=actor.person_id, person_id=person_id,
                    school_id=scope.schools[0], data=data,
                )  # fmt: skip

    def _tell(
        self, tx: Tx, merged_id: str, kept_id: str, places: Mapping[str, list[tuple[str, str]]], *, ended: str,
        now: datetime,
    ) -> None:  # fmt: skip
        for kind, rows in places.items():
            feed.append(tx, kind, "changed", rows, now=now)
        schools = {school for rows in places.values() for school, _ in rows} | set(
            directory.schools_anywhere(tx, kept_id)
        )
        feed.append(tx, "people", "changed", [(school, kept_id) for school in sorted(schools)], now=now)
        word = "ended" if ended else "added"
        feed.append(tx, "people", word, [(school, merged_id) for school in sorted(schools)], now=now)


def _check_own(tx: Tx, actor: Actor, scope: Scope, person_id: str, today: date) -> None:
    """A record may be merged by who has it today, or had it last: no school takes one from another, and a claim to a
    child of the school hands nobody's account over; the operator alone decides about those. Raises Denied.
    """
    rank.check_whole(tx, actor, person_id, today=today)
    if actor.role == "operator" or directory.within(tx, scope, person_id, today=today, for_writing=True):
        return
    if directory.held_anywhere(tx, person_id, today=today):
        raise Denied("the record is not this school's", code="person_elsewhere")


def _both(kept_id: str, merged_id: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """An event on both records: whoever asks about either finds it."""
    return (kept_id, {"other": merged_id, "kept": kept_id}), (merged_id, {"other": kept_id, "kept": kept_id})


def _name(row: Mapping[str, Any]) -> str:
    return full_name(row["family_name"], row["given_name"], row["middle_name"]) or str(row["username"])
