"""What the demo school asks parents: a text for every purpose we have a draft of, and a campaign that has begun.

Some parents have answered on paper, so that the campaign shows how far it is; those who can sign in have not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from idp.core import levels
from idp.core.clock import Clock, local_date
from idp.services import consent_contents
from idp.services import scope as scopes
from idp.services.acting import Actor
from idp.services.consent_desk import ConsentDesk
from idp.services.consent_texts import PURPOSES, Draft
from idp.store import people
from idp.store.session import UnitOfWork

Drafts = Callable[[str, Mapping[str, Any]], Draft]
"""Our draft of a purpose for a school (`documents/consent_drafts.draft`)."""
_CAMPAIGN = "Оқу жылының келісімдері (ойдан алынған)"
_DAYS = 21
_ASKED = ("visits", "meal_payment", "photo")
_RECEIVERS = {
    "textbooks": ("«Білім кітап» ЖШС (ойдан алынған)", "ТОО «Билим китап» (вымышлено)"),
    "lms": ("«Оқу жүйесі» ЖШС (ойдан алынған)", "ТОО «Система обучения» (вымышлено)"),
}
_PAPERS: tuple[tuple[str, Mapping[str, str], tuple[str, ...]], ...] = (
    ("alikhan", {"signer_name": "Тоқтар Ерлан", "relation": "parent"}, _ASKED),
    ("tomiris", {"signer_name": "Сатыбалды Гүлмира", "relation": "parent"}, ("visits",)),
    ("polina", {"signer": "elena", "language": "ru"}, _ASKED),
    ("miras", {"signer_name": "Рахымов Асхат", "relation": "parent"}, _ASKED),
)
"""Whose parent answered: who signed (a username where they have an account), and which texts."""


def make_consents(
    uow: UnitOfWork, clock: Clock, desk: ConsentDesk, school: str, drafts: Drafts, *, director: str, secretary: str
) -> None:
    """For the school with this БИН, unless it has a text already. `director` and `secretary` are usernames."""
    with uow.read() as tx:
        found = people.schools(tx, school)
        head, clerk = people.by_username(tx, director), people.by_username(tx, secretary)
    if len(found) != 1 or head is None or clerk is None:
        return
    scope = scopes.of_actor(head, "director", (found[0],))
    if desk.texts.all(scope):
        return
    actor = Actor(head, "", "director", found[0], levels.MFA, (), clock.now(), "")
    facts = desk.texts.school(scope, found[0])
    published: dict[str, str] = {}
    for purpose in PURPOSES:
        draft = _named(purpose, drafts(purpose, facts))
        if consent_contents.missing(purpose, "", draft.title, draft.body, draft.contents):
            continue
        published[purpose] = desk.texts.draft(scope, found[0], actor, purpose, "", draft)
        desk.texts.publish(scope, published[purpose], actor)
    today = local_date(clock.now())
    sent = {"title": _CAMPAIGN, "begin": today.isoformat(), "end": (today + timedelta(days=_DAYS)).isoformat()}
    desk.campaigns.begin(scope, found[0], actor, sent, [published[one] for one in _ASKED], [])
    for number, (pupil, said, purposes) in enumerate(_PAPERS, start=1):
        with uow.read() as tx:
            person, signer = people.by_username(tx, pupil), people.by_username(tx, said.get("signer", ""))
        paper = dict(said) | {"number": f"ДЕМО-{number}", "date": today.isoformat()}
        if signer is not None:
            paper["signer"] = signer
        for purpose in purposes if person is not None else ():
            desk.papers.give(clerk, found[0], str(person), published[purpose], paper)


def _named(purpose: str, draft: Draft) -> Draft:
    """With a made-up receiver, where our draft leaves a gap for the school's own."""
    if purpose not in _RECEIVERS:
        return draft
    kazakh, russian = _RECEIVERS[purpose]
    third_parties = {"is": True, "kk": kazakh, "ru": russian}
    return Draft(draft.title, draft.body, {**draft.contents, "third_parties": third_parties})
