"""Texts of consent as a school writes them: drafts, versions, publishing, retiring (Law № 94-V art. 8(4)).

A published text never changes; a correction is a new version, and everybody is asked again. What was given before holds
while the new version only says it better; when it asks for more or for something else, older consents end at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.services import consent_contents
from idp.services.acting import Actor
from idp.services.consent_ends import Ends
from idp.store import audit, consent_texts
from idp.store.consent_texts import TextRow
from idp.store.models.consents import PURPOSES, RELEASING
from idp.store.session import Tx, UnitOfWork

__all__ = ["PURPOSES", "ConsentTexts", "Draft", "Looked"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form or a template brings; shapes as in `consent_contents.FACTS`."""

    title: Mapping[str, Any]
    body: Mapping[str, Any]
    contents: Mapping[str, Any]

    def columns(self) -> dict[str, Any]:
        contents = {name: value for name, value in self.contents.items() if name != consent_contents.BASIS}
        return {"title": dict(self.title), "body": dict(self.body), "contents": contents}


@dataclass(frozen=True, slots=True)
class Looked:
    """A text with what its page needs: what keeps it from being published, and what publishing would end."""

    text: TextRow
    missing: Sequence[str]
    before: TextRow | None
    """The version that is asked now, when it is another one."""
    is_wider: bool

    @property
    def sha256_is_whole(self) -> bool:
        """A published text is still what was published."""
        row = self.text
        is_same = row.sha256 == consent_contents.digest(row.purpose, row.recipient, row.title, row.body, row.contents)
        return row.published_at is None or is_same


class ConsentTexts:
    def __init__(self, uow: UnitOfWork, clock: Clock, ends: Ends) -> None:
        self._uow = uow
        self._clock = clock
        self._ends = ends

    def all(self, scope: Scope, *, current: bool = False) -> list[TextRow]:
        with self._uow.read() as tx:
            return consent_texts.of_schools(tx, scope, current=current)

    def receivers(self) -> list[tuple[str, str]]:
        """(client_id, name) of who may be a recipient."""
        with self._uow.read() as tx:
            return consent_texts.receivers(tx)

    def school(self, scope: Scope, school_id: str) -> Mapping[str, Any]:
        """`name name_ru identifier details`, which a draft begins with."""
        with self._uow.read() as tx:
            found = consent_texts.school(tx, scope, school_id)
        if found is None:
            raise NotFound("no such school")
        return found

    def look(self, scope: Scope, text_id: str) -> Looked:
        """Raises NotFound."""
        with self._uow.read() as tx:
            text = self._one(tx, scope, text_id)
            before = self._current(tx, scope, text)
        lacks = consent_contents.missing(text.purpose, text.recipient, text.title, text.body, text.contents)
        is_wider = before is not None and consent_contents.is_wider(before.contents, text.contents)
        return Looked(text, lacks, before, is_wider)

    def draft(self, scope: Scope, school_id: str, actor: Actor, purpose: str, recipient: str, draft: Draft) -> str:
        """Begins the next version; returns its id. Raises Invalid `purpose` or `recipient`, NotFound outside the scope,
        Conflict `consent_draft_exists` while another draft waits."""
        if not scope.allows(school_id):
            raise NotFound("no such school")
        if purpose not in PURPOSES:
            raise Invalid("no such purpose", code="purpose")
        now, row_id = self._clock.now(), new_id()
        try:
            with self._uow.write() as tx:
                if recipient and recipient not in dict(consent_texts.receivers(tx)):
                    raise Invalid("no such recipient", code="recipient")
                known = consent_texts.versions(tx, scope, purpose, recipient)
                if known and known[0].published_at is None:
                    raise Conflict("a draft waits already", code="consent_draft_exists")
                row = draft.columns() | {
                    "id": row_id, "school_id": school_id, "purpose": purpose, "recipient": recipient,
                    "version": (known[0].version if known else 0) + 1, "sha256": "", "made_by": actor.person_id,
                    "made_at": now, "published_at": None, "retired_at": None,
                }  # fmt: skip
                consent_texts.add(tx, scope, row)
                audit.record(
                    tx,
                    event="consent_text_drafted",
                    **self._about(actor, row["school_id"], row_id, version=row["version"]),
                )
        except IntegrityError as error:
            raise Conflict("a draft waits already", code="consent_draft_exists") from error
        return row_id

    def change(self, scope: Scope, text_id: str, actor: Actor, draft: Draft) -> None:
        """Rewrites a draft. Raises NotFound, or Conflict `consent_text_published` for what never changes."""
        with self._uow.write() as tx:
            text = self._one(tx, scope, text_id)
            if not consent_texts.change(tx, scope, text_id, draft.columns()):
                raise Conflict("a published text never changes", code="consent_text_published")
            about = self._about(actor, text.school_id, text_id, version=text.version)
            audit.record(tx, event="consent_text_changed", **about)

    def drop(self, scope: Scope, text_id: str, actor: Actor) -> None:
        """Throws a draft away. Raises as `change`."""
        with self._uow.write() as tx:
            text = self._one(tx, scope, text_id)
            if not consent_texts.drop(tx, scope, text_id):
                raise Conflict("a published text never changes", code="consent_text_published")
            about = self._about(actor, text.school_id, text_id, version=text.version)
            audit.record(tx, event="consent_text_dropped", **about)

    def publish(self, scope: Scope, text_id: str, actor: Actor) -> int:
        """Asks it from now on; returns how many consents to the version before ended. Twice is as good as once.

        Raises Incomplete with every missing content, NotFound, and Conflict `consent_text_over` for a retired one.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            text = self._one(tx, scope, text_id)
            if text.retired_at is not None:
                raise Conflict("this version is over", code="consent_text_over")
            if text.published_at is not None:
                return 0
            consent_contents.check(text.purpose, text.recipient, text.title, text.body, text.contents)
            before = self._current(tx, scope, text)
            sha256 = consent_contents.digest(text.purpose, text.recipient, text.title, text.body, text.contents)
            consent_texts.change(tx, scope, text_id, {"sha256": sha256, "published_at": now})
            ended = 0
            if before is not None:
                consent_texts.retire(tx, scope, before.id, now=now)
                if consent_contents.is_wider(before.contents, text.contents):
                    ended = self._ends.of_purpose(tx, scope, text.purpose, text.recipient, now=now)
            if text.recipient and text.purpose in RELEASING:
                self._ends.of_tokens(tx, scope, text.recipient, now=now)
            data = {"version": text.version, "sha256": sha256, "ended": ended}
            audit.record(tx, event="consent_text_published", **self._about(actor, text.school_id, text_id, **data))
        return ended

    def retire(self, scope: Scope, text_id: str, actor: Actor) -> None:
        """Nobody is asked any more; what was given holds to its own end, and who gave nothing still gives nothing.

        Raises NotFound, Conflict for a draft.
        """
        with self._uow.write() as tx:
            text = self._one(tx, scope, text_id)
            if text.published_at is None:
                raise Conflict("a draft is thrown away, not retired", code="conflict")
            if consent_texts.retire(tx, scope, text_id, now=self._clock.now()):
                audit.record(
                    tx,
                    event="consent_text_retired",
                    **self._about(actor, text.school_id, text_id, version=text.version),
                )

    def rest_on_law(self, scope: Scope, text_id: str, actor: Actor, basis: Mapping[str, str]) -> int:
        """A law is the basis from now on, no consent: nobody is asked, what was given is no longer needed and ends with
        the law's name in its proof, and no service waits for a consent. Returns how many ended.

        Said in a version of its own that asks nothing, so that it is proved like any text, and a later version may ask
        again. An open withdrawal is still answered. Twice is as good as once. Raises Invalid `basis`, NotFound,
        Conflict `consent_text_over` for what is not asked, `consent_draft_exists` while a draft waits.
        """
        consent_contents.check_basis(basis)
        now, words = self._clock.now(), {one: basis[one].strip() for one in consent_contents.LANGUAGES}
        with self._uow.write() as tx:
            text = self._one(tx, scope, text_id)
            newest = consent_texts.versions(tx, scope, text.purpose, text.recipient)[0]
            if newest.contents.get(consent_contents.BASIS) == words and newest.retired_at is not None:
                return 0
            if newest.published_at is None:
                raise Conflict("a draft waits already", code="consent_draft_exists")
            if not consent_texts.retire(tx, scope, text_id, now=now):
                raise Conflict("this version is over", code="consent_text_over")
            contents = dict(text.contents) | {consent_contents.BASIS: words}
            sha256 = consent_contents.digest(text.purpose, text.recipient, text.title, text.body, contents)
            row = text._asdict() | {
                "id": new_id(), "version": newest.version + 1, "contents": contents, "sha256": sha256,
                "made_by": actor.person_id, "made_at": now, "published_at": now, "retired_at": now,
            }  # fmt: skip
            consent_texts.add(tx, scope, row)
            ended = self._ends.of_law(tx, scope, text.purpose, text.recipient, words, now=now)
            data = {"version": row["version"], "basis": True, "ended": ended}
            audit.record(tx, event="consent_text_retired", **self._about(actor, text.school_id, row["id"], **data))
        return ended

    def _one(self, tx: Tx, scope: Scope, text_id: str) -> TextRow:
        found = consent_texts.one(tx, scope, text_id)
        if found is None:
            raise NotFound("no such text")
        return found

    def _current(self, tx: Tx, scope: Scope, text: TextRow) -> TextRow | None:
        """What is asked now for the same purpose and recipient at the same school, another version than this one."""
        rows = consent_texts.versions(tx, scope, text.purpose, text.recipient)
        return next(
            (row for row in rows if row.is_current and row.id != text.id and row.school_id == text.school_id), None
        )

    def _about(self, actor: Actor, school_id: str, text_id: str, **data: Any) -> dict[str, Any]:
        return {
            "now": self._clock.now(),
            "actor_id": actor.person_id,
            "school_id": school_id,
            "data": {"text": text_id, **data},
        }
