"""Keys of a role (SAML Metadata §2.4.1.1)."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from idp.saml.metadata_errors import MetadataRefused
from idp.saml.sp_keys import Keys, read_keys
from idp.xml.parser import children, parse
from tests.factories.saml_metadata import NOW, entity, key, role

_AES = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
_OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"


def _certificate(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sp")])
    builder = x509.CertificateBuilder(
        name, name, private.public_key(), 7, NOW.replace(year=2001), NOW.replace(year=2002)
    )
    digest = None if isinstance(private, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(private, digest).public_bytes(Encoding.DER)


_ONE, _TWO = (_certificate(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))


def _read(*keys: str) -> tuple[Keys, list[str]]:
    remarks: list[str] = []
    found = children(parse(entity(role(*keys))), "{urn:oasis:names:tc:SAML:2.0:metadata}SPSSODescriptor")[0]
    return read_keys(found, remarks.append), remarks


def test_a_key_without_use_serves_for_both_and_dates_mean_nothing() -> None:
    keys, remarks = _read(key(_ONE), key(_TWO, "signing"), key(_TWO, "signing"))
    assert (keys.signing, keys.encryption, remarks) == ((_ONE, _TWO), (_ONE,), [])


def test_encryption_methods_come_with_encryption_keys_in_their_order() -> None:
    keys, _ = _read(key(_ONE, "signing", "urn:never"), key(_TWO, "encryption", _AES, _OAEP, _AES))
    assert (keys.signing, keys.encryption, keys.methods) == ((_ONE,), (_TWO,), (_AES, _OAEP))


def test_a_key_value_without_certificate_is_left_out_and_told() -> None:
    bare = "<md:KeyDescriptor><ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue></ds:KeyInfo></md:KeyDescriptor>"
    keys, remarks = _read(bare, key(_ONE))
    assert (keys.signing, remarks) == ((_ONE,), ["key_without_certificate"])


def test_only_the_first_certificate_of_a_chain_is_the_key() -> None:
    chain = key(_ONE).replace(
        "</ds:X509Data>", f"<ds:X509Certificate>{base64.b64encode(_TWO).decode()}</ds:X509Certificate></ds:X509Data>"
    )
    assert _read(chain)[0].signing == (_ONE,)


@pytest.mark.parametrize(
    "text", ["", "!!!", "AAAA", "Ә", base64.b64encode(_ONE[:-1]).decode(), base64.b64encode(_ONE + b"x").decode()]
)
def test_what_is_not_a_certificate_refuses(text: str) -> None:
    right = base64.b64encode(_ONE).decode()
    with pytest.raises(MetadataRefused) as refused:
        _read(key(_ONE).replace(right, text))
    assert refused.value.code == "bad_certificate"


def test_a_version_that_x_509_does_not_have_refuses_the_service_and_no_more() -> None:
    """It is no ValueError of the library, and went through to whoever read the whole federation."""
    with pytest.raises(MetadataRefused) as refused:
        _read(key(_ONE.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020105"))))
    assert refused.value.code == "bad_certificate"


def test_a_key_too_short_or_of_another_kind_is_left_out_and_told() -> None:
    """idp.xml would neither verify nor encrypt with it."""
    weak = _certificate(rsa.generate_private_key(65537, 1024))
    odd = _certificate(ed25519.Ed25519PrivateKey.generate())
    keys, remarks = _read(key(weak), key(odd), key(_ONE))
    assert (keys.signing, keys.encryption, remarks) == ((_ONE,), (_ONE,), ["key_unusable", "key_unusable"])


def test_bounds_and_words_of_the_schema() -> None:
    with pytest.raises(MetadataRefused) as refused:
        _read(key(_ONE, "both"))
    assert refused.value.code == "bad_value"
    with pytest.raises(MetadataRefused) as refused:
        _read(key(_ONE, "encryption", *(f"urn:{number}" for number in range(21))))
    assert refused.value.code == "too_large"
