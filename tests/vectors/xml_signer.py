"""Signatures that hold and are not accepted: made by xmlsec with whatever a test asks for."""

from __future__ import annotations

from collections.abc import Sequence

import xmlsec
from lxml import etree

from idp.xml.algorithms import DS, ENVELOPED, EXCLUSIVE, SHA256, ds
from idp.xml.keys import Credential

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = DS + "rsa-sha1"
HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
SHA1 = DS + "sha1"


def key_of(credential: Credential) -> xmlsec.Key:
    return xmlsec.Key.from_memory(credential.private_key_pem, xmlsec.constants.KeyDataFormatPem)


def hmac_key(secret: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, secret)


def sign(
    document: str | bytes,
    key: xmlsec.Key,
    *,
    method: str = RSA_SHA256,
    canonicalization: str = EXCLUSIVE,
    transforms: Sequence[str] = (ENVELOPED, EXCLUSIVE),
    digest: str = SHA256,
    uris: Sequence[str] = ("#_good",),
    identifiers: Sequence[str] = (),
    prefixes: str = "",
    key_info: str = "",
    path: str = ".",
    position: int = 1,
) -> bytes:
    """`transforms` are URIs or whole elements; `identifiers` are IDs of children to register; `path` finds the parent
    of the signature."""
    root = etree.fromstring(document)
    inclusive = f'<InclusiveNamespaces xmlns="{EXCLUSIVE}" PrefixList="{prefixes}"/>' if prefixes else ""
    steps = "".join(
        step
        if step.startswith("<")
        else f'<ds:Transform Algorithm="{step}">{inclusive * (step == EXCLUSIVE)}</ds:Transform>'
        for step in transforms
    )
    reference = (
        f"<ds:Transforms>{steps}</ds:Transforms>" * bool(steps)
        + f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/>'
    )
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{canonicalization}">'
        f'{inclusive}</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{method}"/>'
        + "".join(f'<ds:Reference URI="{uri}">{reference}</ds:Reference>' for uri in uris)
        + f"</ds:SignedInfo><ds:SignatureValue/>{key_info}</ds:Signature>"
    )
    parent = root.find(path)
    assert parent is not None
    parent.insert(position, signature)
    context = xmlsec.SignatureContext()
    context.key = key
    context.register_id(root, "ID")
    for identifier in identifiers:
        child = root.find(f".//*[@ID='{identifier}']")
        assert child is not None
        context.register_id(child, "ID")
    context.sign(signature)
    return etree.tostring(root)


def holds(document: bytes, key: xmlsec.Key) -> bool:
    """Whether xmlsec alone, asked no more than whether the first signature holds, is content."""
    root = etree.fromstring(document)
    signature = next(root.iter(ds("Signature")))
    context = xmlsec.SignatureContext()
    context.key = key
    for each in root.iter("*"):
        if each.get("ID"):
            context.register_id(each, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True
