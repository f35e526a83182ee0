"""services/consent_writing: fact, trace and feed stand or fall together."""

from __future__ import annotations

import pytest

from idp.core.errors import NotFound
from tests.factories.consent_ground import ConsentGround


def test_what_fails_leaves_neither_record_nor_trace(consent_ground: ConsentGround) -> None:
    text_id = consent_ground.publish()
    about = {"person": consent_ground.people["nurlan"], "text": text_id, "signer": consent_ground.people["gulnara"]}

    def record_then_fail() -> None:
        with consent_ground.parts.uow.write() as tx:
            consent_ground.desk.acts.record(tx, about | {"language": "kk"}, "mfa", {})
            raise NotFound

    with pytest.raises(NotFound):
        record_then_fail()
    assert (consent_ground.changes(), consent_ground.events("data_consent_given")) == ([], [])
    consent_ground.give("gulnara", "nurlan", text_id)
    assert (len(consent_ground.changes()), len(consent_ground.events("data_consent_given"))) == (1, 1)
