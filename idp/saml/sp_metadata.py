"""A document of metadata as a file, an address or MDQ gives it: one entity or a small group (SAML Metadata §2.3)."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from idp.saml.entity import ServiceProvider
from idp.saml.metadata_errors import MetadataRefused, Remark
from idp.saml.metadata_values import MAX_ENTITY_ID
from idp.saml.names import DS, MD, q
from idp.saml.sp_descriptor import ENTITY, ROLE, read_provider, unexpired
from idp.xml.errors import BadSignature, TooLarge, XmlError
from idp.xml.parser import Element, children, parse
from idp.xml.signature import verify

GROUP = q(MD, "EntitiesDescriptor")
MAX_BYTES = 4 * 1024 * 1024
MAX_ELEMENTS = 100_000


def read_document(
    data: bytes,
    *,
    now: datetime,
    certificates: Sequence[bytes] = (),
    plain_http: bool = False,
    remarks: list[Remark] | None = None,
) -> list[ServiceProvider]:
    """Every service provider in it; raises `MetadataRefused` when there is none to take.

    With `certificates` (DER) one of them must have signed it. Without, a signature that is there must be intact and
    of today's algorithms: measured with the certificate inside it, which says nothing about who wrote it. Of a group
    a bad entity is left out and told to `remarks`; the same entityID twice refuses the whole.
    """
    root = _parse(data)
    if root.tag not in (ENTITY, GROUP):
        raise MetadataRefused("no_entity", detail=str(root.tag)[:200])
    unexpired(root, now)
    root = _verified(root, certificates)
    if root.tag == ENTITY:
        return [read_provider(root, now=now, plain_http=plain_http, remarks=remarks)]
    return _group(root, now, plain_http, [] if remarks is None else remarks)


def _parse(data: bytes) -> Element:
    try:
        return parse(data, max_bytes=MAX_BYTES, max_elements=MAX_ELEMENTS)
    except TooLarge as wrong:
        raise MetadataRefused("too_large", detail=str(wrong)) from wrong
    except XmlError as wrong:
        raise MetadataRefused("not_xml", detail=wrong.detail or str(wrong)) from wrong


def _verified(root: Element, certificates: Sequence[bytes]) -> Element:
    if next(root.iter(q(DS, "Signature")), None) is None:
        if certificates:
            raise MetadataRefused("unsigned")
        return root
    try:
        return verify(root, certificates or _enclosed(root))
    except BadSignature as wrong:
        raise signature_refusal(wrong) from wrong


def signature_refusal(wrong: BadSignature) -> MetadataRefused:
    """SHA-1 and MD5 have a code of their own: that is for whoever signed to mend."""
    code = "unsigned" if wrong.description == "not signed" else "bad_signature"
    code = "legacy_signature" if re.search(r"[#-](sha1|md5)$", wrong.detail) else code
    return MetadataRefused(code, detail=wrong.detail or str(wrong))


def _enclosed(root: Element) -> list[bytes]:
    """The certificate inside the signature: proves that nothing was damaged on the way, never who signed."""
    found = [root]
    for local in ("Signature", "KeyInfo", "X509Data", "X509Certificate"):
        found = [child for one in found for child in children(one, q(DS, local))]
    try:
        return [base64.b64decode("".join((one.text or "").split()), validate=True) for one in found[:1]]
    except ValueError as wrong:
        raise MetadataRefused("bad_signature", detail="certificate in the signature") from wrong


def _group(root: Element, now: datetime, plain_http: bool, remarks: list[Remark]) -> list[ServiceProvider]:
    entities = list(_entities(root))
    if any(times > 1 for times in Counter(one.get("entityID") for one in entities).values()):
        raise MetadataRefused("duplicate_entity")
    found = []
    refusal: MetadataRefused | None = None
    for one in entities:
        if not children(one, ROLE):
            continue
        try:
            until = group_until(one, now)
            found.append(read_provider(one, now=now, group_until=until, plain_http=plain_http, remarks=remarks))
        except MetadataRefused as wrong:
            refusal = refusal or wrong
            remarks.append(Remark((one.get("entityID") or "")[:MAX_ENTITY_ID], wrong.code))
    if not found:
        raise refusal or MetadataRefused("no_saml2_sp")
    return found


def _entities(group: Element) -> Iterator[Element]:
    """Those that groups hold; an EntityDescriptor inside somebody's Extensions is nobody's."""
    for one in group:
        if one.tag == ENTITY:
            yield one
        elif one.tag == GROUP:
            yield from _entities(one)


def group_until(entity: Element, now: datetime) -> datetime | None:
    """The earliest validUntil of the groups around it (§2.3.1); raises when one is past."""
    until = None
    for group in entity.iterancestors(GROUP):
        until = unexpired(group, now, until)
    return until
