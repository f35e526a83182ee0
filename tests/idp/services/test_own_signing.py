"""services/own_signing: documents of our own, of a client that nobody can act as."""

from __future__ import annotations

import base64

import pytest

from idp.core.errors import Denied
from idp.oidc.client import Client
from idp.oidc.client_auth import authenticate
from idp.oidc.errors import InvalidClient
from idp.oidc.request import EndpointRequest, Params
from idp.services.own_signing import CLIENT_ID, OwnSigning
from idp.store import clients
from tests.factories.signing_ground import SigningGround


def test_only_who_is_named_sees_it_and_nobody_is_the_client(signing_ground: SigningGround) -> None:
    parts = signing_ground.parts
    own = OwnSigning(parts.uow, parts.clock, parts.oidc.subjects)
    title = {"kk": "Келісім", "ru": "Согласие", "en": "Consent"}
    asked = [
        own.ask("Мәтін\n", title, signing_ground.teacher, about={"text": "t"}, return_uri="http://localhost:8000/x")
        for _ in range(2)
    ]
    paper = parts.signing.look(asked[0], signing_ground.teacher)
    assert (paper.may_sign, paper.certificate, paper.row.signers["about"]) == (True, "person", {"text": "t"})
    with pytest.raises(Denied):
        parts.signing.look(asked[0], signing_ground.director)
    with parts.uow.read() as tx:
        record = clients.find(tx, CLIENT_ID)
    assert record is not None
    assert (list(Client(record).redirect_uris), Client(record).grant_types) == ([], ["none"])
    for header in ("", "Basic " + base64.b64encode(b"bilim-id:x").decode()):
        request = EndpointRequest(Params({"client_id": CLIENT_ID}), header)
        with pytest.raises(InvalidClient):
            authenticate(parts.oidc, parts.oidc_stores, request)
    assert len(signing_ground.events("client_added")) == 2  # The ground's own, and this one once.
