"""store/consent_texts: a published row is out of reach of every statement that changes a draft."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from idp.core.clock import FixedClock
from idp.store import consent_texts
from tests.factories.consent_ground import consent_ground


def test_only_drafts_change_and_only_within_the_scope(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with consent_ground(sqlite_url, tmp_path, clock) as ground:
        text_id, scope = ground.publish(), ground.scope
        foreign = replace(scope, schools=(ground.other,))
        with ground.parts.uow.write() as tx:
            row = consent_texts.one(tx, scope, text_id)
            assert row is not None
            assert consent_texts.one(tx, foreign, text_id) is None
            assert not consent_texts.change(tx, scope, text_id, {"sha256": ""})
            assert not consent_texts.drop(tx, scope, text_id)
            draft = row._asdict() | {"id": "d" * 32, "version": 2, "published_at": None}
            consent_texts.add(tx, scope, draft)
            assert consent_texts.newest(tx, scope, "visits", "") == 2
            assert (consent_texts.newest(tx, foreign, "visits", ""), consent_texts.newest(tx, scope, "lms", "")) == (
                0,
                0,
            )
            assert not consent_texts.change(tx, foreign, "d" * 32, {"sha256": ""})
            assert consent_texts.change(tx, scope, "d" * 32, {"sha256": ""})
            assert [one.version for one in consent_texts.of_schools(tx, scope)] == [2, 1]
            assert [one.version for one in consent_texts.of_schools(tx, scope, current=True)] == [1]
            assert not consent_texts.retire(tx, scope, "d" * 32, now=clock.now())
            assert consent_texts.drop(tx, scope, "d" * 32)
            assert consent_texts.retire(tx, scope, text_id, now=clock.now())
            assert not consent_texts.retire(tx, scope, text_id, now=clock.now())
            assert consent_texts.school(tx, scope, ground.other) is None
            assert consent_texts.receivers(tx) == []
