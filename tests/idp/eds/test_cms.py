"""The shape of a message, its encodings, a real one of the NCA. Attacks are in tests/vectors/test_eds_messages.py."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idp.cli.dev.nca import der as written
from idp.eds import cms, der
from idp.eds.errors import AlgorithmRefused, BadSignature, Malformed, OtherDocument
from tests.factories.der_mutations import tree
from tests.factories.eds_ground import CONTENT, Ground, nca_of

SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"


@pytest.fixture(params=["gost2015", "rsa"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(nca_of(request.param))


def armoured(data: bytes, label: str = "CMS", end: str = "\r\n") -> str:
    lines = base64.encodebytes(data).decode().split("\n")
    return end.join([f"-----BEGIN {label}-----", *lines[:-1], f"-----END {label}-----", ""])


def test_der_base64_and_armour_hold_the_same(ground: Ground) -> None:
    data = ground.cms()
    bare = base64.b64encode(data).decode()
    forms: list[bytes | str] = [
        data,
        bare,
        bare.encode(),
        f"\r\n {bare[:64]}\r\n\t{bare[64:]}\n",
        armoured(data),
        armoured(data, "PKCS7", "\n"),
        f"\n{armoured(data)}\n\n",
    ]
    for form in forms:
        assert cms.decode(form) == data


@pytest.mark.parametrize(
    "text",
    [
        "{}!",
        "{}.",
        "{}&#13;",
        "-----BEGIN CMS-----\n{}\n",
        "-----BEGIN CMS-----\n{}\n-----END PKCS7-----",
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----",
        "-----BEGIN CMS-----\nVersion: 1\n\n{}\n-----END CMS-----",
        "x-----BEGIN CMS-----\n{}\n-----END CMS-----",
        "-----BEGIN CMS-----\n{0}\n-----END CMS-----\n-----BEGIN CMS-----\n{0}\n-----END CMS-----",
        "{}\u00a0",
        "{}\x00",
        "{}\x0b",
        "{}====",
    ],
)
def test_nothing_else_may_stand_around_the_base64(ground: Ground, text: str) -> None:
    with pytest.raises(Malformed):
        cms.parse(cms.decode(text.format(base64.b64encode(ground.cms()).decode())))


def test_base64_has_one_spelling() -> None:
    """The last letter has bits that carry nothing: `QQ==` and `QR==` would be one octet."""
    assert cms.decode("QQ==") == b"A"
    with pytest.raises(Malformed):
        cms.decode("QR==")


def test_the_url_alphabet_is_another_one() -> None:
    with pytest.raises(Malformed):
        cms.decode("-_-_")


def test_a_message_is_taken_apart(ground: Ground) -> None:
    key = ground.key()
    signed = cms.parse(ground.cms(key, encapsulate=True, timestamp=True))
    assert signed.content == CONTENT
    assert signed.certificates == (key.certificate,)
    assert (signed.signer.issuer, signed.signer.serial) == (key.issuer, key.serial)
    assert signed.signer.digest_oid == ground.nca.suite.digest_oid
    assert signed.signer.signed[:1] == b"\x31"
    assert signed.signer.timestamp_token[:1] == b"\x30"
    assert cms.parse(ground.cms(key)).content is None


def test_a_message_of_another_kind_is_refused(ground: Ground) -> None:
    """Data, not SignedData; a timestamp where a document was expected and the reverse."""
    with pytest.raises(Malformed):
        cms.parse(written.sequence(written.oid(cms.DATA), written.explicit(0, written.octets(b"x"))))
    token = cms.parse(ground.cms(timestamp=True)).signer.timestamp_token
    with pytest.raises(Malformed):
        cms.parse(token)
    with pytest.raises(Malformed):
        cms.parse(ground.cms(), cms.TIMESTAMP_INFO)


def test_a_crl_or_another_digest_beside_the_signers_is_refused(ground: Ground) -> None:
    """Both would be octets that the signature does not cover."""
    data = ground.cms()
    version, digests, content, certificates, signers = _parts(data)
    assert _joined(version, digests, content, certificates, signers) == data
    for parts in (
        (version, digests, content, certificates, written.explicit(1, written.sequence()), signers),
        (version, written.set_of([digests[2:], written.algorithm("1.3.14.3.2.26")]), content, certificates, signers),
        (version, written.set_of([written.algorithm("1.3.14.3.2.26")]), content, certificates, signers),
        (version, written.set_of([]), content, certificates, signers),
        (version, digests, content, signers),
        (version, digests, content, written.explicit(0, *[certificates[4:]] * 9), signers),
        (version, digests, content, written.explicit(0, written.explicit(1)), signers),
    ):
        with pytest.raises(Malformed):
            cms.parse(_joined(*parts))


def test_versions_are_those_of_what_is_in_it(ground: Ground) -> None:
    """RFC 5652 §5.1, §5.3: 1 and 1; a number padded with zeros is another encoding of it (X.690 §8.3.2)."""
    version, digests, content, certificates, signers = _parts(ground.cms())
    for other in (written.integer(3), written.integer(0), b"\x02\x02\x00\x01"):
        with pytest.raises(Malformed):
            cms.parse(_joined(other, digests, content, certificates, signers))
        signer = tree(signers)
        assert signer.children is not None
        assert signer.children[0].children is not None
        signer.children[0].children[0] = tree(other)
        with pytest.raises(Malformed):
            cms.parse(_joined(version, digests, content, certificates, signer.encoded()))


def test_size_is_bounded_whatever_is_inside(ground: Ground) -> None:
    """64 KiB of DER, twice that of text, white space included."""
    with pytest.raises(Malformed):
        cms.parse(ground.cms(content=bytes(66_000), encapsulate=True))
    assert cms.parse(ground.cms(content=bytes(60_000), encapsulate=True)).content == bytes(60_000)
    text = base64.b64encode(ground.cms()).decode()
    cms.decode(text.rjust(131_072))
    with pytest.raises(Malformed):
        cms.decode(text.rjust(131_073))


def _parts(data: bytes) -> list[bytes]:
    inner = der.children(data, der.children(data, der.one(data, 0x30))[1])[0]
    return [data[part.start : part.end] for part in der.children(data, inner)]


def _joined(*parts: bytes) -> bytes:
    return written.sequence(written.oid("1.2.840.113549.1.7.2"), written.explicit(0, written.sequence(*parts)))


def test_the_certificate_may_be_named_more_exactly(ground: Ground) -> None:
    """ESSCertIDv2 with its hash written out, and with issuerSerial (RFC 5035 §4, RFC 2634 §5.4.1)."""
    key, other = ground.key(), ground.key()
    signed = cms.parse(ground.cms(key))
    certificate = cms.certificate_of(signed)
    directory = written.sequence(written.explicit(4, key.issuer))
    fingerprint = ground.nca.suite.digest(key.certificate)
    algorithm = written.algorithm(ground.nca.suite.digest_oid)
    digest = written.octets(fingerprint)
    serial, other_serial = written.integer(key.serial), written.integer(other.serial)
    elsewhere = written.sequence(written.explicit(4, key.subject))
    right = written.sequence(algorithm, digest, written.sequence(directory, serial))
    assert cms.check_signing_certificate(_naming(signed, SIGNING_CERTIFICATE_V2, right), certificate, ground.backend)
    wrong: list[tuple[type[Exception], bytes]] = [
        (BadSignature, written.sequence(algorithm, written.octets(fingerprint[::-1]))),
        (BadSignature, written.sequence(algorithm, digest, written.sequence(directory, other_serial))),
        (BadSignature, written.sequence(algorithm, digest, written.sequence(elsewhere, serial))),
        (AlgorithmRefused, written.sequence(written.algorithm("1.3.14.3.2.26"), digest)),
        (Malformed, written.sequence(algorithm, digest, written.null())),
        (Malformed, written.sequence()),
    ]
    for error, value in wrong:
        with pytest.raises(error):
            cms.check_signing_certificate(_naming(signed, SIGNING_CERTIFICATE_V2, value), certificate, ground.backend)


def test_the_older_attribute_is_compared_too(ground: Ground) -> None:
    signed = cms.parse(ground.cms())
    certificate = cms.certificate_of(signed)
    with pytest.raises(BadSignature):
        cms.check_signing_certificate(
            _naming(signed, SIGNING_CERTIFICATE, written.sequence(written.octets(bytes(20)))),
            certificate,
            ground.backend,
        )


def test_a_message_that_names_no_certificate_is_told_from_one_that_does(ground: Ground) -> None:
    for departures, names in (({}, True), ({"drop": ["signing_certificate"]}, False)):
        signed = cms.parse(ground.cms(**departures))  # type: ignore[arg-type]
        assert cms.check_signing_certificate(signed, cms.certificate_of(signed), ground.backend) is names


def _naming(signed: cms.SignedData, attribute: str, value: bytes) -> Any:
    attributes = {attribute: written.sequence(written.sequence(value))}
    return replace(signed, signer=replace(signed.signer, attributes=attributes))


@pytest.mark.external
def test_a_real_message_of_2021_holds(test_data: Path) -> None:
    """Its certificate is of an RSA test authority that was not published with it: the chain is not for here."""
    backend = Ground(nca_of("rsa")).backend
    data = (test_data / "nca-test/signatures/CmsServiceTest.SIGNED_CMS_ONE_SIGNER.der").read_bytes()
    signed = cms.parse(cms.decode(armoured(data)))
    certificate = cms.certificate_of(signed)
    assert (certificate.iin, certificate.common_name) == ("123456789011", "ТЕСТОВ ТЕСТ")
    cms.check_content(signed, b"test123", backend)
    cms.check_signature(signed, certificate, backend)
    assert not cms.check_signing_certificate(signed, certificate, backend)
    with pytest.raises(OtherDocument):
        cms.check_content(signed, b"test124", backend)
