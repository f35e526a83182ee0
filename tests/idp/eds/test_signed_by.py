"""What roles and numbers make of a signer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.cli.dev.nca.holder import Role
from tests.factories.eds_ground import CONTENT, HEAD, Ground, nca_of


@pytest.mark.parametrize(
    ("role", "is_head"),
    [("head", True), ("signs", False), ("finance", False), ("personnel", False), ("employee", False)],
)
def test_all_who_speak_for_an_organisation_work_there_and_one_heads_it(role: Role, is_head: bool) -> None:
    ground = Ground(nca_of("gost2015"))
    signed_by = ground.verifier.verify(ground.cms(ground.key(replace(HEAD, role=role))), CONTENT)
    assert (signed_by.is_organisation, signed_by.is_employee, signed_by.is_head) == (True, True, is_head)


def test_a_person_is_nobodys_employee() -> None:
    ground = Ground(nca_of("gost2015"))
    signed_by = ground.verifier.verify(ground.cms(), CONTENT)
    assert (signed_by.is_organisation, signed_by.is_employee, signed_by.is_head) == (False, False, False)


def test_numbers_and_evidence_stay_out_of_logs() -> None:
    """repr() ends up in logs and tracebacks; the ИИН may not (nca reference §9)."""
    ground = Ground(nca_of("gost2015"))
    signed_by = ground.verifier.verify(ground.cms(), CONTENT)
    assert signed_by.iin not in repr(signed_by)
    assert "evidence" not in repr(signed_by)
