"""Addresses from the configured issuer, and which key signs."""

from __future__ import annotations

import pytest

from idp.core.clock import FixedClock
from idp.saml.server import ASSERTION_TTL, MAX_AGE, METADATA_CACHE, METADATA_VALID, SKEW, Server
from tests.factories.saml_metadata import NOW, credential


def _server() -> Server:
    keys = (credential(4, "ecdsa-sha256"), credential(0), credential(1))
    return Server(
        issuer="https://id.example.kz",
        entity_id="https://id.example.kz/saml/metadata",
        scope="example.kz",
        clock=FixedClock(NOW),
        signing=lambda: keys,
        decryption=lambda: (),
        pairwise=lambda sector, person: sector + person,
        subject=lambda person: person,
    )


def test_the_first_key_of_an_algorithm_signs() -> None:
    assert _server().credential("rsa-sha256") == credential(0)
    assert _server().credential("ecdsa-sha256") == credential(4, "ecdsa-sha256")
    with pytest.raises(StopIteration):
        _server().credential("rsa-sha1")


def test_addresses_are_under_the_issuer() -> None:
    assert _server().url("/saml/sso") == "https://id.example.kz/saml/sso"


def test_times_fit_each_other() -> None:
    """Kantara fedinterop wants a skew of three to five minutes; a copy of metadata is renewed before it expires."""
    assert 180 <= SKEW.total_seconds() <= 300
    assert SKEW < ASSERTION_TTL < MAX_AGE
    assert METADATA_CACHE * 4 < METADATA_VALID
