"""saml/bindings/redirect: what was signed is what came over the wire, and nothing is unpacked without end."""

from __future__ import annotations

import base64
import re
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onelogin.saml2.auth import OneLogin_Saml2_Auth

from idp.saml import names
from idp.saml.bindings import MAX_MESSAGE, REQUEST, RESPONSE, redirect
from idp.saml.errors import PageError
from idp.saml.message import authenticate, read
from idp.xml.build import serialize
from idp.xml.errors import BadSignature
from idp.xml.keys import ALGORITHMS
from idp.xml.octets import sign_octets, verify_octets
from tests.factories.saml_metadata import credential
from tests.factories.saml_sp import SLO, SSO, SamlSp

Effort = Callable[[int, int], int]
Counted = Callable[[str, int], None]
SP = SamlSp()
_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


def _packed(xml: bytes) -> str:
    packer = zlib.compressobj(wbits=-15)
    return base64.b64encode(packer.compress(xml) + packer.flush()).decode()


def _refused(query: str | bytes) -> str:
    with pytest.raises(PageError) as refusal:
        redirect.read(query.encode() if isinstance(query, str) else query)
    assert refusal.value.code == "saml_message"
    return refusal.value.description


def test_what_is_written_is_read_and_verifies(effort: Effort, counted: Counted) -> None:
    times = effort(60, 3_000)

    @settings(max_examples=times, deadline=None)
    @given(_TEXT, st.sampled_from(["rsa-sha256", "ecdsa-sha256"]), st.binary(max_size=300), st.booleans())
    def run(relay_state: str, algorithm: str, xml: bytes, is_answer: bool) -> None:
        key, kind = credential(2, algorithm), RESPONSE if is_answer else REQUEST
        uri = redirect.write("https://x.example/a?b=c#d", xml, kind=kind, relay_state=relay_state, credential=key)
        assert uri.startswith("https://x.example/a?b=c&SAML")
        found = redirect.read(uri.partition("?")[2].encode())
        assert (found.xml, found.relay_state, found.kind, found.binding) == (xml, relay_state, kind, names.REDIRECT)
        assert found.signed
        verify_octets(found.signed.data, found.signed.signature, found.signed.algorithm, [key.certificate])

    run()
    counted("redirects written and read", times)


def test_the_signature_is_over_the_octets_as_received() -> None:
    """Whoever encodes otherwise than we would: .NET, in lower case and with a plus for a space; in any order."""

    def dotnet(text: str) -> str:
        return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quote_plus(text, safe="!*()"))

    message = dotnet(_packed(serialize(SP.authn_request())))
    algorithm = dotnet(ALGORITHMS["rsa-sha256"])
    data = f"SAMLRequest={message}&RelayState={dotnet('/a b(ж)?c=d&e')}&SigAlg={algorithm}"
    signature = quote_plus(base64.b64encode(sign_octets(data.encode(), SP.credential)[1]).decode())
    parts = [*data.split("&"), f"Signature={signature}", "unknown=1", "lang=kk", ""]
    for order in (parts, parts[::-1]):
        found = redirect.read("&".join(order).encode())
        assert found.relay_state == "/a b(ж)?c=d&e"
        assert found.signed
        assert found.signed.data == data.encode()
        assert authenticate(read(found, allowed=("AuthnRequest",)), SP.provider, is_required=True)


@pytest.mark.parametrize("relay_state", ["", "&RelayState="])
def test_an_empty_relay_state_is_signed_as_it_was_sent(relay_state: str) -> None:
    algorithm = quote_plus(ALGORITHMS["rsa-sha256"])
    data = f"SAMLRequest={quote_plus(_packed(b'<a/>'))}{relay_state}&SigAlg={algorithm}"
    signature = quote_plus(base64.b64encode(sign_octets(data.encode(), SP.credential)[1]).decode())
    found = redirect.read(f"{data}&Signature={signature}".encode())
    assert found.relay_state == ""
    assert found.signed
    verify_octets(found.signed.data, found.signed.signature, found.signed.algorithm, SP.provider.signing_certificates)


def test_a_plus_sign_that_was_not_encoded_stays_one_in_base64() -> None:
    xml = next(xml for number in range(999) if "+" in _packed(xml := b"<a>%d</a>" % number))
    assert redirect.read(f"SAMLRequest={_packed(xml)}".encode()).xml == xml


def test_spoiled_octets_never_verify(effort: Effort, counted: Counted) -> None:
    query = SP.by_redirect(SP.authn_request(), relay_state="/course/7?x=1")
    right = redirect.read(query).signed
    times = effort(200, 5_000)

    @settings(max_examples=times, deadline=None)
    @given(st.integers(0, len(query) - 1), st.integers(33, 126), st.integers(0, 2))
    def run(place: int, octet: int, kind: int) -> None:
        put = (bytes([octet]), b"", query[place : place + 1] + bytes([octet]))[kind]
        try:
            found = redirect.read(query[:place] + put + query[place + 1 :]).signed
        except PageError:
            return
        # What is left is unsigned, or has the very same octets and signature in another spelling.
        if found and (found.data, found.signature) != (right and (right.data, right.signature)):
            with pytest.raises(BadSignature):
                verify_octets(found.data, found.signature, found.algorithm, SP.provider.signing_certificates)

    run()
    counted("signed redirects spoiled", times)


def test_random_octets_are_refused_and_break_nothing(effort: Effort, counted: Counted) -> None:
    times = effort(300, 4_000)
    names_of = st.sampled_from([b"SAMLRequest", b"SAMLResponse", b"RelayState", b"SigAlg", b"Signature", b"x"])
    piece = st.tuples(names_of, st.sampled_from([b"=", b"", b"==", b"%3d"]), st.binary(max_size=30))

    @settings(max_examples=times, deadline=None)
    @given(st.binary(max_size=80) | st.lists(piece, max_size=5).map(lambda all_: b"&".join(map(b"".join, all_))))
    def run(query: bytes) -> None:
        with suppress(PageError):
            read(redirect.read(query), allowed=("AuthnRequest",))

    run()
    counted("random redirects", times)


@pytest.mark.parametrize("name", ["SAMLRequest", "SigAlg", "Signature", "RelayState", "SAMLEncoding"])
def test_31_a_parameter_that_comes_twice_is_refused(name: str) -> None:
    """CVE-2025-27773, also when the second one is spelled so that only a later reader sees it."""
    query = SP.by_redirect(SP.authn_request(), relay_state="/x").decode() + f"&SAMLEncoding={redirect.DEFLATE}"
    assert redirect.read(query.encode()).xml
    value = re.search(f"{name}=([^&]*)", query)
    assert value
    for twin in (f"{name}={value[1]}", f"{name}=", name, f"{name[:-1]}%{ord(name[-1]):x}={value[1]}"):
        assert _refused(f"{query}&{twin}") in ("a parameter occurs twice", "a parameter's name is encoded")
        assert _refused(f"{twin}&{query}") in ("a parameter occurs twice", "a parameter's name is encoded")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "one SAMLRequest"),
        ("x=1", "one SAMLRequest"),
        (f"SAMLRequest={_packed(b'<a/>')}&SAMLResponse={_packed(b'<a/>')}", "one SAMLRequest"),
        (f"SAMLRequest={_packed(b'<a/>')}&SAMLart=AAQ", "artifacts"),
        (f"SAMLRequest={_packed(b'<a/>')}&SAMLEncoding=gzip", "encoding"),
        (f"SAMLRequest={_packed(b'<a/>')}&SigAlg=x", "together"),
        (f"SAMLRequest={_packed(b'<a/>')}&Signature=YQ==", "together"),
        (f"SAMLRequest={_packed(b'<a/>')}&Signature=&SigAlg=", "together"),
        (f"SAMLRequest={_packed(b'<a/>')}&Signature=!&SigAlg=x", "not base64"),
        (f"SAMLRequest={_packed(b'<a/>')}&RelayState=%ff", "not UTF-8"),
        (f"SAMLRequest={_packed(b'<a/>')}&RelayState=%00", "RelayState"),
        (f"SAMLRequest={_packed(b'<a/>')}&RelayState={'x' * 2001}", "RelayState"),
        (f"SAMLRequest={_packed(b'<a/>')}&RelayState={'%D0%B6' * 1001}", "RelayState"),
        ("SAMLRequest=%ff", "not base64"),
        ("SAMLRequest=ж", "not ASCII"),
        (f"SAMLRequest={base64.b64encode(b'<a/>').decode()}", "not deflated"),
        (f"SAMLRequest={base64.b64encode(zlib.compress(b'<a/>')).decode()}", "not deflated"),
        (f"SAMLRequest={base64.b64encode(base64.b64decode(_packed(b'<a/>')) + b'x').decode()}", "not deflated"),
        (f"SAMLRequest={base64.b64encode(base64.b64decode(_packed(b'<a/>'))[:-1]).decode()}", "not deflated"),
        ("x&" * 100 + "SAMLRequest=", "too large"),
        ("SAMLRequest=" + "A" * 140_000, "too large"),
    ],
)
def test_what_is_no_message_is_refused_with_its_reason(query: str, reason: str) -> None:
    assert reason in _refused(query)


def test_a_relay_state_of_2000_octets_is_echoed() -> None:
    long = "ж" * 1000
    assert redirect.read(SP.by_redirect(SP.authn_request(), relay_state=long)).relay_state == long


def test_28_a_bomb_of_a_gigabyte_is_not_unpacked() -> None:
    """CVE-2016-10127. Deflate packs a thousand to one: a gigabyte in a megabyte, 90 megabytes in a query."""
    packer = zlib.compressobj(9, wbits=-15)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(b"") + packer.flush()
    in_query = b"SAMLRequest=" + base64.b64encode(megabyte * 90 + end)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        assert _refused(in_query) == "the message is too large"
        assert tracemalloc.get_traced_memory()[1] - before < 3 * MAX_MESSAGE
    finally:
        tracemalloc.stop()
    with pytest.raises(PageError, match="too large"):
        redirect.inflate(megabyte * 1024 + end)
    assert redirect.inflate(_deflated(bytes(MAX_MESSAGE))) == bytes(MAX_MESSAGE)


def _deflated(data: bytes) -> bytes:
    return base64.b64decode(_packed(data))


def test_what_python3_saml_sends_is_read_and_verifies() -> None:
    """A sender that shares no line with our own writer."""
    toolkit = OneLogin_Saml2_Auth({"https": "on", "http_host": "lms.example", "script_name": "/"}, _toolkit_settings())
    for uri, name in (
        (toolkit.login(return_to="https://lms.example/курс?a=1&b=2", force_authn=True), "AuthnRequest"),
        (toolkit.logout(name_id="k5uxq2tz", session_index="_1"), "LogoutRequest"),
    ):
        found = redirect.read(uri.partition("?")[2].encode())
        message = read(found, allowed=(name,))
        assert authenticate(message, SP.provider, is_required=True)
        assert message.destination == uri.partition("?")[0]


def _toolkit_settings() -> dict[str, Any]:
    return {
        "strict": True,
        "sp": {
            "entityId": SP.entity_id,
            "assertionConsumerService": {"url": f"{SP.base}/acs"},
            "singleLogoutService": {"url": f"{SP.base}/slo"},
            "x509cert": base64.b64encode(SP.credential.certificate).decode(),
            "privateKey": SP.credential.private_key_pem.decode(),
        },
        "idp": {
            "entityId": "https://id.example/saml/metadata",
            "singleSignOnService": {"url": SSO},
            "singleLogoutService": {"url": SLO},
            "x509cert": base64.b64encode(credential(0).certificate).decode(),
        },
        "security": {
            "authnRequestsSigned": True,
            "logoutRequestSigned": True,
            "signatureAlgorithm": ALGORITHMS["rsa-sha256"],
        },
    }
