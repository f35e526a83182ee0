"""services/consent_kdp: an adapter of our own shape; what it trusts and what it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, BinaryIO

import pytest

from idp.core.errors import Conflict, NotFound, Unavailable
from idp.services.consent_channels import Elsewhere
from idp.store import people
from tests.factories.citizens import IIN, MINOR_IIN
from tests.factories.consent_ground import ConsentGround


class StateService:
    """Stands where the fetcher is; `answer` is what it says next."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.answer: Any = {"id": "KDP-7", "url": "https://kdp.example/7"}

    def post_bytes(self, url: str, body: bytes, **_: Any) -> bytes:
        self.posted.append(json.loads(body))
        return json.dumps(self.answer).encode()

    def download(self, url: str, file: BinaryIO, **_: Any) -> int:
        assert url == "https://kdp.example/api/requests/KDP-7"
        return file.write(json.dumps(self.answer).encode())


def test_a_consent_given_at_the_state_service_is_recorded_once(consent_ground: ConsentGround) -> None:
    state, parts, ids = StateService(), consent_ground.parts, consent_ground.people
    desk = replace(consent_ground.desk, fetcher=state, kdp_url="https://kdp.example/api/")  # type: ignore[arg-type]
    text_id, hand = consent_ground.publish(), consent_ground.hand("gulnara")
    with pytest.raises(Conflict) as unknown:
        desk.acts.give(hand, ids["nurlan"], text_id, channel="kdp")
    assert unknown.value.code == "kdp_without_iin"
    with parts.uow.write() as tx:
        vault = parts.iin_vault
        numbers = [(ids["gulnara"], IIN), (ids["nurlan"], MINOR_IIN)]
        people.set_iin(tx, [(one, vault.lookup(iin), vault.seal(one, iin)) for one, iin in numbers])
    state.answer = {"id": "KDP-7", "url": "http://kdp.example/7"}
    with pytest.raises(Unavailable):
        desk.acts.give(hand, ids["nurlan"], text_id, channel="kdp")
    state.answer = {"id": "KDP-7", "url": "https://kdp.example/7"}
    sent = desk.acts.give(hand, ids["nurlan"], text_id, channel="kdp")
    assert isinstance(sent, Elsewhere)
    request_id = sent.url.rsplit("/", 1)[1]
    body = state.posted[-1]
    assert (body["id"], body["subject"], body["signer"], body["purpose"]) == (request_id, MINOR_IIN, IIN, "visits")
    assert desk.kdp is not None
    for wrong in ({"id": "KDP-7", "request": "0" * 32}, {"id": "KDP-8", "request": request_id}, ["given"]):
        state.answer = wrong
        with pytest.raises(Unavailable):
            desk.kdp.look(request_id)
    state.answer = {"id": "KDP-7", "request": request_id, "state": "given", "at": "2026-09-01"}
    answered = desk.kdp.look(request_id)
    assert (answered.state, answered.url, consent_ground.holds("nurlan")) == ("given", "https://kdp.example/7", False)
    assert desk.acts.collect(answered.about, answered.proof) == desk.acts.collect(answered.about, answered.proof)
    row = consent_ground.record("nurlan")
    assert (row.channel, row.proof["kdp_id"], IIN in str(row.proof)) == ("kdp", "KDP-7", False)
    desk.withdrawals.withdraw(hand, ids["nurlan"], row.id)
    assert desk.acts.collect(answered.about, answered.proof) == row.id  # The answer of then is no consent of now.
    assert consent_ground.record("nurlan").state == "withdrawn"
    with pytest.raises(Conflict):
        desk.acts.collect(answered.about, dict(answered.proof) | {"request": "1" * 32})
    with pytest.raises(NotFound):
        desk.kdp.look("0" * 32)
