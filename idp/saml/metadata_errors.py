"""Why metadata is refused, and what was left out of metadata that was taken: words with their public English."""

from __future__ import annotations

from dataclasses import dataclass

from idp.core.errors import Invalid

REASONS = {
    "not_xml": "The document is not well-formed XML, or holds a DTD, an entity or a processing instruction.",
    "too_large": "The document or a part of it is larger than metadata is.",
    "no_entity": "The root is neither EntityDescriptor nor EntitiesDescriptor.",
    "no_saml2_sp": "There is no service provider that speaks SAML 2.0.",
    "bad_entity_id": "The entityID is missing, longer than 1024 octets, or holds spaces or control characters.",
    "duplicate_entity": "One entityID stands twice in the document.",
    "expired": "validUntil is past.",
    "no_validity": "A federation's metadata must say until when it is valid.",
    "no_acs": "There is no assertion consumer service with a SAML 2.0 binding that is spoken here.",
    "bad_endpoint": "An address is not https (or http on this machine), or its index is not a number.",
    "bad_certificate": "A key's certificate is not X.509 in DER.",
    "bad_value": "A value is not of the type that SAML metadata demands.",
    "unsigned": "The metadata must be signed and is not.",
    "bad_signature": "The signature of the metadata does not verify.",
    "legacy_signature": "The metadata is signed with SHA-1.",
}
REMARKS = {
    "key_without_certificate": "A key given without an X.509 certificate was left out.",
    "key_unusable": "A key that is neither RSA of at least 2048 bits nor on a NIST curve was left out.",
}


class MetadataRefused(Invalid):
    """`code` is a key of `REASONS`."""

    def __init__(self, code: str, *, detail: str = "") -> None:
        super().__init__(REASONS[code], code=code, detail=detail)


@dataclass(frozen=True, slots=True)
class Remark:
    """`code` is a key of `REMARKS`, or of `REASONS` when the whole entity was left out."""

    entity_id: str
    code: str
