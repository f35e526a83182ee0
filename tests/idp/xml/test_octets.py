"""Signatures over octets."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

from idp.xml.algorithms import DS, DSIG_MORE
from idp.xml.errors import BadSignature
from idp.xml.octets import sign_octets, verify_octets
from tests.vectors.xml_keys import credential

_DATA = b"SAMLRequest=fZA&RelayState=%D3%98&SigAlg=x"


@pytest.mark.parametrize(("algorithm", "size"), [("rsa-sha256", 256), ("ecdsa-sha256", 64)])
def test_what_is_signed_is_verified_with_either_key_of_a_rollover(algorithm: str, size: int) -> None:
    old, new = credential("old", algorithm), credential("new", algorithm)
    for signer in (old, new):
        name, signature = sign_octets(_DATA, signer)
        assert (name, len(signature)) == (DSIG_MORE + algorithm, size)
        verify_octets(_DATA, signature, name, [old.certificate, new.certificate])


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ecdsa-sha256"])
def test_everything_else_is_refused(algorithm: str) -> None:
    ours = credential("sp", algorithm)
    other = credential("sp", "ecdsa-sha256" if algorithm == "rsa-sha256" else "rsa-sha256")
    name, signature = sign_octets(_DATA, ours)
    ours_only = [ours.certificate]
    for data, value, uri, certificates in (
        (_DATA + b"&", signature, name, ours_only),
        (_DATA, signature[:-1] + bytes([signature[-1] ^ 1]), name, ours_only),
        (_DATA, signature[:-1], name, ours_only),
        (_DATA, b"", name, ours_only),
        (_DATA, bytes(len(signature)), name, ours_only),
        (_DATA, signature, name.replace("256", "512"), ours_only),
        (_DATA, signature, name, [credential("thief", algorithm).certificate]),
        (_DATA, signature, name, [other.certificate]),
        (_DATA, signature, name, []),
        (_DATA, signature, "", ours_only),
        (_DATA, signature, DS + "rsa-sha1", ours_only),
        (_DATA, signature, DS + "hmac-sha1", ours_only),
        (_DATA, signature, DSIG_MORE + "hmac-sha256", ours_only),
    ):
        with pytest.raises(BadSignature):
            verify_octets(data, value, uri, certificates)


@pytest.mark.parametrize(("name", "digest"), [("sha384", SHA384()), ("sha512", SHA512()), ("sha256", SHA256())])
def test_longer_digests_and_the_form_that_java_sends_are_understood(name: str, digest: HashAlgorithm) -> None:
    for algorithm in ("rsa", "ecdsa"):
        ours = credential("sp", f"{algorithm}-sha256")
        key = ours.private_key
        if isinstance(key, rsa.RSAPrivateKey):
            signature = key.sign(_DATA, padding.PKCS1v15(), digest)
        else:
            signature = key.sign(_DATA, ec.ECDSA(digest))
        verify_octets(_DATA, signature, f"{DSIG_MORE}{algorithm}-{name}", [ours.certificate])


def test_a_signature_with_sha_1_holds_and_is_refused() -> None:
    ours = credential("sp")
    assert isinstance(ours.private_key, rsa.RSAPrivateKey)
    signature = ours.private_key.sign(_DATA, padding.PKCS1v15(), SHA1())
    with pytest.raises(BadSignature, match="algorithm"):
        verify_octets(_DATA, signature, DS + "rsa-sha1", [ours.certificate])
