"""saml/bindings/artifact: references of type 4."""

from __future__ import annotations

import base64
import hashlib

import pytest

from idp.saml.bindings import artifact
from idp.saml.errors import RequestInvalid

IDP = "https://id.example/saml/metadata"


def test_an_artifact_names_its_issuer_and_a_new_handle() -> None:
    texts = {artifact.make(IDP, endpoint_index=1) for _ in range(50)}
    assert len(texts) == 50
    for text in texts:
        read = artifact.read(f" {text}\n")
        assert read.source_id == hashlib.sha1(IDP.encode()).digest()
        assert (read.endpoint_index, len(read.handle)) == (1, 20)
        assert base64.b64decode(text)[:4] == b"\x00\x04\x00\x01"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x04", b"\x00\x04" + bytes(41), b"\x00\x04" + bytes(43), b"\x00\x01" + bytes(42)]
)
def test_what_is_not_of_type_4_is_refused(content: bytes) -> None:
    with pytest.raises(RequestInvalid, match="type 4"):
        artifact.read(base64.b64encode(content).decode())


@pytest.mark.parametrize("text", ["ж", "a b", "AAQ", "\ud800"])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(RequestInvalid, match="base64"):
        artifact.read(text)
