"""saml/artifact: the message behind an artifact, for its addressee."""

from __future__ import annotations

import pytest

from idp.saml import artifact, names
from idp.saml.bindings import Received, soap
from idp.saml.errors import RequestDenied, RequestInvalid
from idp.saml.message import Message, authenticate
from idp.saml.message import read as read_message
from idp.saml.names import q
from idp.xml.build import element, serialize
from idp.xml.parser import Element, parse
from idp.xml.signature import sign, verify
from tests.factories.saml_sp import NOW, SamlSp, identity_provider

SP = SamlSp()
IDP = identity_provider()


def _message(sent: Element) -> Message:
    return read_message(Received(serialize(sent), "", names.SOAP_BINDING, "SAMLRequest"), allowed=("ArtifactResolve",))


def test_a_signed_question_is_read() -> None:
    message = read_message(soap.read(SP.by_soap(SP.artifact_resolve(" AAQ= \n"))), allowed=("ArtifactResolve",))
    assert authenticate(message, SP.provider, is_required=True)
    assert artifact.read_resolve(message) == "AAQ="


def test_a_question_has_one_artifact() -> None:
    one = element(q(names.SAMLP, "Artifact"), None, "AAQ")
    for content in ((), (one, element(q(names.SAMLP, "Artifact"), None, "AAR")), (element("x", None, one),)):
        with pytest.raises(RequestInvalid, match="ArtifactResolve is malformed"):
            artifact.read_resolve(_message(SP.message("ArtifactResolve", *content)))
    with pytest.raises(RequestInvalid, match="malformed"):
        artifact.read_resolve(_message(SP.message("ArtifactResolve", element(str(one.tag), None, element("x")))))


def test_the_message_goes_out_as_it_was_signed() -> None:
    """Around it the answer is signed too when it must be."""
    carried = SP.message("Response", destination=None)
    sign(carried, IDP.credential("rsa-sha256"), position=1)
    built = artifact.build_response(IDP, in_response_to="_0", now=NOW, message=serialize(carried))
    assert (built.get("InResponseTo"), built.get("Destination")) == ("_0", None)
    body, _ = soap.unwrap(soap.wrap(built))
    assert [str(one.tag).rpartition("}")[2] for one in body] == ["Issuer", "Status", "Response"]
    alone = parse(serialize(body[2]))
    assert verify(alone, [IDP.credential("rsa-sha256").certificate]) is alone


def test_a_spent_artifact_is_answered_with_success_and_nothing_else() -> None:
    """SAML Core §3.5.3: whoever guesses learns nothing."""
    built = artifact.build_response(IDP, in_response_to="_0", now=NOW, message=None)
    sign(built, IDP.credential("ecdsa-sha256"), position=1)
    assert [str(one.tag).rpartition("}")[2] for one in built] == ["Issuer", "Signature", "Status"]
    assert built[2][0].get("Value") == f"{names.STATUS}Success"


def test_a_refusal_is_told_as_a_status() -> None:
    built = artifact.build_response(IDP, in_response_to="_0", now=NOW, message=None, error=RequestDenied("no"))
    assert [one.get("Value", "")[len(names.STATUS) :] for one in built[1].iter(q(names.SAMLP, "StatusCode"))] == [
        "Responder",
        "RequestDenied",
    ]
