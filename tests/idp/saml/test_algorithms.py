"""What the metadata of a service provider lets us sign and encrypt with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.saml import algorithms
from idp.saml.entity import ServiceProvider, Settings
from idp.saml.errors import RequestUnsupported
from idp.xml.keys import ALGORITHMS
from tests.factories.saml_answers import Record, credential

ECDSA, RSA = ALGORITHMS["ecdsa-sha256"], ALGORITHMS["rsa-sha256"]
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


def _provider(*methods: str, keys: tuple[bytes, ...] = ()) -> ServiceProvider:
    return replace(Record().provider, signing_methods=methods, encryption_certificates=keys)


@pytest.mark.parametrize(
    ("methods", "chosen"),
    [((), "rsa-sha256"), ((SHA1, RSA), "rsa-sha256"), ((RSA, ECDSA), "ecdsa-sha256"), ((ECDSA,), "ecdsa-sha256")],
)
def test_the_metadata_decides_what_signs(methods: tuple[str, ...], chosen: str) -> None:
    assert algorithms.signing(_provider(*methods), Settings()) == chosen


def test_the_operator_decides_over_the_metadata() -> None:
    assert algorithms.signing(_provider(ECDSA), Settings(algorithm="rsa-sha256")) == "rsa-sha256"


def test_nobody_ever_gets_sha_1() -> None:
    with pytest.raises(RequestUnsupported):
        algorithms.signing(_provider(SHA1), Settings())


def test_what_was_to_be_encrypted_is_never_sent_in_clear() -> None:
    rsa, ec = credential("rsa-sha256").certificate, credential("ecdsa-sha256").certificate
    assert algorithms.encryption_key(_provider(keys=(ec, rsa))) == rsa
    assert not algorithms.is_to_encrypt(_provider(), "auto")
    assert not algorithms.is_to_encrypt(_provider(keys=(rsa,)), "never")
    assert algorithms.is_to_encrypt(_provider(), "always")
    assert algorithms.is_to_encrypt(_provider(keys=(ec,)), "auto")
    for keys in ((), (ec,), (b"no certificate",)):
        with pytest.raises(RequestUnsupported):
            algorithms.encryption_key(_provider(keys=keys))
