"""services/consent_desk: one of each, built when it is needed."""

from __future__ import annotations

from tests.factories.consent_ground import ConsentGround


def test_the_desk_builds_each_part_once(consent_ground: ConsentGround) -> None:
    desk = consent_ground.desk
    for name in ("seals", "ends", "channels", "acts", "answers", "texts", "campaigns", "reading", "expiry"):
        assert getattr(desk, name) is getattr(desk, name)
    assert desk.kdp is None
    assert "consent_expiry" in [job.name for job in consent_ground.parts.worker()._jobs]
