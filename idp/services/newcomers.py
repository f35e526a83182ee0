"""A person added by hand in the console: a pupil with a class, or a member of staff."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from idp.core import iin as iins
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.services.form_tickets import FormTickets
from idp.services.keys import IinVault
from idp.services.person_edits import begin_membership, check_iin_free, tell_begun
from idp.services.person_form import Mistakes, read, read_iin
from idp.services.usernames import Usernames
from idp.store import audit, feed, people, person_edits
from idp.store.session import UnitOfWork


class Newcomers:
    """`is_dev` lets an ИИН through whose check digit fails."""

    def __init__(self, uow: UnitOfWork, clock: Clock, vault: IinVault, tickets: FormTickets, *, is_dev: bool) -> None:
        self._uow = uow
        self._clock = clock
        self._vault = vault
        self._tickets = tickets
        self._is_dev = is_dev

    def add(self, actor: Actor, scope: Scope, form: Mapping[str, str]) -> str:
        """Adds who the form tells of, at the one school of the scope; returns their id. Without any password yet.

        `form` has the fields of `person_form.read`, `iin`, `role`, `class`, `ticket` (sent twice, it adds once) and
        `twin` = `1` from somebody who has seen that a person of this name and birth date is there. Raises Mistakes,
        Denied, Conflict.
        """
        now = self._clock.now()
        today = local_date(now)
        given, wrong = read(form, today=today)
        number, iin_wrong = read_iin(form.get("iin", ""), given.birth_date, is_dev=self._is_dev)
        if iin_wrong:
            wrong["iin"] = iin_wrong
        if wrong:
            raise Mistakes(wrong)
        person_id = new_id()
        columns = given.columns
        if number:
            columns["birth_date"] = given.birth_date or iins.birth_date(number)
            columns["sex"] = given.sex or iins.sex(number)
        lookups = self._vault.lookups(number) if number else ()
        sealed = self._vault.seal(person_id, number) if number else None
        school_id, role = scope.schools[0], form.get("role", "")
        try:
            with self._uow.write() as tx:
                before = self._tickets.spent(tx, actor, form.get("ticket", ""))
                if before:
                    return before
                if lookups:
                    check_iin_free(tx, scope, lookups, person_id)
                twins = person_edits.has_birthday_twin(tx, scope, columns["search_key"], columns["birth_date"])
                if twins and form.get("twin") != "1":
                    raise Mistakes({"twin": "twin"}, twins[0])
                usernames = Usernames(lambda wanted: people.taken_usernames(tx, wanted), lambda _chosen: None)
                (username,) = usernames.choose([("", given.given_name, given.family_name)])
                row = {
                    "id": person_id, "username": username, "claims": {}, "status": "active", **columns,
                    "iin_lookup": lookups[0] if lookups else None, "iin_sealed": sealed,
                    "created_at": now, "updated_at": now,
                }  # fmt: skip
                people.add(tx, [row])
                made = begin_membership(
                    tx, actor, scope, person_id, role, form.get("class", ""), is_primary=True, today=today
                )
                self._tickets.spend(tx, actor, form.get("ticket", ""), person_id)
                feed.append(tx, "people", "added", [(school_id, person_id)], now=now)
                tell_begun(tx, scope, person_id, made, now)
                audit.record(
                    tx, event="person_added", now=now, actor_id=actor.person_id, person_id=person_id,
                    school_id=school_id, data={"role": role},
                )  # fmt: skip
        except IntegrityError as error:
            # Somebody took the username, the ИИН or the ticket a moment before: asking again finds it.
            raise Conflict("somebody was faster", code="try_again", detail=type(error.orig).__name__) from None
        return person_id
