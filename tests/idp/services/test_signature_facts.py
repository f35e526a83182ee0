"""services/signature_facts: words for pages."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from idp.eds.signed_by import EMPLOYEE, HEAD, PERSON, SIGNS_FOR, Names
from idp.services.signature_facts import facts, fingerprint_of
from tests.factories.eds_ground import CONTENT, Ground, nca_of
from tests.factories.eds_ground import HEAD as SCHOOL_HEAD


def test_the_roles_are_words_and_the_weightiest_comes_first() -> None:
    ground = Ground(nca_of("gost2015"))
    signed_by = ground.verifier.verify(ground.cms(ground.key(SCHOOL_HEAD)), CONTENT)
    told = facts(replace(signed_by, roles=frozenset((EMPLOYEE, SIGNS_FOR, HEAD, "1.2.398.3.3.4.3.1"))))
    assert told["roles"] == ["head", "signs_for", "employee"]
    assert told["timestamp"] is None
    assert "iin" not in told
    assert signed_by.iin not in str(told)
    assert facts(replace(signed_by, roles=frozenset((PERSON,))))["roles"] == ["person"]


def test_a_certificate_without_parts_of_a_name_is_called_by_its_whole_name() -> None:
    ground = Ground(nca_of("gost2015"))
    signed_by = ground.verifier.verify(ground.cms(), CONTENT)
    assert facts(replace(signed_by, names=Names("ТЕСТ", "", "", "")))["name"] == "ТЕСТ"


def test_a_fingerprint_is_a_sha256() -> None:
    assert fingerprint_of(b"x") == hashlib.sha256(b"x").hexdigest()
