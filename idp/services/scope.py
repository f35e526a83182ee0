"""The only place where a Scope is made: from what somebody is, never from what they send."""

from __future__ import annotations

from dataclasses import replace

from idp.core.scope import Scope


def of_person(person_id: str, role: str, schools: tuple[str, ...]) -> Scope:
    """A person acting in one role reaches the schools that role was found at in the database, and no other."""
    return Scope(person=person_id, role=role, schools=schools)


def of_operator(schools: tuple[str, ...]) -> Scope:
    """The operator's own work on the command line, for the schools it names."""
    return Scope(person="", role="operator", schools=schools)


def of_actor(person_id: str, role: str, schools: tuple[str, ...], *, classes: tuple[str, ...] | None = None) -> Scope:
    """Somebody in the console, for the schools that `services/acting.py` found in reach."""
    return Scope(person=person_id, role=role, schools=schools, classes=classes)


def released(scope: Scope) -> Scope:
    """The same reach for an app that somebody of the school uses: it is told nothing of people whose data are blocked.

    The pages of the console still show them, for the school keeps them and answers their requests.
    """
    return replace(scope, is_released=True)


def of_reader(school_id: str) -> Scope:
    """A module's card reader asks about the one school that its client is switched on at."""
    return Scope(person="", role="reader", schools=(school_id,))


def of_client(schools: tuple[str, ...]) -> Scope:
    """A client reads the feed of the schools it is switched on at."""
    return Scope(person="", role="client", schools=schools)
