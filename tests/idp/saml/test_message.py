"""saml/message: what a message says of itself, and who sent it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.saml import names
from idp.saml.bindings import Received, post, redirect, soap
from idp.saml.errors import PageError
from idp.saml.message import Message, authenticate, check_destination, check_times, opening, read
from idp.xml.build import element, serialize
from idp.xml.parser import Element
from tests.factories.saml_metadata import credential
from tests.factories.saml_sp import NOW, SSO, SamlSp, identity_provider

SP = SamlSp()
ALLOWED = ("AuthnRequest", "LogoutRequest", "LogoutResponse")


def _read(xml: bytes | Element, binding: str = names.POST, kind: str = "SAMLRequest") -> Message:
    return read(Received(xml if isinstance(xml, bytes) else serialize(xml), "", binding, kind), allowed=ALLOWED)


def _refused(xml: bytes | Element, kind: str = "SAMLRequest") -> str:
    with pytest.raises(PageError) as refusal:
        _read(xml, kind=kind)
    assert refusal.value.code == "saml_message"
    return f"{refusal.value.description}: {refusal.value.detail}"


def test_a_message_is_read() -> None:
    message = _read(SP.authn_request(ID="_1", Unknown="ignored"))
    assert (message.name, message.id, message.issuer, message.destination, message.issue_instant) == (
        "AuthnRequest",
        "_1",
        SP.entity_id,
        SSO,
        NOW,
    )
    assert not message.is_signed
    assert _read(SP.logout_response("_1"), kind="SAMLResponse").name == "LogoutResponse"


def test_only_messages_that_are_taken_here_are_read() -> None:
    assert "not taken" in _refused(SP.message("ArtifactResolve"))
    assert "not taken" in _refused(SP.message("Response"), kind="SAMLResponse")
    assert "not taken" in _refused(SP.authn_request(), kind="SAMLResponse")
    assert "not taken" in _refused(SP.logout_response("_1"), kind="SAMLRequest")
    assert "not taken" in _refused(element("AuthnRequest", {"ID": "_1"}))
    assert "not taken" in _refused(element(f"{{{names.SAML}}}AuthnRequest", {"ID": "_1"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"Version": "1.1"},
        {"Version": None},
        {"ID": None},
        {"ID": "1"},
        {"ID": "_" + "a" * 128},
        {"IssueInstant": None},
        {"IssueInstant": "2026-09-01T08:00:00+05:00"},
        {"IssueInstant": "yesterday"},
    ],
)
def test_version_identifier_and_time_must_be_right(changes: dict[str, str | None]) -> None:
    assert _refused(SP.authn_request(**changes))


def _with_issuers(*issuers: Element) -> bytes:
    message = SP.authn_request()
    message.remove(message[0])
    message[:] = issuers
    return serialize(message)


def _issuer(text: str | Element, format_: str | None = None) -> Element:
    return element(f"{{{names.SAML}}}Issuer", {"Format": format_}, text)


def test_there_is_one_issuer_and_it_is_an_entity() -> None:
    assert _read(_with_issuers(_issuer(" https://x.example \n", names.ENTITY))).issuer == "https://x.example"
    for issuers in (
        (),
        (_issuer("a"), _issuer("a")),
        (_issuer(""),),
        (_issuer(" "),),
        (_issuer("a" * 1025),),
        (_issuer("a", names.PERSISTENT),),
        (_issuer(element("b")),),
        (element("wrapped", None, _issuer("a")),),
        (element("Issuer", None, "a"),),
    ):
        assert "AuthnRequest is malformed" in _refused(_with_issuers(*issuers))


def test_32_a_comment_in_the_issuer_does_not_cut_it() -> None:
    """CVE-2017-11427: `https://lms.example/saml<!-- -->.evil.example` is one text for whoever signs and reads."""
    xml = serialize(SP.authn_request()).replace(b"/saml<", b"/saml<!-- x -->.evil.example<")
    assert _read(xml).issuer == "https://lms.example/saml.evil.example"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda xml: b"<!DOCTYPE a>" + xml,
        lambda xml: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + xml,
        lambda xml: b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + xml,
        lambda xml: xml.replace(b"</samlp:AuthnRequest>", b"<?a b?></samlp:AuthnRequest>"),
        lambda xml: xml.replace(b"</samlp:AuthnRequest>", b"&b;</samlp:AuthnRequest>"),
        lambda xml: xml.replace(b"</samlp:AuthnRequest>", b"<a>" * 100 + b"</a>" * 100 + b"</samlp:AuthnRequest>"),
        lambda xml: xml.replace(b"</samlp:AuthnRequest>", b"<a/>" * 30_000 + b"</samlp:AuthnRequest>"),
        lambda xml: xml + b" " * 5_000_000,
        lambda xml: xml.decode().encode("utf-16"),
        lambda xml: xml[:-1],
        lambda xml: xml + xml,
        lambda xml: b"",
        lambda xml: b"\x00",
    ],
)
def test_28_no_dtd_no_entity_no_depth_and_nothing_too_large(spoil: Callable[[bytes], bytes]) -> None:
    assert _refused(spoil(serialize(SP.authn_request())))


def test_a_message_is_neither_stale_nor_from_the_future() -> None:
    message = _read(SP.authn_request())
    for minutes in (-3, 0, 10, 13):
        check_times(message, NOW + timedelta(minutes=minutes))
    for minutes, reason in ((-4, "future"), (14, "too old"), (1_000_000, "too old")):
        with pytest.raises(PageError, match=reason):
            check_times(message, NOW + timedelta(minutes=minutes))


def test_a_destination_is_ours_and_signed_messages_through_a_browser_have_one() -> None:
    with_none, other = SP.authn_request(destination=None), SP.authn_request(destination="https://other.example/sso")
    for binding in (names.REDIRECT, names.POST, names.SIMPLE_SIGN, names.SOAP_BINDING):
        for is_required in (False, True):
            check_destination(_read(SP.authn_request(), binding), SSO, is_required=is_required)
            with pytest.raises(PageError, match="another address"):
                check_destination(_read(other, binding), SSO, is_required=is_required)
        check_destination(_read(with_none, binding), SSO, is_required=False)
        if binding == names.SOAP_BINDING:
            check_destination(_read(with_none, binding), SSO, is_required=True)
            continue
        for message in (with_none, SP.authn_request(destination="")):
            with pytest.raises(PageError, match="another address"):
                check_destination(_read(message, binding), SSO, is_required=True)
    for near in (SSO + "/", SSO + "?", SSO.upper(), f"{SSO}#", SSO.replace("https", "http"), f" {SSO}"):
        with pytest.raises(PageError, match="another address"):
            check_destination(_read(SP.authn_request(destination=near)), SSO, is_required=False)


def _by(binding: str, message: Element, sp: SamlSp = SP) -> Received:
    if binding == names.REDIRECT:
        return redirect.read(sp.by_redirect(message))
    if binding == names.SOAP_BINDING:
        return soap.read(sp.by_soap(message))
    return post.read(sp.by_simple_sign(message) if binding == names.SIMPLE_SIGN else sp.by_post(message))


BINDINGS = (names.REDIRECT, names.POST, names.SIMPLE_SIGN, names.SOAP_BINDING)


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ecdsa-sha256"])
def test_30_the_sender_is_known_by_a_key_of_its_metadata_alone(binding: str, algorithm: str) -> None:
    """CVE-2021-21239: the certificate that a message brings along says nothing."""
    sp = SamlSp(algorithm=algorithm)
    message = read(_by(binding, sp.logout_request(), sp), allowed=ALLOWED)
    others = credential(3).certificate, credential(3, "ecdsa-sha256").certificate
    assert message.is_signed
    assert authenticate(message, sp.provider, is_required=True)
    assert authenticate(
        message, sp.metadata(signing_certificates=(*others, *sp.provider.signing_certificates)), is_required=True
    )
    for certificates in ((), others, (b"no certificate",)):
        with pytest.raises(PageError, match="signature"):
            authenticate(message, sp.metadata(signing_certificates=certificates), is_required=False)


@pytest.mark.parametrize("binding", BINDINGS)
def test_a_message_that_says_it_is_anothers_is_not_authenticated(binding: str) -> None:
    message = read(_by(binding, SP.authn_request()), allowed=ALLOWED)
    with pytest.raises(PageError, match="another's"):
        authenticate(message, SP.metadata(entity_id="https://other.example"), is_required=False)


def test_an_unsigned_message_counts_only_where_nothing_demands_a_signature() -> None:
    message = _read(SP.authn_request())
    assert not authenticate(message, SP.provider, is_required=False)
    for provider, is_required in ((SP.provider, True), (SP.metadata(signs_requests=True), False)):
        with pytest.raises(PageError, match="must be signed"):
            authenticate(message, provider, is_required=is_required)
    with pytest.raises(PageError, match="must be signed"):
        authenticate(_read(SP.logout_request()), SP.provider, is_required=True)


def test_of_two_signatures_both_must_hold() -> None:
    """One beside and one within the message."""
    mallory = SamlSp(number=3)
    for inner, outer, is_good in ((SP, SP, True), (SP, mallory, False), (mallory, SP, False)):
        signed = inner.signed(SP.authn_request())
        for received in (redirect.read(outer.by_redirect(signed)), post.read(outer.by_simple_sign(signed))):
            message = read(received, allowed=ALLOWED)
            if is_good:
                assert authenticate(message, SP.provider, is_required=True)
                continue
            with pytest.raises(PageError, match="signature"):
                authenticate(message, SP.provider, is_required=True)


def test_29_a_signature_elsewhere_in_the_message_does_not_count_and_is_not_passed_over() -> None:
    """Not even where none is demanded: whoever put it there wanted something to be believed."""
    hidden = SP.signed(SP.logout_request())
    message = SP.authn_request(element(f"{{{names.SAMLP}}}Extensions", None, hidden))
    with pytest.raises(PageError, match="signature"):
        authenticate(_read(message), SP.provider, is_required=False)


def test_a_changed_message_is_not_authenticated() -> None:
    xml = serialize(SP.signed(SP.authn_request(ForceAuthn="true", AssertionConsumerServiceURL=f"{SP.base}/acs")))
    for old, new in (
        (b'ForceAuthn="true"', b'ForceAuthn="false"'),
        (b"/acs", b"/simple"),
        (b" ForceAuthn", b' a="" ForceAuthn'),
    ):
        assert old in xml
        with pytest.raises(PageError, match="signature"):
            authenticate(_read(xml.replace(old, new)), SP.provider, is_required=False)


def test_spoiled_messages_are_refused_or_authentic_and_break_nothing(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    xml = serialize(SP.signed(SP.authn_request(ID="_1")))
    times = effort(200, 3_000)

    @settings(max_examples=times, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, len(xml) - 1), st.binary(max_size=4), st.integers(0, 4)), min_size=1, max_size=3
        )
    )
    def run(changes: list[tuple[int, bytes, int]]) -> None:
        spoiled = xml
        for place, put, dropped in changes:
            spoiled = spoiled[:place] + put + spoiled[place + dropped :]
        with suppress(PageError):
            message = _read(spoiled)
            assert not authenticate(message, SP.provider, is_required=True) or _same(message.root, _read(xml).root)

    run()
    counted("signed messages spoiled", times)


def _same(one: Element, other: Element) -> bool:
    """What a reader sees of it, the signature and the white space within tags aside."""
    mine, others = ([child for child in root if str(child.tag)[1:].startswith(names.SAML)] for root in (one, other))
    return (
        (one.tag, one.text, dict(one.attrib)) == (other.tag, other.text, dict(other.attrib))
        and len(mine) == len(others)
        and all(map(_same, mine, others))
    )


def test_a_message_of_ours_begins_with_what_all_have() -> None:
    attributes, issuer = opening(identity_provider(), message_id="_1", now=NOW, in_response_to="_0")
    assert attributes == {
        "ID": "_1",
        "Version": "2.0",
        "IssueInstant": "2026-09-01T03:00:00Z",
        "Destination": None,
        "InResponseTo": "_0",
    }
    assert issuer.text == "https://id.example/saml/metadata"
