"""Campaigns: which texts, which classes, until when; how far each class is, and who has not answered.

A pupil counts as answered when every text of the campaign has a yes or a no. Somebody who withdrew has answered too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.services.forms import Sheet
from idp.store import audit, consent_campaigns, consent_lists, consent_texts
from idp.store.consent_campaigns import CampaignRow
from idp.store.consent_lists import AnswerRow, Sieve
from idp.store.consent_texts import TextRow
from idp.store.session import Tx, UnitOfWork

_OPEN = ("missing", "expired")
"""States that are no answer to what is asked now."""


@dataclass(slots=True)
class Count:
    """One class, or all: pupils, how many answered every text, how many said yes to every one."""

    id: str
    title: str
    pupils: int = 0
    answered: int = 0
    given: int = 0

    @property
    def percent(self) -> int:
        return self.answered * 100 // self.pupils if self.pupils else 0


@dataclass(frozen=True, slots=True)
class Silent:
    """A pupil for whom answers are missing, and to which texts."""

    person_id: str
    name: str
    class_title: str
    texts: Sequence[TextRow]


@dataclass(frozen=True, slots=True)
class Progress:
    campaign: CampaignRow
    state: str
    texts: Sequence[TextRow]
    classes: Sequence[Count]
    whole: Count
    by_text: Mapping[str, Mapping[str, int]]
    """Numbers of pupils by state, for each text's id."""
    silent: Sequence[Silent]


@dataclass(slots=True)
class _Pupil:
    name: str
    class_id: str
    class_title: str
    states: dict[str, str] = field(default_factory=dict)


class ConsentCampaigns:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def all(self, scope: Scope) -> list[tuple[CampaignRow, str]]:
        """With `coming open over closed`, newest first."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            return [(row, row.state_at(today)) for row in consent_campaigns.of_schools(tx, scope)]

    def choices(self, scope: Scope) -> tuple[list[TextRow], list[tuple[str, str]]]:
        """Texts that pupils are asked now, and classes."""
        with self._uow.read() as tx:
            return _asked(tx, scope), consent_lists.homerooms(tx, scope)

    def begin(
        self, scope: Scope, school_id: str, actor: Actor, sent: Mapping[str, str], text_ids: Sequence[str],
        class_ids: Sequence[str],
    ) -> str:  # fmt: skip
        """`sent` has `title`, `begin`, `end`; no class is the whole school. Returns the id; raises Wrong by field."""
        sheet = Sheet(sent)
        title = sheet.text("title", required=True, longest=120)
        begin, end = sheet.day("begin"), sheet.day("end")
        if end < begin:
            sheet.refuse("end", "order")
        now, campaign_id = self._clock.now(), new_id()
        with self._uow.write() as tx:
            known = {row.id for row in _asked(tx, scope) if row.school_id == school_id}
            if not text_ids or not set(text_ids) <= known:
                sheet.refuse("texts", "missing")
            if not set(class_ids) <= {one for one, _ in consent_lists.homerooms(tx, scope)}:
                sheet.refuse("classes", "unknown")
            sheet.done()
            row = {
                "id": campaign_id, "school_id": school_id, "title": title, "text_ids": list(text_ids),
                "class_ids": list(class_ids), "begin": begin, "end": end, "made_by": actor.person_id, "made_at": now,
                "closed_at": None,
            }  # fmt: skip
            consent_campaigns.add(tx, scope, row)
            data = {"campaign": campaign_id, "texts": list(text_ids), "classes": len(class_ids)}
            audit.record(
                tx, event="consent_campaign_begun", now=now, actor_id=actor.person_id, school_id=school_id, data=data
            )
        return campaign_id

    def close(self, scope: Scope, campaign_id: str, actor: Actor) -> None:
        """Ends it before its time; answers stay. Twice is as good as once. Raises NotFound."""
        now = self._clock.now()
        with self._uow.write() as tx:
            row = self._one(tx, scope, campaign_id)
            if consent_campaigns.close(tx, scope, campaign_id, now=now):
                audit.record(
                    tx, event="consent_campaign_closed", now=now, actor_id=actor.person_id, school_id=row.school_id,
                    data={"campaign": campaign_id},
                )  # fmt: skip

    def progress(self, scope: Scope, campaign_id: str, *, class_id: str = "") -> Progress:
        """Counted now, within the scope: a class teacher sees the own class. Raises NotFound."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            campaign = self._one(tx, scope, campaign_id)
            texts = [row for row in consent_texts.of_schools(tx, scope) if row.id in campaign.text_ids]
            sieve = Sieve(class_ids=(class_id,) if class_id else tuple(campaign.class_ids))
            if class_id and campaign.class_ids and class_id not in campaign.class_ids:
                raise NotFound("no such class in this campaign")
            answers = {text.id: consent_lists.everybody(tx, scope, text, sieve, today=today) for text in texts}
        return _counted(campaign, campaign.state_at(today), texts, answers)

    def _one(self, tx: Tx, scope: Scope, campaign_id: str) -> CampaignRow:
        found = consent_campaigns.one(tx, scope, campaign_id)
        if found is None:
            raise NotFound("no such campaign")
        return found


def _asked(tx: Tx, scope: Scope) -> list[TextRow]:
    texts = consent_texts.of_schools(tx, scope, current=True)
    return [text for text in texts if text.contents.get("audience") != "staff"]


def _counted(
    campaign: CampaignRow, state: str, texts: Sequence[TextRow], answers: Mapping[str, Sequence[AnswerRow]]
) -> Progress:
    pupils: dict[tuple[str, str], _Pupil] = {}
    by_text: dict[str, dict[str, int]] = {}
    for text_id, rows in answers.items():
        counts = by_text.setdefault(text_id, {})
        for row in rows:
            one = pupils.setdefault((row.class_id, row.person_id), _Pupil(row.name, row.class_id, row.class_title))
            one.states[text_id] = row.state
        for answer in {row.person_id: row.state for row in rows}.values():
            counts[answer] = counts.get(answer, 0) + 1
    classes: dict[str, Count] = {}
    whole, silent = Count("", ""), []
    seen: set[str] = set()
    for (_class, person_id), pupil in pupils.items():
        count = classes.setdefault(pupil.class_id, Count(pupil.class_id, pupil.class_title))
        lacks = [text for text in texts if pupil.states[text.id] in _OPEN]
        # Who learns in two classes stands in both, and is one pupil of the school.
        for total in (count,) if person_id in seen else (count, whole):
            total.pupils += 1
            total.answered += not lacks
            total.given += all(state == "given" for state in pupil.states.values())
        seen.add(person_id)
        if lacks:
            silent.append(Silent(person_id, pupil.name, pupil.class_title, lacks))
    return Progress(campaign, state, texts, list(classes.values()), whole, by_text, silent)


def days_left(campaign: CampaignRow, today: date) -> int:
    """Days after today until its last one; negative when it is over."""
    return (campaign.end - today).days
