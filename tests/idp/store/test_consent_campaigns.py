"""store/consent_campaigns: whom a campaign concerns, and how it stands on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from idp.core.clock import FixedClock
from idp.store import consent_campaigns
from tests.factories.consent_ground import consent_ground


def test_a_campaign_is_seen_by_whom_it_concerns(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with consent_ground(sqlite_url, tmp_path, clock) as ground, ground.parts.uow.write() as tx:
        begin = date(2026, 9, 10)
        row = {
            "id": "c" * 32, "school_id": ground.school, "title": "Қыркүйек", "text_ids": [],
            "class_ids": [ground.grade1],
            "begin": begin, "end": begin + timedelta(1),
            "made_by": "p", "made_at": clock.now(), "closed_at": None,
        }  # fmt: skip
        consent_campaigns.add(tx, ground.scope, row)
        consent_campaigns.add(tx, ground.scope, row | {"id": "d" * 32, "class_ids": []})
        assert len(consent_campaigns.of_schools(tx, ground.scope)) == 2
        assert [one.id for one in consent_campaigns.of_schools(tx, ground.class_scope())] == ["d" * 32]
        assert consent_campaigns.one(tx, ground.class_scope(), "c" * 32) is None
        assert consent_campaigns.one(tx, replace(ground.scope, schools=(ground.other,)), "c" * 32) is None
        found = consent_campaigns.one(tx, ground.scope, "c" * 32)
        assert found is not None
        days = [begin + timedelta(step) for step in (-1, 0, 1, 2)]
        assert [found.state_at(day) for day in days] == ["coming", "open", "open", "over"]
        assert consent_campaigns.close(tx, ground.scope, "c" * 32, now=clock.now())
        assert not consent_campaigns.close(tx, ground.scope, "c" * 32, now=clock.now())
