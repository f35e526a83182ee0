"""saml/logout: who is to be signed out, and how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.saml import logout, names
from idp.saml.bindings import Received
from idp.saml.errors import PageError, PartialLogout, RequestDenied, RequestInvalid, RequestUnsupported, SamlError
from idp.saml.message import Message
from idp.saml.message import read as read_message
from idp.saml.names import q
from idp.xml.build import element, serialize
from idp.xml.encryption import encrypt
from idp.xml.parser import Element, parse
from tests.factories.saml_metadata import credential
from tests.factories.saml_sp import NOW, PAIRWISE, SamlSp, identity_provider

SP = SamlSp()
IDP = identity_provider()
WHOLE = PAIRWISE | {"name_qualifier": "", "sp_name_qualifier": ""}


def _message(sent: Element, name: str = "LogoutRequest") -> Message:
    kind = "SAMLResponse" if name.endswith("Response") else "SAMLRequest"
    return read_message(Received(serialize(sent), "", names.POST, kind), allowed=(name,))


def _read(sent: Element) -> logout.LogoutRequest:
    return logout.read(_message(sent), IDP)


def test_the_least_request_means_every_session_of_the_person() -> None:
    assert _read(SP.logout_request(ID="_1")) == logout.LogoutRequest("_1", SP.entity_id, WHOLE)


def test_everything_that_may_be_said_is_read() -> None:
    asynchronous = element(q(names.ASYNC_SLO, "Asynchronous"))
    sent = SP.logout_request(
        indexes=("_a", " _b "),
        extensions=(element("{urn:x}Other"), asynchronous),
        ID="_1",
        NotOnOrAfter="2026-09-01T03:01:00.25Z",
        Reason=logout.USER,
    )
    until = NOW + timedelta(minutes=1, milliseconds=250)
    assert _read(sent) == logout.LogoutRequest("_1", SP.entity_id, WHOLE, ("_a", "_b"), until, logout.USER, True)


def test_the_qualifiers_of_a_name_are_read() -> None:
    sent = SP.logout_request()
    sent[-1].set("NameQualifier", IDP.entity_id)
    sent[-1].set("SPNameQualifier", "urn:group")
    assert _read(sent).name_id == PAIRWISE | {"name_qualifier": IDP.entity_id, "sp_name_qualifier": "urn:group"}
    del sent[-1].attrib["Format"]
    assert _read(sent).name_id["format"] == ""


def test_32_a_comment_in_the_name_does_not_cut_it() -> None:
    """CVE-2017-11427."""
    xml = serialize(SP.logout_request()).replace(b"k5uxq2tz", b"k5uxq2tz<!-- -->.evil")
    assert _read(parse(xml)).name_id["value"] == "k5uxq2tz.evil"


@pytest.mark.parametrize("number", [0, 1])
def test_an_encrypted_name_is_opened_with_either_of_two_keys(number: int) -> None:
    for sent in (SP.logout_request, lambda **how: SP.signed(SP.logout_request(**how))):
        assert _read(sent(encrypted_for=credential(number))).name_id == WHOLE


def test_an_encrypted_key_beside_the_data_is_found() -> None:
    """SAML Core §2.2.4 lets both stand side by side."""
    sent = SP.logout_request(encrypted_for=credential(1))
    encrypted = sent[-1]
    key_info = encrypted[0][1]
    encrypted.append(key_info[0])
    assert _read(sent).name_id == WHOLE


def test_a_cipher_whose_changes_nobody_notices_is_read_only_under_a_signature() -> None:
    """CBC; else our answers would tell who changes it what is inside."""
    cbc = (f"{names.XENC}aes128-cbc",)
    told = element(q(names.SAML, "NameID"), {"Format": names.PERSISTENT}, "k5uxq2tz")

    def sent() -> Element:
        return _names(
            element(q(names.SAML, "EncryptedID"), None, encrypt(told, credential(0).certificate, algorithms=cbc))
        )

    assert _read(SP.signed(sent())).name_id == WHOLE
    assert _read(sent()).name_id["value"] != WHOLE["value"]


def test_what_cannot_be_decrypted_looks_like_a_name_of_nobody() -> None:
    """Also to a service that signs what another one encrypted: two answers would be an oracle for CBC."""
    stranger = SP.logout_request(encrypted_for=credential(3))
    spoiled = SP.logout_request(encrypted_for=credential(1))
    values = list(spoiled.iter(q(names.XENC, "CipherValue")))
    values[-1].text = (values[-1].text or "")[::-1].lstrip("=")
    other = element(q(names.SAML, "EncryptedID"), None, encrypt(element("a"), credential(1).certificate))
    found = [_read(sent).name_id for sent in (stranger, spoiled, SP.message("LogoutRequest", other))]
    assert len({one["value"] for one in found}) == len(found)
    assert all(one.keys() == WHOLE.keys() for one in found)


def _names(*content: Element) -> Element:
    return SP.message("LogoutRequest", *content)


@pytest.mark.parametrize(
    "sent",
    [
        lambda: _names(),
        lambda: _names(element(q(names.SAML, "NameID"))),
        lambda: _names(element(q(names.SAML, "NameID"), None, " \n")),
        lambda: _names(element(q(names.SAML, "NameID"), None, "a" * 1025)),
        lambda: _names(element(q(names.SAML, "NameID"), None, element("b"))),
        lambda: _names(element(q(names.SAML, "NameID"), None, "a"), element(q(names.SAML, "NameID"), None, "b")),
        lambda: _names(element(q(names.SAML, "BaseID"))),
        lambda: _names(element(q(names.SAML, "EncryptedID"))),
        lambda: _names(element("wrapped", None, element(q(names.SAML, "NameID"), None, "a"))),
        lambda: SP.logout_request(indexes=["_a"] * 101),
        lambda: SP.logout_request(indexes=["a" * 1025]),
        lambda: SP.logout_request(Reason="a" * 1025),
        lambda: SP.logout_request(NotOnOrAfter="tomorrow"),
    ],
)
def test_what_is_malformed_is_told_to_its_sender(sent: Callable[[], Element]) -> None:
    with pytest.raises(RequestInvalid, match="malformed"):
        _read(sent())


def test_33_a_request_has_an_end() -> None:
    """CVE-2026-1190, within the error of two clocks."""
    sent = _message(SP.logout_request(NotOnOrAfter="2026-09-01T03:00:00Z"))
    assert logout.read(sent, identity_provider(FixedClock(NOW + timedelta(seconds=179))))
    with pytest.raises(RequestInvalid, match="expired"):
        logout.read(sent, identity_provider(FixedClock(NOW + timedelta(seconds=180))))


def test_a_request_may_be_good_until_the_end_of_time() -> None:
    sent = _message(SP.logout_request(NotOnOrAfter="9999-12-31T23:59:59Z"))
    assert logout.read(sent, identity_provider(FixedClock(NOW))).id


def test_an_answer_is_read() -> None:
    def answer(second: str = "", **attributes: str | None) -> logout.LogoutResponse:
        return logout.read_response(_message(SP.logout_response("_0", second=second, **attributes), "LogoutResponse"))

    assert answer(ID="_1") == logout.LogoutResponse("_1", SP.entity_id, "_0", "Success")
    assert answer().is_success
    partial = answer("PartialLogout")
    assert (partial.status, partial.second, partial.is_success) == ("Success", "PartialLogout", False)
    assert replace(partial, status="Requester", second="UnknownPrincipal").is_success
    assert not replace(partial, status="Requester", second="RequestDenied").is_success
    for wrong in (None, "", "1"):
        with pytest.raises(PageError, match="LogoutResponse is malformed"):
            answer(InResponseTo=wrong)
    with pytest.raises(PageError, match="LogoutResponse is malformed"):
        logout.read_response(_message(SP.message("LogoutResponse", InResponseTo="_0"), "LogoutResponse"))


def test_a_request_of_ours_is_what_a_reader_expects() -> None:
    named = WHOLE | {"sp_name_qualifier": SP.entity_id}
    built = logout.build_request(
        IDP, destination=f"{SP.base}/slo", name_id=named, session_indexes=["_s"], now=NOW, request_id="_1"
    )
    assert built.get("Destination") == f"{SP.base}/slo"
    until = NOW + timedelta(minutes=10)
    assert _read(built) == logout.LogoutRequest("_1", IDP.entity_id, named, ("_s",), until, logout.USER)
    assert [one.prefix for one in built.iter("*")] == ["samlp", "saml", "saml", "samlp"]
    less = logout.build_request(IDP, destination="", name_id=PAIRWISE, session_indexes=[], now=NOW, request_id="_1")
    assert _read(less).session_indexes == ()
    assert "Destination" not in less.attrib


def test_a_name_goes_encrypted_where_the_operator_wants_it() -> None:
    built = logout.build_request(
        IDP, destination="", name_id=PAIRWISE, session_indexes=["_a", "_b"], now=NOW, request_id="_1",
        encrypt_for=SP.provider,
    )  # fmt: skip
    assert PAIRWISE["value"] not in str(serialize(built))
    reading = replace(IDP, decryption=lambda: (SP.credential,))
    read = logout.read(_message(built), reading)
    assert (read.name_id, read.session_indexes) == (WHOLE, ("_a", "_b"))
    with pytest.raises(RequestUnsupported):
        logout.build_request(
            IDP, destination="", name_id=PAIRWISE, session_indexes=[], now=NOW, request_id="_1",
            encrypt_for=SP.metadata(encryption_certificates=()),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status", "second"),
    [
        (None, "Success", ""),
        (PartialLogout("somebody is still signed in"), "Success", "PartialLogout"),
        (RequestDenied("no"), "Responder", "RequestDenied"),
        (RequestInvalid("no"), "Requester", ""),
    ],
)
def test_an_answer_of_ours_is_what_a_reader_expects(error: SamlError | None, status: str, second: str) -> None:
    built = logout.build_response(IDP, destination=f"{SP.base}/slo", in_response_to="_0", now=NOW, error=error)
    read = logout.read_response(_message(SP.signed(built), "LogoutResponse"))
    assert (read.issuer, read.in_response_to, read.status, read.second) == (IDP.entity_id, "_0", status, second)
    assert built.get("Destination") == f"{SP.base}/slo"
    assert str(built[1].tag).endswith("Signature")
