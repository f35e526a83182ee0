"""Who may act on whose account: nobody takes over an account that can do more than their own, or that other schools
rely on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from idp.core.errors import Denied
from idp.services import found_accounts
from idp.services.acting import Actor
from idp.store import directory, reach
from idp.store.session import Tx

_RANKS = {
    "operator": 4, "official": 3, "director": 3, "deputy": 2, "data_protection": 2, "secretary": 1,
    "pupil": -1, "guardian": -1,
}  # fmt: skip
_MAY_EQUALS = ("operator", "director")
_FROM_ABOVE = ("operator", "official", "director")
SCHOOL_ROLES = (
    "pupil", "teacher", "class_teacher", "social_pedagogue", "nurse", "guard", "canteen", "staff", "secretary",
    "data_protection", "deputy", "director",
)  # fmt: skip
"""Roles that the console gives at a school; guardians come by their links, operators and officials by the operator."""
AUTHORITY_ROLES = ("official",)
"""Roles that the operator gives in the console at an authority; operators are made on the command line only."""


def rank(roles: Iterable[str]) -> int:
    return max((_RANKS.get(role, 0) for role in roles), default=-1)


def grantable(role: str, *, is_authority: bool = False) -> tuple[str, ...]:
    """Roles that somebody in a role may give and end at a school, or at an authority: none above the own, a
    director's only from above, and who watches over data only by the director (Law № 94-V art. 25) or from above.
    """
    if is_authority:
        return AUTHORITY_ROLES if role == "operator" else ()
    if role == "operator":
        return SCHOOL_ROLES
    own = rank([role])
    return tuple(
        one for one in SCHOOL_ROLES
        if rank([one]) <= own and one not in _FROM_ABOVE and (one != "data_protection" or role == "director")
    )  # fmt: skip


def outranks(theirs: Iterable[str], own: str) -> bool:
    """Whether an account with these roles is not to be changed by somebody in this one: above, or as high unless that
    is a director's or the operator's.
    """
    above = rank(theirs) - rank([own])
    return above > 0 or (above == 0 and own not in _MAY_EQUALS)


def check_above(tx: Tx, actor: Actor, person_id: str, *, today: date) -> None:
    """Raises Denied (`person_above`) for an account that holds a role above the actor's, at whatever school."""
    if person_id != actor.person_id and rank(directory.roles_anywhere(tx, person_id, today=today)) > rank([actor.role]):
        raise Denied("the account can do more than your own", code="person_above")


def check(tx: Tx, actor: Actor, person_id: str, *, today: date) -> None:
    """Whether one school may change an account itself: its facts, password, number, sessions, factors, record.

    Raises Denied: `person_above` for a role above the actor's, or equal to it unless that is a director's;
    `person_elsewhere` for who works outside the actor's reach, or has a child or learns only there. They do it
    themselves. `account_of_person` for an account that the school only found (`found_accounts`).
    """
    if person_id == actor.person_id:
        return
    held = directory.held_anywhere(tx, person_id, today=today)
    if outranks((role for role, _ in held), actor.role):
        raise Denied("the account can do more than your own", code="person_above")
    places = {school for role, school in held if rank([role]) >= 0}
    learns = {school for role, school in held if role == "pupil"}
    if (
        any(not _reaches(tx, actor, school) for school in places)
        or (learns and not any(_reaches(tx, actor, school) for school in learns))
        or (
            actor.role != "operator"
            and directory.has_children_elsewhere(tx, actor.organisation_id, person_id, today=today)
        )
    ):
        raise Denied("other schools rely on this account too", code="person_elsewhere")
    if actor.role != "operator" and found_accounts.is_found(tx, person_id, actor.organisation_id):
        raise Denied("the account was somebody's before the school knew them", code="account_of_person")


def check_whole(tx: Tx, actor: Actor, person_id: str, *, today: date) -> None:
    """As `check`, for an act that changes whose everything is: no role at all is held outside the actor's reach.

    Raises Denied (`person_elsewhere`) for one who learns or is a guardian at another school too.
    """
    check(tx, actor, person_id, today=today)
    held = directory.held_anywhere(tx, person_id, today=today)
    if any(not _reaches(tx, actor, school) for _, school in held if school or actor.role != "operator"):
        raise Denied("another school has this person too", code="person_elsewhere")


def _reaches(tx: Tx, actor: Actor, school_id: str) -> bool:
    if school_id == actor.organisation_id:
        return True
    return actor.role == "operator" and reach.is_below(tx, school_id, actor.organisation_id)
