"""CMS SignedData as NCALayer and eGov Mobile make it (RFC 5652 §5, RFC 5035, CAdES-BES), and nothing more general.

One signer, named by issuer and serial number, with signed attributes. Every octet of the message is either covered by
the signature, bound to something that is, or refused: what a reader skips, a forger may change.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from idp.eds import algorithms, der
from idp.eds.certificate import Certificate
from idp.eds.errors import BadSignature, Malformed, OtherDocument
from idp.eds.ports import Backend
from idp.eds.structure import Structure, content, dotted, structure, whole

DATA = "1.2.840.113549.1.7.1"
TIMESTAMP_INFO = "1.2.840.113549.1.9.16.1.4"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_VERSIONS = {DATA: 1, TIMESTAMP_INFO: 3}
"""RFC 5652 §5.1: 3 where the content is not id-data, since nothing else that would raise it is accepted."""

_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.14"

_MOST_CERTIFICATES = 8
_TEXT_BYTES = 2 * der.MAX_BYTES
_ARMOUR = re.compile(rb"\s*-----BEGIN (CMS|PKCS7)-----\r?\n(?P<base64>[^-]*)-----END \1-----\s*")
_SPACE = re.compile(rb"[ \t\r\n]+")
_CONTEXT_0, _CONTEXT_1, _CONTEXT_4 = 0xA0, 0xA1, 0xA4


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """RFC 5652 §5.3, taken apart and not yet believed."""

    issuer: bytes
    """DER Name."""
    serial: int
    digest_oid: str
    signature_oid: str
    signature: bytes = field(repr=False)
    attributes: Mapping[str, bytes] = field(repr=False)
    """Signed attributes: OID → the one value, DER."""
    signed: bytes = field(repr=False)
    """The octets under the signature: the attributes as they were encoded, their tag that of a SET (§5.4)."""
    timestamp_token: bytes = field(repr=False)
    """The unsigned attribute (RFC 3161 appendix A), DER; empty when there is none."""


@dataclass(frozen=True, slots=True)
class SignedData:
    der: bytes = field(repr=False)
    content_type: str
    content: bytes | None = field(repr=False)
    """None when the signature is detached."""
    certificates: tuple[bytes, ...] = field(repr=False)
    """DER; no two are equal."""
    signer: SignerInfo


def decode(cms: bytes | str) -> bytes:
    """The DER inside DER, bare base64, or base64 in `-----BEGIN CMS-----` armour. Raises Malformed.

    Outside the armour's base64 nothing may stand but white space; text is at most twice as long as the DER may be.
    """
    if isinstance(cms, bytes) and cms[:1] == b"\x30":
        return cms
    if len(cms) > _TEXT_BYTES:
        raise Malformed("CMS too long")
    try:
        text = cms.encode("ascii") if isinstance(cms, str) else cms
        armour = _ARMOUR.fullmatch(text)
        text = _SPACE.sub(b"", armour["base64"] if armour else text)
        decoded = base64.b64decode(text, validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Malformed("neither DER nor base64") from error
    if base64.b64encode(decoded) != text:
        raise Malformed("base64 with surplus bits")
    return decoded


def parse(data: bytes, content_type: str = DATA) -> SignedData:
    """Takes a ContentInfo with SignedData over `content_type` apart. Raises Malformed for any other shape."""
    der.check(data)
    outer = structure(data, der.SEQUENCE, "ContentInfo")
    if outer.oid() != _SIGNED_DATA:
        raise Malformed("not SignedData")
    explicit = outer.nested(_CONTEXT_0, "ContentInfo")
    outer.end()
    fields = explicit.nested(der.SEQUENCE, "SignedData")
    explicit.end()
    if fields.integer() != _VERSIONS[content_type]:
        raise Malformed("SignedData of another version")
    digests = fields.nested(der.SET, "digestAlgorithms")
    digest_oid = digests.algorithm()
    digests.end()
    encapsulated = _content(data, fields.nested(der.SEQUENCE, "encapContentInfo"), content_type)
    certificates = _certificates(data, fields)
    signers = fields.nested(der.SET, "signerInfos")
    signer = _signer(data, signers.nested(der.SEQUENCE, "SignerInfo"))
    signers.end()
    fields.end()
    if signer.digest_oid != digest_oid:
        raise Malformed("digestAlgorithms names another digest than the signer")
    _check_content_type(signer, content_type)
    return SignedData(data, content_type, encapsulated, certificates, signer)


def certificate_of(signed: SignedData) -> Certificate:
    """The one certificate that issuer and serial number point at. Raises Malformed for none and for several."""
    sid = (signed.signer.issuer, signed.signer.serial)
    brought = (Certificate.parse(each) for each in signed.certificates)
    found = [certificate for certificate in brought if (certificate.issuer, certificate.serial) == sid]
    if len(found) != 1:
        raise Malformed("not exactly one certificate of the signer", detail=str(len(found)))
    return found[0]


def check_content(signed: SignedData, expected: bytes, backend: Backend) -> None:
    """That `expected`, octet by octet, is what was signed. Raises OtherDocument, AlgorithmRefused.

    The message's own content is compared and then forgotten: only `expected` is hashed.
    """
    if signed.content is not None and signed.content != expected:
        raise OtherDocument("the message holds another document")
    value = _only_value(signed.signer, _MESSAGE_DIGEST)
    declared = content(value, der.one(value, der.OCTET_STRING))
    if declared != algorithms.digest(backend, signed.signer.digest_oid, expected):
        raise OtherDocument("messageDigest is of another document")


def check_signing_certificate(signed: SignedData, certificate: Certificate, backend: Backend) -> bool:
    """Whether signed attributes name the certificate (RFC 5035 §3, RFC 2634 §5.4). Raises BadSignature when another.

    Without it a certificate could be exchanged for another one over the same key.
    """
    attributes = signed.signer.attributes
    newer, older = attributes.get(_SIGNING_CERTIFICATE_V2), attributes.get(_SIGNING_CERTIFICATE)
    if newer is not None:
        named = _first_certificate(newer)
        digest_oid = named.algorithm() if named.has(der.SEQUENCE) else algorithms.SHA256_OID
        _compare(named, algorithms.digest(backend, digest_oid, certificate.der), certificate)
    if older is not None:
        fingerprint = hashlib.sha1(certificate.der, usedforsecurity=False).digest()
        _compare(_first_certificate(older), fingerprint, certificate)
    return newer is not None or older is not None


def check_signature(
    signed: SignedData, certificate: Certificate, backend: Backend, *, allow_legacy: bool = False
) -> None:
    """That the certificate's key signed the attributes. Raises AlgorithmRefused, BadSignature, Malformed."""
    signer = signed.signer
    algorithms.suite_for(certificate.key, signer.signature_oid, signer.digest_oid, allow_legacy=allow_legacy)
    algorithms.verify(
        backend, certificate.key, signer.signature_oid, signer.signed, signer.signature, allow_legacy=allow_legacy
    )


def _content(data: bytes, fields: Structure, content_type: str) -> bytes | None:
    if fields.oid() != content_type:
        raise Malformed("content of another type")
    explicit = fields.optional(_CONTEXT_0)
    fields.end()
    if explicit is None:
        return None
    inside = Structure(data, explicit, "encapContentInfo")
    octets = inside.content(der.OCTET_STRING)
    inside.end()
    return octets


def _certificates(data: bytes, fields: Structure) -> tuple[bytes, ...]:
    """X.509 certificates only; neither attribute certificates nor CRLs are taken from a stranger."""
    elements = der.children(data, fields.take(_CONTEXT_0))
    found = tuple(whole(data, element) for element in elements)
    if not 1 <= len(found) <= _MOST_CERTIFICATES or any(element.tag != der.SEQUENCE for element in elements):
        raise Malformed("no bearable set of certificates", detail=str(len(found)))
    if len(set(found)) != len(found):
        raise Malformed("a certificate occurs twice")
    return found


def _signer(data: bytes, fields: Structure) -> SignerInfo:
    if fields.integer() != 1:
        raise Malformed("signer not named by issuer and serial number")
    sid = fields.nested(der.SEQUENCE, "issuerAndSerialNumber")
    issuer, serial = sid.whole(der.SEQUENCE), sid.integer()
    sid.end()
    digest_oid = fields.algorithm()
    attributes = fields.take(_CONTEXT_0)
    signed = der.check(bytes((der.SET,)) + data[attributes.start + 1 : attributes.end])
    signature_oid = fields.algorithm()
    signature = fields.content(der.OCTET_STRING)
    unsigned = fields.optional(_CONTEXT_1)
    fields.end()
    known = _attributes(signed)
    token = b""
    if unsigned is not None:
        claimed = _attributes(bytes((der.SET,)) + data[unsigned.start + 1 : unsigned.end])
        token = claimed.pop(_TIMESTAMP_TOKEN, b"")
        if not token or claimed:
            raise Malformed("unsigned attributes other than one timestamp")
    return SignerInfo(issuer, serial, digest_oid, signature_oid, signature, known, signed, token)


def _attributes(data: bytes) -> dict[str, bytes]:
    """SET OF Attribute: no type twice, one value each, so that two readers cannot choose differently."""
    found: dict[str, bytes] = {}
    for element in der.children(data, der.one(data, der.SET)):
        fields = Structure(data, element, "Attribute")
        named = fields.oid()
        values = der.children(data, fields.take(der.SET))
        fields.end()
        if element.tag != der.SEQUENCE or named in found or len(values) != 1:
            raise Malformed("an attribute occurs twice or has not one value", detail=named)
        found[named] = whole(data, values[0])
    return found


def _check_content_type(signer: SignerInfo, content_type: str) -> None:
    """RFC 5652 §11.1: the signer says what kind of thing was signed, and it is this kind."""
    value = _only_value(signer, _CONTENT_TYPE)
    if dotted(content(value, der.one(value, der.OID))) != content_type:
        raise Malformed("another contentType was signed")


def _only_value(signer: SignerInfo, attribute: str) -> bytes:
    value = signer.attributes.get(attribute)
    if value is None:
        raise Malformed("a signed attribute is missing", detail=attribute)
    return value


def _first_certificate(value: bytes) -> Structure:
    """The first ESSCertID of SigningCertificate or SigningCertificateV2 is the signer's (RFC 5035 §3)."""
    certificates = structure(value, der.SEQUENCE, "SigningCertificate").nested(der.SEQUENCE, "SigningCertificate")
    return certificates.nested(der.SEQUENCE, "ESSCertID")


def _compare(named: Structure, fingerprint: bytes, certificate: Certificate) -> None:
    if named.content(der.OCTET_STRING) != fingerprint:
        raise BadSignature("signed with another certificate")
    if named.has(der.SEQUENCE):
        issuer_serial = named.nested(der.SEQUENCE, "IssuerSerial")
        directory = issuer_serial.nested(der.SEQUENCE, "GeneralNames").nested(_CONTEXT_4, "GeneralName")
        if (directory.whole(der.SEQUENCE), issuer_serial.integer()) != (certificate.issuer, certificate.serial):
            raise BadSignature("signed with a certificate of another issuer or number")
        issuer_serial.end()
    named.end()
