"""Certificates as the NCA issues them: authorities, responders, people."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from idp.cli.dev.nca import der
from idp.cli.dev.nca.departures import IssueDepartures
from idp.cli.dev.nca.holder import COMMON_NAME, SERIAL_NUMBER, Holder, name
from idp.cli.dev.nca.key import Key
from idp.cli.dev.nca.private_key import GOST2015, PrivateKey, RsaKey, Suite, make_private_key

NCA_URL = "http://127.0.0.1:13581"
"""Written into certificates, as the NCA does; nobody should fetch what a certificate says."""
_POLICY = "1.2.398.3.3.2"
_KEY_STORAGE = "1.2.398.3.3.5"
_SHA1_WITH_RSA = "1.2.840.113549.1.1.5"
_USAGE_CA = b"\x01\x06"
_USAGE_USER_NEW = b"\x03\xc8"
_USAGE_USER_OLD = b"\x06\xc0"
_USAGE_RESPONDER = b"\x07\x80"

Extension = tuple[str, bool, bytes]


def authority(common_name: str, private_key: PrivateKey, not_before: datetime, not_after: datetime,
              issuer: Key | None, more: Sequence[tuple[str, str]] = ()) -> Key:  # fmt: skip
    """A self-signed root, or an authority below `issuer`."""
    subject = name([(COMMON_NAME, common_name), *more, ("2.5.4.6", "KZ")])
    key_id = _key_id(private_key)
    extensions: list[Extension] = [
        ("2.5.29.19", True, der.sequence(der.boolean(True))),
        ("2.5.29.15", True, der.tlv(0x03, _USAGE_CA)),
        ("2.5.29.14", False, der.octets(key_id)),
        ("2.5.29.35", False, _authority_key(issuer.key_id if issuer else key_id)),
        ("2.5.29.32", False, der.sequence(der.sequence(der.oid(_POLICY)))),
    ]
    return _assemble(subject, private_key, extensions, not_before, not_after, issuer, None, {})


def issue(holder: Holder, issuer: Key, private_key: PrivateKey, not_before: datetime, not_after: datetime,
          departures: IssueDepartures) -> Key:  # fmt: skip
    attributes = holder.attributes()
    if "common_name" in departures:
        attributes[0] = (COMMON_NAME, departures["common_name"])
    if "serial_numbers" in departures:
        attributes = [pair for pair in attributes if pair[0] != SERIAL_NUMBER]
        attributes[2:2] = [(SERIAL_NUMBER, value) for value in departures["serial_numbers"]]
    attributes += departures.get("more_subject", ())
    if departures.get("reversed_subject"):
        attributes.reverse()
    extensions = _user_extensions(holder, issuer, private_key, departures)
    signer = None if departures.get("signed_by") == "self" else issuer
    return _assemble(name(attributes), private_key, extensions, not_before, not_after, signer, holder, departures)


def _user_extensions(
    holder: Holder, issuer: Key, private_key: PrivateKey, departures: IssueDepartures
) -> list[Extension]:
    is_service = holder.role in ("ocsp", "tsa")
    suite = private_key.suite
    usage = _USAGE_RESPONDER if is_service else _USAGE_USER_NEW if suite is GOST2015 else _USAGE_USER_OLD
    usage_or_none = departures.get("key_usage", usage)
    purposes = departures.get("extended_key_usage", holder.extended_key_usage())
    policies = departures.get("policies", _policies(holder, suite))
    found: list[Extension] = []
    if purposes:
        found.append(("2.5.29.37", holder.role == "tsa", der.sequence(*map(der.oid, purposes))))
    if policies:
        found.append(("2.5.29.32", False, der.sequence(*(der.sequence(der.oid(one)) for one in policies))))
    if usage_or_none is not None:
        found.append(("2.5.29.15", True, der.tlv(0x03, usage_or_none)))
    if "is_ca" in departures:
        length = [der.integer(departures["path_length"])] if "path_length" in departures else []
        content = [der.boolean(True), *length] if departures["is_ca"] else []
        found.append(("2.5.29.19", True, der.sequence(*content)))
    if holder.role == "ocsp":
        found.append(("1.3.6.1.5.5.7.48.1.5", False, der.null()))
    else:
        found += [
            ("2.5.29.31", False, _points(f"{NCA_URL}/crl/base.crl")),
            ("2.5.29.46", False, _points(f"{NCA_URL}/crl/delta.crl")),
            ("1.3.6.1.5.5.7.1.1", False, _access()),
        ]
    found.append(("2.5.29.14", False, der.octets(_key_id(private_key))))
    found.append(("2.5.29.35", False, _authority_key(issuer.key_id)))
    if holder.storage_oid():
        found.append((_KEY_STORAGE, False, der.sequence(der.oid(holder.storage_oid()))))
    return found + list(departures.get("more_extensions", ()))


def _policies(holder: Holder, suite: Suite) -> tuple[str, ...]:
    if suite is GOST2015 or holder.role in ("ocsp", "tsa"):
        return (_POLICY,)
    return (f"{_POLICY}.1",) if holder.bin else (f"{_POLICY}.3",)


def _assemble(subject: bytes, private_key: PrivateKey, extensions: Sequence[Extension], not_before: datetime,
              not_after: datetime, issuer: Key | None, holder: Holder | None,
              departures: IssueDepartures) -> Key:  # fmt: skip
    signer = issuer.private_key if issuer else private_key
    oid = _SHA1_WITH_RSA if departures.get("sha1") else departures.get("signature_oid", signer.suite.signature_oid)
    key_id = _key_id(private_key)
    # The serial number is the SKI with its top bit cleared.
    serial = departures.get("serial", int.from_bytes(key_id, "big") & ~(1 << 159))
    issuer_name = issuer.subject if issuer else subject
    tbs = der.sequence(
        der.explicit(0, der.integer(2)),
        der.integer(serial),
        der.algorithm(oid, with_null=departures.get("inner_null", True)),
        issuer_name,
        der.sequence(der.time(not_before), der.time(not_after)),
        subject,
        private_key.spki(departures.get("point", "")),
        der.explicit(3, der.sequence(*map(_extension, extensions))),
    )
    if departures.get("sha1"):
        assert isinstance(signer, RsaKey)
        signature = signer.sign_sha1(tbs)
    else:
        signature = signer.sign(tbs, departures.get("signature", ""))
    outer = der.algorithm(departures.get("outer_oid", oid))
    certificate = der.sequence(tbs, outer, der.bits(signature)) + departures.get("trailing", b"")
    chain = (issuer.certificate, *issuer.chain) if issuer else ()
    return Key(certificate, chain, private_key, subject, issuer_name, serial, not_before, not_after, holder)


def _extension(one: Extension) -> bytes:
    kind, is_critical, value = one
    return der.sequence(der.oid(kind), der.boolean(True) if is_critical else b"", der.octets(value))


def _key_id(private_key: PrivateKey) -> bytes:
    return hashlib.sha1(private_key.key_bits(), usedforsecurity=False).digest()


def _authority_key(key_id: bytes) -> bytes:
    return der.sequence(der.implicit(0, key_id))


def _points(url: str) -> bytes:
    """CRLDistributionPoints with one address (RFC 5280 §4.2.1.13)."""
    return der.sequence(der.sequence(der.explicit(0, der.explicit(0, der.implicit(6, url.encode())))))


def _access() -> bytes:
    """AuthorityInfoAccess: where the issuer's certificate and OCSP are."""
    places = (("1.3.6.1.5.5.7.48.2", f"{NCA_URL}/cert/nca.cer"), ("1.3.6.1.5.5.7.48.1", f"{NCA_URL}/ocsp"))
    return der.sequence(*(der.sequence(der.oid(kind), der.implicit(6, url.encode())) for kind, url in places))


def new_private_key(suite: Suite, departures: IssueDepartures) -> PrivateKey:
    """The given one, or a new one of the asked or the usual algorithm."""
    return departures.get("private_key") or make_private_key(departures.get("algorithm", suite.name))
