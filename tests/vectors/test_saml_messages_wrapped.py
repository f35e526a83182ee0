"""The wrapping shapes against every message that is taken here: no forged one is authentic (reference, test 29).

Not even where a signature is not demanded: a message that carries one is never read as if it carried none.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from idp.saml import artifact, authn_request, logout, names
from idp.saml.bindings import Received, post, soap
from idp.saml.errors import PageError
from idp.saml.message import Message, authenticate, read
from idp.xml.build import serialize
from idp.xml.parser import Element
from tests.factories.saml_sp import SamlSp, identity_provider
from tests.vectors import saml_wrapping
from tests.vectors.saml_wrapping import SHAPES

SP = SamlSp()
IDP = identity_provider()
MESSAGES: dict[str, Callable[[], Element]] = {
    "AuthnRequest": lambda: SP.authn_request(AssertionConsumerServiceIndex="0"),
    "LogoutRequest": lambda: SP.logout_request({"value": "pupil"}, indexes=["_1"]),
    "LogoutResponse": lambda: SP.logout_response("_1"),
    "ArtifactResolve": lambda: SP.artifact_resolve("AAQAAA=="),
}
READERS: dict[str, Callable[[Message], object]] = {
    "AuthnRequest": authn_request.read,
    "LogoutRequest": lambda message: logout.read(message, IDP),
    "LogoutResponse": logout.read_response,
    "ArtifactResolve": artifact.read_resolve,
}
_HALVES = (saml_wrapping.another_id, saml_wrapping.same_id, saml_wrapping.no_id)


def _received(document: bytes) -> list[Received]:
    """As a form and as an envelope would bring it."""
    by_soap = soap.read(soap.wrap(document))
    encoded = base64.b64encode(document).decode()
    return [post.read([(kind, encoded)]) for kind in ("SAMLRequest", "SAMLResponse")] + [by_soap]


def _believed(document: bytes, name: str) -> list[object]:
    """What is read of it, by each way in that takes it."""
    told: list[object] = []
    for received in _received(document):
        for is_required in (True, False):
            try:
                message = read(received, allowed=(name,))
                if authenticate(message, SP.provider, is_required=is_required):
                    told.append(READERS[name](message))
            except PageError as error:
                told += [] if error.code == "saml_message" else [error]
            else:
                assert message.is_signed
    return told


@pytest.mark.parametrize("name", MESSAGES)
def test_the_signed_message_itself_is_believed(name: str) -> None:
    """Else what follows would show nothing."""
    believed = _believed(serialize(SP.signed(MESSAGES[name]())), name)
    assert len(believed) == 4
    assert len({getattr(one, "id", one) for one in believed}) == 1


@pytest.mark.parametrize("half", _HALVES, ids=lambda half: half.__name__)
@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_29_a_wrapped_message_is_not_believed(shape: str, name: str, half: saml_wrapping.Forge) -> None:
    """CVE-2020-5390, CVE-2021-21238, CVE-2024-8698, CVE-2025-47949."""

    def forge(element: Element) -> None:
        for attribute in ("AssertionConsumerServiceIndex", "InResponseTo"):
            if attribute in element.attrib:
                element.set(attribute, "9" if attribute.endswith("Index") else "_evil")
        for each in element.iter(f"{{{names.SAML}}}NameID", f"{{{names.SAMLP}}}Artifact"):
            each.text = "evil"
        half(element)

    document = serialize(SP.signed(MESSAGES[name]()))
    assert _believed(SHAPES[shape](document, forge), name) == []


@pytest.mark.parametrize("name", MESSAGES)
def test_a_signature_of_one_message_fits_no_other(name: str) -> None:
    """The Signature element of one, put where it belongs in another of the same ID."""
    for other in MESSAGES:
        donor, taker = SP.signed(MESSAGES[other]()), MESSAGES[name]()
        if other == name:
            taker.set("Consent", "evil")
        taker.set("ID", donor.get("ID") or "")
        taker.insert(1, donor[1])
        assert _believed(serialize(taker), name) == []
