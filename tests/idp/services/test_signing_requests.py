"""services/signing_requests: each client its own, evidence only for who may hold an ИИН."""

from __future__ import annotations

import base64
import threading
from typing import Any

import pytest

from idp.core.errors import Conflict, NotFound, Unavailable
from idp.eds.signed_by import Evidence
from idp.services.signing_requests import Made
from idp.services.signing_submission import Rejected
from tests.factories.signing_ground import DIRECTOR_IIN, TEXT, SigningGround


def test_a_request_waits_until_its_time_is_over(signing_ground: SigningGround) -> None:
    ground, requests = signing_ground, signing_ground.parts.signing_requests
    made = requests.create(ground.client, ground.body(expires_in=60))
    assert made.state == "waiting"
    shown = requests.show(ground.client, made.id)
    assert shown["state"] == "waiting"
    assert shown["closed_at"] is None
    assert "signer" not in shown
    ground.clock.advance(seconds=60)
    assert requests.show(ground.client, made.id)["state"] == "expired"
    assert ground.events("signing_requested")[0]["request"] == made.id


def test_only_its_client_knows_of_it(signing_ground: SigningGround) -> None:
    ground, requests = signing_ground, signing_ground.parts.signing_requests
    request_id = ground.ask()
    other = ground.register("attendance", bilim_schools=[ground.school])
    for act in (requests.show, requests.cancel):
        with pytest.raises(NotFound):
            act(other, request_id)
        with pytest.raises(NotFound):
            act(ground.client, "f" * 32)
    assert requests.show(ground.client, request_id)["state"] == "waiting"


def test_the_client_learns_who_signed_and_no_iin(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    ground.sign(request_id)
    shown = ground.parts.signing_requests.show(ground.client, request_id)
    assert shown["state"] == "signed"
    assert shown["closed_at"] == ground.clock.now().isoformat()
    assert shown["signer"]["sub"] == ground.sub(ground.director)
    assert shown["signer"]["roles"] == ["head"]
    assert "evidence" not in shown
    assert DIRECTOR_IIN not in str(shown)


def test_evidence_is_for_a_client_that_may_hold_an_iin(signing_ground: SigningGround) -> None:
    ground = signing_ground
    ground.client = ground.register(
        "canteen", bilim_schools=[ground.school], bilim_claims=["name", "iin"], bilim_iin_basis="шарт № 1"
    )
    request_id = ground.ask()
    cms = ground.sign(request_id)
    shown = ground.parts.signing_requests.show(ground.client, request_id)
    evidence = shown["evidence"]
    assert base64.b64decode(evidence["cms"]) == base64.b64decode(cms)
    assert len(evidence["chain"]) == 3
    assert evidence["status"]["source"] == "ocsp"
    assert evidence["timestamp"]["at"] == ground.clock.now().isoformat()
    assert ground.events("evidence_released") == [{"request": request_id}]
    kept = ground.parts.signing.kept(request_id, ground.director).evidence
    assert isinstance(kept, Evidence)
    assert base64.b64decode(evidence["status"]["ocsp"]) == kept.status.der


def test_a_waiting_request_can_be_taken_back_and_a_signed_one_not(signing_ground: SigningGround) -> None:
    ground, requests = signing_ground, signing_ground.parts.signing_requests
    request_id = ground.ask()
    requests.cancel(ground.client, request_id)
    requests.cancel(ground.client, request_id)
    assert requests.show(ground.client, request_id)["state"] == "cancelled"
    assert len(ground.events("signing_cancelled")) == 1
    signed = ground.ask()
    ground.sign(signed)
    with pytest.raises(Conflict):
        requests.cancel(ground.client, signed)


@pytest.mark.parametrize("school", ["other", "none"])
def test_roles_are_asked_where_the_client_is_switched_on(signing_ground: SigningGround, school: str) -> None:
    ground = signing_ground
    role = {"role": "director", "school_id": ground.other_school if school == "other" else "f" * 32}
    body = ground.body(signers={"roles": [ground.director_role, role]})
    with pytest.raises(Rejected) as caught:
        ground.parts.signing_requests.create(ground.client, body)
    assert [pointer for pointer, _ in caught.value.fields] == ["/signers/roles/1/school_id"]
    everywhere = ground.register("attendance", bilim_schools="all")
    if school == "other":
        ground.parts.signing_requests.create(everywhere, body)
    else:
        with pytest.raises(Rejected):
            ground.parts.signing_requests.create(everywhere, body)


def test_nothing_is_taken_where_nobody_could_sign(signing_ground: SigningGround) -> None:
    ground = signing_ground
    (ground.parts.settings.keys_dir / "trust" / "anchors.json").unlink()
    with pytest.raises(Unavailable) as caught:
        ground.parts.signing_requests.create(ground.client, ground.body())
    assert (caught.value.code, caught.value.detail) == ("eds_off", "no_anchors")


def test_the_same_key_makes_one_request(signing_ground: SigningGround) -> None:
    ground, requests = signing_ground, signing_ground.parts.signing_requests
    first = requests.create(ground.client, ground.body(), idempotency_key="month-9")
    again = requests.create(ground.client, ground.body(), idempotency_key="month-9")
    assert again == first
    assert requests.create(ground.client, ground.body(), idempotency_key="month-10").id != first.id
    other = ground.register("attendance", bilim_schools=[ground.school])
    assert requests.create(other, ground.body(), idempotency_key="month-9").id != first.id
    with pytest.raises(Conflict) as caught:
        requests.create(ground.client, ground.body(TEXT + b"!"), idempotency_key="month-9")
    assert caught.value.code == "idempotency_key_reused"


def test_a_key_of_yesterday_makes_a_new_request_whether_or_not_it_was_cleaned_away(
    signing_ground: SigningGround,
) -> None:
    ground, requests = signing_ground, signing_ground.parts.signing_requests
    first = requests.create(ground.client, ground.body(), idempotency_key="month-9")
    ground.clock.advance(days=1)
    second = requests.create(ground.client, ground.body(TEXT + b"!"), idempotency_key="month-9")
    assert second.id != first.id
    assert requests.create(ground.client, ground.body(TEXT + b"!"), idempotency_key="month-9") == second


def test_the_same_key_at_the_same_time_makes_one_request(signing_ground: SigningGround) -> None:
    ground = signing_ground
    made: list[Any] = []
    barrier = threading.Barrier(4)

    def act() -> None:
        barrier.wait()
        made.append(ground.parts.signing_requests.create(ground.client, ground.body(), idempotency_key="k"))

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len({one.id for one in made if isinstance(one, Made)}) == 1
