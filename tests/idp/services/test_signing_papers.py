"""services/signing_papers: what one person sees of a request, and which certificates are asked for."""

from __future__ import annotations

import pytest

from idp.core.errors import Denied
from idp.eds.signed_by import ORGANISATION, PERSON
from idp.eds.verifier import Policy
from idp.services.signing_papers import oids_of, policy_of
from tests.factories.signing_ground import SigningGround

SIGNING = "1.3.6.1.5.5.7.3.4"


@pytest.mark.parametrize(
    ("certificate", "policy", "oids"),
    [
        ("any", Policy(True, True), (SIGNING,)),
        ("person", Policy(True, False), (SIGNING, PERSON)),
        ("organisation", Policy(False, True), (SIGNING, ORGANISATION)),
    ],
)
def test_the_certificate_asked_for_decides(
    signing_ground: SigningGround, certificate: str, policy: Policy, oids: tuple[str, ...]
) -> None:
    ground = signing_ground
    request_id = ground.ask(roles=[ground.director_role], certificate=certificate)
    paper = ground.parts.signing.look(request_id, ground.director)
    assert (policy_of(paper), oids_of(paper)) == (policy, oids)


def test_who_is_named_signs_for_nobody_but_themselves(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask(subs=[ground.sub(ground.director)])
    paper = ground.parts.signing.look(request_id, ground.director)
    assert policy_of(paper) == Policy(persons=True, organisations=False)
    assert (paper.is_named, paper.capacities, paper.proven_at) == (True, (), None)


def test_the_client_is_shown_in_the_language_of_the_reader(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    names = [ground.parts.signing.look(request_id, ground.director, language=one).client.name for one in ("kk", "ru")]
    assert names == ["Оқулықтар", "Учебники"]


def test_a_person_who_was_blocked_sees_nothing(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    ground.block(ground.director)
    with pytest.raises(Denied) as caught:
        ground.parts.signing.look(request_id, ground.director)
    assert caught.value.code == "session_ended"
