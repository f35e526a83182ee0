"""Signing and verifying: what holds, and what holds and is refused all the same (reference, tests 29 to 32)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from idp.xml import signature
from idp.xml.algorithms import ENVELOPED, EXCLUSIVE, INCLUSIVE, ds
from idp.xml.build import element, serialize
from idp.xml.errors import BadKey, BadSignature
from idp.xml.keys import Credential, public_key
from idp.xml.parser import Element, parse
from tests.vectors import xml_signer
from tests.vectors.saml_wrapping import MESSAGES
from tests.vectors.xml_keys import credential

_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ecdsa-sha256"])
@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_signed_is_verified_after_a_journey(message: str, algorithm: str) -> None:
    ours = credential("sp", algorithm)
    root = parse(MESSAGES[message].encode())
    assert not signature.has_signature(root)
    signature.sign(root, ours, position=1)
    assert root[1].tag == ds("Signature")
    assert root[1].findtext(f".//{ds('X509Certificate')}") == base64.b64encode(ours.certificate).decode()
    arrived = parse(serialize(root))
    assert signature.has_signature(arrived)
    assert signature.verify(arrived, [ours.certificate]) is arrived
    assert xml_signer.holds(serialize(root), xml_signer.key_of(ours))


def test_both_keys_of_a_rollover_are_accepted_and_no_third() -> None:
    certificates = [credential(name).certificate for name in ("old", "new")]
    for name in ("old", "new"):
        signature.verify(_signed(credential(name)), certificates)
    for pinned in ([credential("thief").certificate], [credential("old", "ecdsa-sha256").certificate], [b"junk"], []):
        with pytest.raises(BadSignature):
            signature.verify(_signed(credential("old")), pinned)


def test_an_element_inside_a_document_is_signed_where_it_stands() -> None:
    """SAML Core §5.4: assertion first, then the response around it."""
    ours = credential("idp")
    protocol = "urn:oasis:names:tc:SAML:2.0:protocol"
    assertion = element(f"{{{_SAML}}}Assertion", {"ID": "_a"}, element(f"{{{_SAML}}}Issuer", {}, "us"))
    response = element(f"{{{protocol}}}Response", {"ID": "_r"}, assertion, nsmap={"samlp": protocol, "saml": _SAML})
    signature.sign(assertion, ours, position=1)
    assert signature.verify(assertion, [ours.certificate]) is assertion
    signature.sign(response, ours, position=0)
    alone = parse(serialize(parse(serialize(response))[1]))
    assert signature.verify(alone, [ours.certificate]) is alone
    with pytest.raises(BadSignature, match="not exactly one"):
        signature.verify(parse(serialize(response)), [ours.certificate])
    response.remove(response[0])
    with pytest.raises(BadSignature):
        signature.verify(response, [ours.certificate])


@pytest.mark.parametrize(
    "change",
    [
        lambda root: root.set("Version", "2.1"),
        lambda root: root.set("ID", "_other"),
        lambda root: root.attrib.pop("ID"),
        lambda root: setattr(root[0], "text", "https://evil.example"),
        lambda root: root.append(element("x")),
        lambda root: setattr(root[-1], "tail", "x"),
        lambda root: root.remove(root[1]),
        lambda root: root.append(etree.fromstring(etree.tostring(root[1]))),
        lambda root: root[0].append(root[1]),
        lambda root: root[1].append(element(ds("Object"))),
        lambda root: root[1][0].append(etree.fromstring(etree.tostring(root[1][0][2]))),
        lambda root: root[1][0][2].set("URI", ""),
        lambda root: root[1][0][2].set("URI", "#"),
        lambda root: root[1][0][2].set("URI", "#_good "),
        lambda root: root[1][0][2].set("URI", "#xpointer(/)"),
        lambda root: root[1][0][2].set("URI", "http://192.0.2.1/x"),
        lambda root: root[1][0][2].attrib.pop("URI"),
        lambda root: setattr(root[1][0][2][2], "text", ""),
        lambda root: setattr(root[1][0][2][2], "text", "AA=="),
        lambda root: setattr(root[1][1], "text", ""),
        lambda root: setattr(root[1][1], "text", "я"),
        lambda root: root[1][1].append(element(ds("X"))),
        lambda root: root[1][2].append(element(f"{{{_SAML}}}NameID", {}, "evil")),
        lambda root: root[1].set("{http://www.w3.org/XML/1998/namespace}id", "_good"),
        lambda root: root[0].set("Id", "_good"),
        lambda root: root[0].set("{urn:x}ID", "_good"),
    ],
)
def test_whatever_is_changed_afterwards_breaks_it(change: Callable[[Element], object]) -> None:
    root = _signed(credential("sp"))
    change(root)
    with pytest.raises(BadSignature):
        signature.verify(parse(serialize(root)), [credential("sp").certificate])


def test_only_what_the_key_says_of_itself_may_change() -> None:
    """KeyInfo is never read: neither another's certificate nor none at all changes anything."""
    for key_info in ("", f"<ds:KeyInfo><ds:KeyName>{credential('thief').certificate_text}</ds:KeyName></ds:KeyInfo>"):
        document = xml_signer.sign(MESSAGES["LogoutRequest"], _key(), key_info=key_info)
        signature.verify(parse(document), [credential("sp").certificate])


@pytest.mark.parametrize(
    "departure",
    [
        {"method": xml_signer.RSA_SHA1},
        {"digest": xml_signer.SHA1},
        {"canonicalization": f"{EXCLUSIVE}WithComments"},
        {"transforms": (ENVELOPED, f"{EXCLUSIVE}WithComments")},
        {"transforms": (ENVELOPED, f"{INCLUSIVE}#WithComments")},
        {"transforms": (ENVELOPED,) * 2},
        {"transforms": (ENVELOPED, *(EXCLUSIVE,) * 2)},
        {"transforms": (EXCLUSIVE,), "uris": ("#_child",), "identifiers": ("_child",)},
        {"transforms": (), "uris": ("#_child",), "identifiers": ("_child",)},
        {"uris": ("",)},
        {"uris": ("#_good", "#_good")},
        {"uris": ("#_good", "#_child"), "identifiers": ("_child",)},
        {"uris": ("#xpointer(id('_good'))",)},
        {"path": "{*}Issuer"},
        {
            "transforms": (
                ENVELOPED,
                '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
                "<ds:XPath>not(ancestor-or-self::*[local-name()='NameID'])</ds:XPath></ds:Transform>",
                EXCLUSIVE,
            )
        },
        {
            "transforms": (
                '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><x:XPath Filter="subtract" '
                "xmlns:x=\"http://www.w3.org/2002/06/xmldsig-filter2\">//*[local-name()='Signature']</x:XPath>"
                "</ds:Transform>",
                EXCLUSIVE,
            )
        },
    ],
    ids=lambda departure: " ".join(departure),
)
def test_signatures_that_hold_and_are_not_of_the_accepted_shape_are_refused(departure: dict[str, Any]) -> None:
    document = MESSAGES["LogoutRequest"].replace("<saml:NameID>", '<saml:NameID ID="_child">')
    attack = xml_signer.sign(document, _key(), **departure)
    assert xml_signer.holds(attack, _key())
    for allow_legacy in (False, True):
        with pytest.raises(BadSignature):
            signature.verify(parse(attack), [credential("sp").certificate], allow_legacy=allow_legacy)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "</ds:Transforms>",
            '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x:stylesheet version="1.0" '
            'xmlns:x="http://www.w3.org/1999/XSL/Transform"/></ds:Transform></ds:Transforms>',
            "foreign",
        ),
        (f'Algorithm="{ENVELOPED}"', f'Algorithm="{EXCLUSIVE}"', "transforms"),
        (f'<ds:Transform Algorithm="{ENVELOPED}"/>', "", "transforms"),
        ("2001/04/xmlenc#sha256", "2001/04/xmldsig-more#md5", "algorithm"),
        ("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-md5", "algorithm"),
    ],
)
def test_other_steps_are_refused_unread(old: str, new: str, why: str) -> None:
    document = serialize(_signed(credential("sp"))).decode()
    assert old in document
    with pytest.raises(BadSignature, match=why):
        signature.verify(parse(document.replace(old, new).encode()), [credential("sp").certificate])


def test_a_public_key_is_no_secret_of_a_mac() -> None:
    ours = credential("sp")
    pem = public_key(ours.certificate).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, ours.certificate, base64.b64encode(ours.certificate)):
        key = xml_signer.hmac_key(secret)
        attack = xml_signer.sign(MESSAGES["LogoutRequest"], key, method=xml_signer.HMAC_SHA256)
        assert xml_signer.holds(attack, key)
        with pytest.raises(BadSignature, match="algorithm"):
            signature.verify(parse(attack), [ours.certificate])


def test_an_embedded_certificate_is_no_anchor() -> None:
    thief = credential("thief")
    attack = parse(MESSAGES["LogoutRequest"].encode())
    signature.sign(attack, thief, position=1)
    signature.verify(attack, [thief.certificate])
    with pytest.raises(BadSignature, match="does not hold"):
        signature.verify(parse(serialize(attack)), [credential("sp").certificate])


def test_inclusive_canonicalization_is_for_old_partners() -> None:
    pinned = [credential("sp").certificate]
    for departure in (
        {"canonicalization": INCLUSIVE, "transforms": (ENVELOPED, INCLUSIVE)},
        {"transforms": (ENVELOPED,)},
    ):
        document = xml_signer.sign(MESSAGES["LogoutRequest"], _key(), **departure)
        with pytest.raises(BadSignature):
            signature.verify(parse(document), pinned)
        signature.verify(parse(document), pinned, allow_legacy=True)


def test_a_list_of_prefixes_counts() -> None:
    pinned = [credential("sp").certificate]
    for prefixes in ("saml", "#default saml xs", "none"):
        document = xml_signer.sign(MESSAGES["LogoutRequest"], _key(), prefixes=prefixes)
        signature.verify(parse(document), pinned)
    changed = document.replace(b'PrefixList="none"', b'PrefixList="saml"')
    with pytest.raises(BadSignature):
        signature.verify(parse(changed), pinned)


def test_comments_in_a_signed_text_change_neither_text_nor_signature() -> None:
    document = serialize(_signed(credential("sp"))).replace(b">pupil<", b">pu<!-- x -->pil<!---->< ".rstrip())
    assert b"<!-- x -->" in document
    verified = signature.verify(parse(document), [credential("sp").certificate])
    assert verified.findtext(f"{{{_SAML}}}NameID") == "pupil"


@pytest.mark.parametrize("document", ['<a xmlns="relative" ID="_good"/>', '<a ID="_good" xmlns:x="../r"><x:b/></a>'])
def test_a_failed_canonicalization_is_a_failure(document: str) -> None:
    with pytest.raises(BadSignature, match="canonicalization failed"):
        signature.sign(parse(document.encode()), credential("sp"), position=0)
    good = _signed(credential("sp"))
    root = parse(document.encode())
    root.insert(0, good[1])
    with pytest.raises(BadSignature):
        signature.verify(root, [credential("sp").certificate])


@pytest.mark.parametrize("document", ["<a/>", '<a ID=""/>', '<a Id="_1"/>', '<a ID="\')|//*"/>', '<a ID="_1 _2"/>'])
def test_what_no_reference_can_name_is_not_signed(document: str) -> None:
    with pytest.raises(BadSignature, match="no ID"):
        signature.sign(parse(document.encode()), credential("sp"), position=0)


def test_a_key_that_cannot_sign_leaves_no_empty_signature() -> None:
    broken = Credential(b"junk", credential("sp").certificate, "rsa-sha256")
    root = parse(MESSAGES["LogoutRequest"].encode())
    with pytest.raises(BadKey):
        signature.sign(root, broken, position=1)
    assert not signature.has_signature(root)


def test_threads_share_one_key() -> None:
    ours = credential("sp")

    def work(number: int) -> str:
        root = parse(MESSAGES["LogoutRequest"].replace("pupil", f"pupil-{number}").encode())
        signature.sign(root, ours, position=1)
        return str(signature.verify(parse(serialize(root)), [ours.certificate]).findtext(f"{{{_SAML}}}NameID"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(100))) == [f"pupil-{number}" for number in range(100)]


def test_a_verified_element_can_move_to_another_document() -> None:
    """An ID that stayed in the first document's table would be written to after it was freed."""
    signed = _signed(credential("sp"))
    for certificate in (credential("sp").certificate, credential("thief").certificate):
        with suppress(BadSignature):
            signature.verify(signed, [certificate])
        assert signed.xpath("id('_good')") == []
    for _ in range(50):
        wrapper = parse(b"<w>" + serialize(_signed(credential("sp"))) + b"<kept/></w>")
        kept = wrapper[1]
        root = signature.verify(wrapper[0], [credential("sp").certificate])
        etree.Element("other").append(root)
        del root, wrapper
        assert kept.xpath("id('_good')") == []


def _signed(key: Credential) -> Element:
    root = parse(MESSAGES["LogoutRequest"].encode())
    signature.sign(root, key, position=1)
    return root


def _key() -> xmlsec.Key:
    return xml_signer.key_of(credential("sp"))
