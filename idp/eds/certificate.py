"""A certificate of the NCA, read once and strictly (RFC 5280 and the NCA's own profile). Nothing here is trusted yet.

Subject attributes are found by OID, never by position, because the order changed between years; issuer and subject
stay DER for comparison. Certificates of people, organisations, authorities and responders all parse: who may do what
is decided by `chain` and `verifier`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from asn1crypto import core, x509

from idp.eds import algorithms, der, gost
from idp.eds.errors import AlgorithmRefused, Malformed, WrongUse
from idp.eds.holder import Holder, read_holder
from idp.eds.signed_by import Names

ROLE_ARC = "1.2.398.3.3.4."
_KEY_STORAGE = "1.2.398.3.3.5"
_STORAGES = {"1": "file", "2": "hardware", "3": "cloud"}
_MAX_BYTES = 32_768
_MAX_SERIAL = 2**160  # RFC 5280 §4.1.2.2: at most twenty octets

_BASIC_CONSTRAINTS, _KEY_USAGE, _EXTENDED_KEY_USAGE = "2.5.29.19", "2.5.29.15", "2.5.29.37"
_POLICIES, _AUTHORITY_KEY, _SUBJECT_KEY = "2.5.29.32", "2.5.29.35", "2.5.29.14"
_NOCHECK = "1.3.6.1.5.5.7.48.1.5"
_WITHOUT_MEANING_HERE = ("2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.46", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.11")
"""Alternative names, places of lists and of the authority: never followed, so they restrict nothing."""
_KNOWN = frozenset(
    (
        *(_BASIC_CONSTRAINTS, _KEY_USAGE, _EXTENDED_KEY_USAGE, _POLICIES, _AUTHORITY_KEY, _SUBJECT_KEY),
        *(_NOCHECK, _KEY_STORAGE, *_WITHOUT_MEANING_HERE),
    )
)


@dataclass(frozen=True)
class Certificate:
    """`issuer` and `subject` are DER Names, `spki` the DER SubjectPublicKeyInfo, times are aware and in UTC."""

    der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    serial: int
    issuer: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    holder: Holder = field(repr=False)
    common_name: str
    not_before: datetime
    not_after: datetime
    spki: bytes = field(repr=False)
    signature_oid: str
    """The same inside and outside; one of `algorithms.CERTIFICATE_SIGNATURES`."""
    signature: bytes = field(repr=False)
    is_ca: bool
    max_path_length: int | None
    """How many intermediate authorities may follow this one; None when it does not say."""
    key_usage: frozenset[str]
    """In asn1crypto's words: `digital_signature`, `non_repudiation`, `key_cert_sign`, `crl_sign`…; maybe empty."""
    eku: frozenset[str]
    policies: frozenset[str]
    key_storage: str
    """`file`, `hardware`, `cloud` or `unknown`."""
    has_nocheck: bool
    subject_key_id: bytes = field(repr=False)
    authority_key_id: bytes = field(repr=False)
    """What the extensions say, or empty; `key_bits_sha1` is what the key itself says."""

    @classmethod
    def parse(cls, data: bytes) -> Certificate:
        """Raises Malformed, AlgorithmRefused (signature), WrongHolder (subject), WrongUse (critical extension)."""
        der.check(data, max_bytes=_MAX_BYTES)
        with der.reading("certificate"):
            return _read(data)

    @cached_property
    def key(self) -> algorithms.Key:
        """Raises AlgorithmRefused, Malformed."""
        return algorithms.load_key(self.spki)

    @cached_property
    def key_bits_sha1(self) -> bytes:
        """SHA-1 of the key's bits, a name for the key and no protection (RFC 5280 §4.2.1.2 method 1)."""
        return hashlib.sha1(gost.key_bits(self.spki), usedforsecurity=False).digest()

    @property
    def roles(self) -> frozenset[str]:
        """The OIDs of `eku` that the NCA uses for roles and for the way a person was identified."""
        return frozenset(oid for oid in self.eku if oid.startswith(ROLE_ARC))

    @property
    def subject_names(self) -> Names:
        return self.holder.names

    @property
    def organisation(self) -> str:
        return self.holder.organisation

    @property
    def iin(self) -> str:
        """Twelve digits, or empty for what is no person's certificate. The check digit is not looked at."""
        return self.holder.iin

    @property
    def bin(self) -> str:
        """Twelve digits, or empty."""
        return self.holder.bin

    @property
    def is_self_issued(self) -> bool:
        return self.issuer == self.subject


def _read(data: bytes) -> Certificate:
    outer = x509.Certificate.load(data, strict=True)
    tbs = outer["tbs_certificate"]
    if tbs["version"].native != "v3":
        raise Malformed("not a version 3 certificate")
    serial, validity = tbs["serial_number"].native, tbs["validity"]
    if not 0 <= serial < _MAX_SERIAL:
        raise Malformed("serial number out of range")
    extensions = _extensions(tbs["extensions"])
    constraints = _optional(extensions, _BASIC_CONSTRAINTS, x509.BasicConstraints)
    subject_key = _optional(extensions, _SUBJECT_KEY, core.OctetString)
    authority_key = _optional(extensions, _AUTHORITY_KEY, x509.AuthorityKeyIdentifier)
    subject = tbs["subject"].dump()
    holder = read_holder(subject)
    return Certificate(
        der=data,
        tbs=tbs.dump(),
        serial=serial,
        issuer=tbs["issuer"].dump(),
        subject=subject,
        holder=holder,
        common_name=holder.names.common_name,
        not_before=validity["not_before"].native,
        not_after=validity["not_after"].native,
        spki=tbs["subject_public_key_info"].dump(),
        signature_oid=_signature_oid(tbs["signature"], outer["signature_algorithm"]),
        signature=_whole_octets(outer["signature_value"]),
        is_ca=constraints is not None and bool(constraints["ca"].native),
        max_path_length=None if constraints is None else constraints["path_len_constraint"].native,
        key_usage=frozenset(_native(extensions, _KEY_USAGE, x509.KeyUsage)),
        eku=frozenset(oid.dotted for oid in _optional(extensions, _EXTENDED_KEY_USAGE, x509.ExtKeyUsageSyntax) or ()),
        policies=frozenset(
            policy["policy_identifier"].dotted
            for policy in _optional(extensions, _POLICIES, x509.CertificatePolicies) or ()
        ),
        key_storage=_key_storage(extensions.get(_KEY_STORAGE)),
        has_nocheck=_NOCHECK in extensions,
        subject_key_id=b"" if subject_key is None else subject_key.native,
        authority_key_id=b"" if authority_key is None else authority_key["key_identifier"].native or b"",
    )


def _extensions(sequence: Any) -> dict[str, bytes]:
    """Content by OID. RFC 5280 §4.2: none twice, and one that is critical and unknown forbids every use."""
    found: dict[str, bytes] = {}
    for extension in sequence:
        oid = extension["extn_id"].dotted
        if oid in found:
            raise Malformed("extension occurs twice", detail=oid)
        if extension["critical"].native and oid not in _KNOWN:
            raise WrongUse("critical extension not understood", detail=oid)
        found[oid] = extension["extn_value"].contents
        if oid in _KNOWN:
            der.check(found[oid])
    return found


def _optional(extensions: Mapping[str, bytes], oid: str, kind: Any) -> Any:
    return kind.load(extensions[oid], strict=True) if oid in extensions else None


def _native(extensions: Mapping[str, bytes], oid: str, kind: Any) -> Any:
    value = _optional(extensions, oid, kind)
    return () if value is None else value.native


def _key_storage(content: bytes | None) -> str:
    """SEQUENCE OF OBJECT IDENTIFIER below 1.2.398.3.3.5: `.1.*` a file, `.2.*` a device, `.3.*` the NCA's cloud."""
    if content is None:
        return "unknown"
    oids = [oid.dotted for oid in x509.ExtKeyUsageSyntax.load(content, strict=True)]
    kinds = {oid.removeprefix(_KEY_STORAGE + ".").split(".")[0] for oid in oids if oid.startswith(_KEY_STORAGE + ".")}
    return _STORAGES.get(kinds.pop(), "unknown") if len(kinds) == 1 else "unknown"


def _signature_oid(inner: Any, outer: Any) -> str:
    """RFC 5280 §4.1.1.2: both say the same, else the unsigned one could lead the check astray. NULL equals absent."""
    oids = {algorithm["algorithm"].dotted for algorithm in (inner, outer)}
    parameters = {bytes(algorithm["parameters"].dump()) for algorithm in (inner, outer)}
    if len(oids) != 1 or not parameters <= {b"", b"\x05\x00"}:
        raise AlgorithmRefused("inner and outer signature algorithms differ or have parameters")
    oid = str(oids.pop())
    if oid not in algorithms.CERTIFICATE_SIGNATURES:
        raise AlgorithmRefused("signature algorithm not accepted", detail=oid)
    return oid


def _whole_octets(bits: Any) -> bytes:
    content = bytes(bits.contents)
    if content[0] != 0:
        raise Malformed("signature is not whole octets")
    return content[1:]
