"""saml/bindings/post: forms with the signature inside the message, and beside it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.saml import names
from idp.saml.bindings import MAX_MESSAGE, post
from idp.saml.errors import PageError
from idp.saml.message import authenticate, read
from idp.xml.build import serialize
from tests.factories.saml_metadata import credential
from tests.factories.saml_sp import SamlSp

SP = SamlSp()


@pytest.mark.parametrize("relay_state", ["", "/курс?a=1&b=<2>"])
def test_a_form_is_read_and_verifies(relay_state: str) -> None:
    message = SP.authn_request()
    for fields, binding in (
        (SP.by_simple_sign(message, relay_state=relay_state), names.SIMPLE_SIGN),
        (SP.by_post(message, relay_state=relay_state), names.POST),
    ):
        found = post.read([*fields, ("submit", "Continue"), ("submit", "again")])
        assert (found.binding, found.kind, found.relay_state) == (binding, "SAMLRequest", relay_state)
        assert authenticate(read(found, allowed=("AuthnRequest",)), SP.provider, is_required=True)


def test_line_breaks_in_the_message_and_the_signature_do_no_harm() -> None:
    fields = dict(SP.by_simple_sign(SP.authn_request()))
    for name in ("SAMLRequest", "Signature"):
        fields[name] = base64.encodebytes(base64.b64decode(fields[name])).decode().replace("\n", "\r\n")
    assert authenticate(read(post.read(list(fields.items())), allowed=("AuthnRequest",)), SP.provider, is_required=True)


def test_simple_sign_is_over_the_xml_itself_and_believes_no_key_info() -> None:
    """SAML POST-SimpleSign: values without base64 or any escape; keys come from metadata."""
    xml = serialize(SP.authn_request())
    fields = dict(post.write_simple_sign(xml, kind="SAMLRequest", relay_state="/x y", credential=SP.credential))
    found = post.read([*fields.items(), ("KeyInfo", base64.b64encode(b"<KeyInfo/>").decode())])
    assert found.signed
    assert found.signed.data == b"SAMLRequest=" + xml + b"&RelayState=/x y&SigAlg=" + fields["SigAlg"].encode()
    other = post.write_simple_sign(xml, kind="SAMLRequest", credential=credential(3))
    with pytest.raises(PageError, match="signature"):
        authenticate(read(post.read(other), allowed=("AuthnRequest",)), SP.provider, is_required=False)


@pytest.mark.parametrize("change", ["xml", "RelayState", "no RelayState", "SigAlg", "Signature"])
def test_a_changed_simple_sign_does_not_verify(change: str) -> None:
    fields = dict(SP.by_simple_sign(SP.authn_request(ID="_a"), relay_state="/x"))
    if change == "xml":
        fields["SAMLRequest"] = base64.b64encode(serialize(SP.authn_request(ID="_b"))).decode()
    elif change == "no RelayState":
        del fields["RelayState"]
    elif change == "SigAlg":
        fields["SigAlg"] = fields["SigAlg"].replace("256", "512")
    else:
        fields[change] = ("B" if fields[change].startswith("A") else "A") + fields[change][1:]
    with pytest.raises(PageError, match="signature"):
        authenticate(read(post.read(list(fields.items())), allowed=("AuthnRequest",)), SP.provider, is_required=False)


def test_a_signature_with_sha_1_or_a_shared_secret_is_no_signature() -> None:
    fields = dict(SP.by_simple_sign(SP.authn_request()))
    for algorithm in ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#hmac-sha1", "ж"):
        found = post.read([*(fields | {"SigAlg": algorithm}).items()])
        with pytest.raises(PageError, match="signature"):
            authenticate(read(found, allowed=("AuthnRequest",)), SP.provider, is_required=False)


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([], "one SAMLRequest"),
        ([("SAMLRequest", "YQ=="), ("SAMLResponse", "YQ==")], "one SAMLRequest"),
        ([("SAMLRequest", "YQ=="), ("SAMLRequest", "YQ==")], "twice"),
        ([("SAMLRequest", "YQ=="), ("RelayState", "a"), ("RelayState", "b")], "twice"),
        ([("SAMLRequest", "YQ=="), ("SAMLart", "a")], "artifacts"),
        ([("SAMLRequest", "YQ=="), ("SigAlg", "a")], "together"),
        ([("SAMLRequest", "YQ=="), ("RelayState", "\ud800")], "RelayState"),
        ([("SAMLRequest", base64.b64encode(bytes(MAX_MESSAGE + 1)).decode())], "too large"),
        ([("SAMLRequest", "A" * 5_000_000)], "too large"),
    ],
)
def test_what_is_no_message_is_refused_with_its_reason(pairs: list[tuple[str, str]], reason: str) -> None:
    with pytest.raises(PageError, match=reason) as refusal:
        post.read(pairs)
    assert refusal.value.code == "saml_message"


def test_random_forms_are_refused_and_break_nothing(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    times = effort(200, 5_000)
    name = st.sampled_from(["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature"])
    value = st.text(max_size=20) | st.binary(max_size=20).map(lambda data: base64.b64encode(data).decode())

    @settings(max_examples=times, deadline=None)
    @given(st.lists(st.tuples(name, value), max_size=5))
    def run(pairs: list[tuple[str, str]]) -> None:
        with suppress(PageError):
            read(post.read(pairs), allowed=("AuthnRequest",))

    run()
    counted("random forms", times)
