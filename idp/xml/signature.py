"""Enveloped signatures over one element (XML-DSig, profiled by SAML Core §5.4). The one door to them.

Verifying first reads the signature's shape (`reference`), then lets xmlsec compute over the very tree that is read
afterwards, with a key from the partner's metadata only. What a message says about keys is never looked at.
Signing is two digests and the private key, without xmlsec, which would take half as long again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

import xmlsec
from lxml import etree

from idp.xml import reference
from idp.xml.algorithms import DS, ENVELOPED, EXCLUSIVE, SHA256, ds
from idp.xml.canonical import canonical
from idp.xml.errors import BadSignature
from idp.xml.keys import ALGORITHMS, Credential, keys_for, verifying_key
from idp.xml.octets import sign_octets
from idp.xml.parser import Element


def sign(element: Element, credential: Credential, *, position: int) -> None:
    """Puts a signature over `element`, by its ID, in as child number `position`.

    The element must stand where it will stay: moving it may change its prefixes. Raises BadSignature, BadKey.
    """
    identifier = reference.identifier_of(element)
    _ = credential.private_key  # a key that cannot be read is found out before anything changes
    digest = hashlib.sha256(canonical(element)).digest()
    signature = etree.Element(ds("Signature"), nsmap={"ds": DS})
    element.insert(position, signature)
    info = _signed_info(signature, identifier, ALGORITHMS[credential.algorithm], _base64(digest))
    _, value = sign_octets(canonical(info), credential)
    etree.SubElement(signature, ds("SignatureValue")).text = _base64(value)
    data = etree.SubElement(etree.SubElement(signature, ds("KeyInfo")), ds("X509Data"))
    etree.SubElement(data, ds("X509Certificate")).text = credential.certificate_text


def has_signature(root: Element) -> bool:
    """Whether there is a signature anywhere in the document, also where none would be accepted."""
    return next(root.getroottree().getroot().iter(ds("Signature")), None) is not None


def verify(root: Element, certificates: Sequence[bytes], *, allow_legacy: bool = False) -> Element:
    """`root` again, when its own signature, the only one of the document, is by the key of a certificate (DER).

    All of `root` but its signature is covered, and the signature holds no elements but its own.
    `allow_legacy` accepts inclusive canonicalization; nothing makes SHA-1 acceptable. Raises BadSignature.
    """
    signature = _only_signature(root)
    identifier = reference.check_ids(root)
    found = reference.read(signature, identifier, allow_legacy=allow_legacy)
    fitting = keys_for(found.method.kind, tuple(certificates))
    if not fitting:
        raise BadSignature("no key of the partner fits the signature")
    if not any(_holds(signature, root, certificate) for certificate in fitting):
        raise BadSignature("the signature does not hold")
    return root


def _only_signature(root: Element) -> Element:
    signatures = list(root.getroottree().getroot().iter(ds("Signature")))
    if not signatures:
        raise BadSignature("not signed")
    if len(signatures) > 1 or signatures[0].getparent() is not root:
        raise BadSignature("not exactly one signature, on the root")
    return signatures[0]


def _holds(signature: Element, root: Element, certificate: bytes) -> bool:
    context = xmlsec.SignatureContext()
    context.key = verifying_key(certificate)
    try:
        context.register_id(root, reference.ID)
        context.verify(signature)
    except xmlsec.Error:
        return False
    finally:
        _forget_id(root)
    return True


def _forget_id(element: Element) -> None:
    """Takes the ID out of the document's table again, which would point to freed memory when the element moves on."""
    value = element.attrib.pop(reference.ID)
    element.set(reference.ID, value)


def _signed_info(signature: Element, identifier: str, method: str, digest: str) -> Element:
    info = etree.SubElement(signature, ds("SignedInfo"))
    etree.SubElement(info, ds("CanonicalizationMethod"), Algorithm=EXCLUSIVE)
    etree.SubElement(info, ds("SignatureMethod"), Algorithm=method)
    target = etree.SubElement(info, ds("Reference"), URI=f"#{identifier}")
    transforms = etree.SubElement(target, ds("Transforms"))
    etree.SubElement(transforms, ds("Transform"), Algorithm=ENVELOPED)
    etree.SubElement(transforms, ds("Transform"), Algorithm=EXCLUSIVE)
    etree.SubElement(target, ds("DigestMethod"), Algorithm=SHA256)
    etree.SubElement(target, ds("DigestValue")).text = digest
    return info


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
