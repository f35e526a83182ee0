"""Every way in which the miniature NCA can be asked to depart from the profile, so that each refusal has its test.

Rows are those of "rules of verification" in the reference on the NCA:

 1 another challenge    `cms(key, other_content)`; cms: `message_digest`
 2 content, attributes  cms: `e_content` (differs from what was signed), `message_digest`, `without_signed_attributes`,
                        `drop`, `duplicate`, `two_values`, `content_type`, `encapsulated_type`
 3 signers              cms: `second_signer`, `no_signer`, `certificates`, `extra_certificates` (with `issue(serial=…)`:
                        two certificates for one sid), `signing_certificate_of`
 4 issuers              issue: `signed_by="self" | "foreign" | "same_name"` or a Key that is no authority; `is_ca`,
                        `path_length`; `MiniNca.make(is_test=False)` looks like production
 5 time and status      issue: `not_before`, `not_after`; `MiniNca.revoke`; ocsp: `status`, `this_update`,
                        `next_update`, `nonce`, `cert_serial`, `cert_issuer_key`, `responder`, `error`; crl: alike
 6 use                  issue: `key_usage`, `extended_key_usage`, `policies`; `Holder(role=…)` of `infosystem`, `ocsp`,
                        `tsa`, `treasury`
 7 algorithms           issue: `signature_oid`, `outer_oid`, `inner_null`, `sha1`, `algorithm` (an RSA key below a GOST
                        authority); cms: `digest` (`sha1`, `md5`, `sha256`), `digest_oid`, `signature_oid`
 8 octets and points    `signature=` one of `private_key.Mangle`, everywhere; issue: `point=` one of `private_key.Point`
 9 unsigned attributes  cms: `unsigned_attributes`, `timestamp_token`, `signing_time`, `sign_untagged`
10 ИИН                  issue: `serial_numbers` (several, other digits, `BIN…`), `common_name`, `more_subject`
11 encoding             cms: `indefinite`, `trailing`, `nested`, `padding`, `unsorted`; issue, ocsp and crl: `trailing`
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from idp.cli.dev.nca.key import Key
    from idp.cli.dev.nca.private_key import Mangle, Point, PrivateKey

Attribute = Literal["content_type", "signing_time", "signing_certificate", "message_digest"]
Status = Literal["good", "revoked", "hold", "unknown", "not_known"]


class IssueDepartures(TypedDict, total=False):
    signed_by: Key | Literal["self", "foreign", "same_name"]
    """Who signs instead of the NCA: `same_name` has its name and another key."""
    private_key: PrivateKey
    """Instead of a new one."""
    algorithm: Literal["gost2015", "gost2004", "rsa"]
    """Of the new key, when not that of the NCA."""
    serial: int
    serial_numbers: Sequence[str]
    """Whole values of the attribute serialNumber, `IIN…` included."""
    common_name: str
    more_subject: Sequence[tuple[str, str]]
    """Further (dotted OID, value) pairs at the end of the subject."""
    reversed_subject: bool
    key_usage: bytes | None
    """Content of the BIT STRING with its count of unused bits, as `03 c8`; None leaves the extension out."""
    extended_key_usage: Sequence[str]
    """Empty: the extension is left out."""
    policies: Sequence[str]
    is_ca: bool
    path_length: int
    signature_oid: str
    """Inside and outside."""
    outer_oid: str
    """Only outside."""
    inner_null: bool
    sha1: bool
    """RSA with SHA-1, truly signed so."""
    point: Point
    signature: Mangle
    more_extensions: Sequence[tuple[str, bool, bytes]]
    """(dotted OID, critical, DER value); a second one of a kind that is there makes a duplicate."""
    trailing: bytes


class CmsDepartures(TypedDict, total=False):
    e_content: bytes
    """Encapsulated instead of what was signed."""
    message_digest: bytes
    without_signed_attributes: bool
    """The signature covers the content itself."""
    drop: Sequence[Attribute]
    duplicate: Sequence[Attribute]
    """The whole attribute stands twice."""
    two_values: Sequence[Attribute]
    """The attribute once, its value twice."""
    content_type: str
    encapsulated_type: str
    second_signer: Key
    no_signer: bool
    certificates: Sequence[bytes]
    extra_certificates: Sequence[bytes]
    signing_certificate_of: bytes
    """DER of the certificate that signingCertificateV2 names."""
    sid_serial: int
    sid_issuer: bytes
    version: int
    by_key_id: bool
    """sid is a subjectKeyIdentifier, version 3."""
    digest: Literal["sha1", "md5", "sha256", "sha512", "streebog512"]
    """Truly used for the attributes, and named."""
    digest_oid: str
    """Only named."""
    signature_oid: str
    signature: Mangle
    signed_with: Key
    """Another private key makes the signature."""
    signing_time: datetime
    sign_untagged: bool
    """Signs the attributes with their [0] tag instead of SET (RFC 5652 §5.4)."""
    unsorted: bool
    unsigned_attributes: Sequence[tuple[str, Sequence[bytes]]]
    timestamp_token: bytes
    indefinite: bool
    nested: int
    """An unsigned attribute of that many SEQUENCEs in one another."""
    padding: int
    """An unsigned attribute of that many octets."""
    trailing: bytes


class OcspDepartures(TypedDict, total=False):
    status: Status
    """`not_known` is how the NCA answers for a certificate it never issued: revoked, on hold, in 1970."""
    this_update: datetime
    next_update: datetime
    nonce: bytes | None
    """None leaves it out."""
    cert_serial: int
    cert_issuer_key: bytes
    cert_digest: Literal["sha1", "sha256"]
    responder: Key
    certificates: Sequence[bytes]
    by_key_id: bool
    signature: Mangle
    signature_oid: str
    response_type: str
    error: int
    """OCSPResponseStatus without an answer: 1 malformedRequest, 2 internalError, 3 tryLater, 6 unauthorized."""
    twice: bool
    """Two single responses: first a good one about another serial number."""
    trailing: bytes


class CrlDepartures(TypedDict, total=False):
    number: int
    this_update: datetime
    next_update: datetime
    base_number: int
    more: Sequence[tuple[int, datetime, int]]
    """Further (serial, revoked at, reason)."""
    issuer: Key
    issuer_name: bytes
    inner_null: bool
    outer_oid: str
    signature: Mangle
    trailing: bytes


class TimestampDepartures(TypedDict, total=False):
    imprint_oid: str
    nonce: int | None
    policy: str
    authority: Key
    certificates: Sequence[bytes]
    signing_certificate_of: bytes
    signature: Mangle
    accuracy_seconds: int
