"""services/evidence: one shape, and the same evidence back."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from idp.core.errors import Unavailable
from idp.eds.signed_by import StatusProof
from idp.services import evidence
from tests.factories.eds_ground import CONTENT, Ground, nca_of


def test_everything_is_said_in_base64_and_read_back_the_same() -> None:
    ground = Ground(nca_of("gost2015"))
    given = ground.verifier.verify(ground.cms(timestamp=True), CONTENT).evidence
    told = evidence.as_json(given)
    assert base64.b64decode(told["cms"]) == given.cms
    assert [base64.b64decode(one) for one in told["chain"]] == list(given.chain)
    assert base64.b64decode(told["status"]["ocsp"]) == given.status.der
    assert told["timestamp"]["at"] == ground.clock.now().isoformat()
    assert evidence.from_json(json.loads(json.dumps(told))) == given


def test_a_list_as_proof_and_no_timestamp_are_read_back_too() -> None:
    ground = Ground(nca_of("gost2015"))
    given = ground.verifier.verify(ground.cms(), CONTENT).evidence
    now = ground.clock.now()
    given = replace(given, status=StatusProof("crl", now, now, crl_number=7))
    assert evidence.from_json(json.loads(json.dumps(evidence.as_json(given)))) == given


def test_what_a_newer_version_wrote_is_not_guessed_at() -> None:
    ground = Ground(nca_of("gost2015"))
    told = evidence.as_json(ground.verifier.verify(ground.cms(), CONTENT).evidence)
    with pytest.raises(Unavailable):
        evidence.from_json(told | {"version": 2})
