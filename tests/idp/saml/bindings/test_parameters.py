"""saml/bindings/parameters: each parameter once, base64 and RelayState within bounds."""

from __future__ import annotations

import base64

import pytest

from idp.saml.bindings.parameters import from_base64, kind_of, relay_state_of, signature_of, single
from idp.saml.errors import PageError


def test_base64_may_be_broken_into_lines() -> None:
    data = bytes(range(256))
    lines = base64.encodebytes(data).decode()
    assert from_base64(lines) == from_base64(lines.replace("\n", "\r\n")) == from_base64(f" {lines}\t") == data


@pytest.mark.parametrize("text", ["YQ", "YQ=", "Y", "a-b_", "YQ==!", "ж", "\ud800", "YQ==\x00"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(PageError, match="base64"):
        from_base64(text)


def test_a_message_has_a_largest_size() -> None:
    exact = base64.b64encode(bytes(100)).decode()
    assert len(from_base64(exact, longest=100)) == 100
    for text, longest in ((exact, 99), ("A" * 400, 100), (" " * 5_000_000, 100)):
        with pytest.raises(PageError, match="too large"):
            from_base64(text, longest=longest)


def test_31_only_known_parameters_count_and_each_once() -> None:
    assert single([("a", "1"), ("x", "2"), ("x", "3")], ("a", "b")) == {"a": "1"}
    with pytest.raises(PageError, match="twice"):
        single([("a", "1"), ("b", ""), ("a", "1")], ("a", "b"))


def test_there_is_one_message() -> None:
    assert kind_of({"SAMLRequest": ""}) == "SAMLRequest"
    assert kind_of({"SAMLResponse": ""}) == "SAMLResponse"
    for values in ({}, {"SAMLRequest": "", "SAMLResponse": ""}):
        with pytest.raises(PageError, match="one SAMLRequest"):
            kind_of(values)


def test_relay_state_is_any_text_of_bounded_length() -> None:
    for text in ("", "x" * 2_000, "ж" * 1_000, "https://elsewhere.example/<script>", "a\tb\r\nc"):
        assert relay_state_of(text) == text
    for text in ("x" * 2_001, "ж" * 1_001, "a\x00", "\x1b", "\ud800"):
        with pytest.raises(PageError, match="RelayState"):
            relay_state_of(text)


def test_signature_and_algorithm_come_together() -> None:
    assert signature_of(None, None) is None
    assert signature_of("YQ==", "urn:x") == (b"a", "urn:x")
    for one, other in ((None, "urn:x"), ("YQ==", None), ("", "urn:x"), ("YQ==", "")):
        with pytest.raises(PageError, match="together"):
            signature_of(one, other)
    with pytest.raises(PageError, match="too large"):
        signature_of("A" * 20_000, "urn:x")
