"""jose/algorithms: each algorithm with its own kind of key and no other."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from idp.jose import algorithms
from idp.jose.errors import BadKey
from tests.factories.oidc import key_of

_EC, _RSA = key_of("ES256"), key_of("RS256")


@pytest.mark.parametrize("alg", ["none", "HS256", "HS512", "RS1", "ES384", "", "es256"])
def test_what_we_do_not_speak_fits_no_key(alg: str) -> None:
    assert not algorithms.fits(alg, _EC.public_key)
    assert not algorithms.fits(alg, _RSA.public_key)
    assert not algorithms.is_genuine(alg, _RSA.public_key, b"m", b"s")
    with pytest.raises(BadKey):
        algorithms.sign(alg, _RSA.private_key, b"m")


@pytest.mark.parametrize(("alg", "key"), [("RS256", _EC), ("ES256", _RSA), ("PS256", _EC)])
def test_a_key_of_another_type_does_not_fit(alg: str, key: algorithms.PrivateKey) -> None:
    assert not algorithms.fits(alg, key)


def test_another_curve_and_a_short_key_do_not_fit() -> None:
    assert not algorithms.fits("ES256", ec.generate_private_key(ec.SECP384R1()))
    assert not algorithms.fits("ES256", ec.generate_private_key(ec.SECP256K1()))
    assert not algorithms.fits("RS256", rsa.generate_private_key(public_exponent=65537, key_size=1024))


@pytest.mark.parametrize(("alg", "key"), [("ES256", _EC), ("RS256", _RSA), ("PS256", _RSA)])
def test_a_signature_is_genuine_for_its_message_only(alg: str, key: object) -> None:
    private, public = (_EC.private_key, _EC.public_key) if key is _EC else (_RSA.private_key, _RSA.public_key)
    signature = algorithms.sign(alg, private, b"message")
    assert algorithms.is_genuine(alg, public, b"message", signature)
    assert not algorithms.is_genuine(alg, public, b"messagf", signature)
    assert not algorithms.is_genuine(alg, public, b"message", signature[:-1])
    assert not algorithms.is_genuine(alg, public, b"message", b"")
