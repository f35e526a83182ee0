"""Spoils a good response in every way that changes what is signed, or how it is signed.

What lies outside the signatures says nothing and is left alone, save what every receiver must look at: where it goes,
what it answers, how it ended, who sent it.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random

from lxml import etree

from idp.saml import names
from idp.saml.names import q
from idp.xml.keys import Credential
from idp.xml.parser import parse
from idp.xml.signature import sign
from tests.conformance.wrapping import SHAPES, wrapped

Element = etree._Element
_DS = names.DS
_SIGNATURE, _KEY_INFO = q(_DS, "Signature"), q(_DS, "KeyInfo")
_ASSERTION = q(names.SAML, "Assertion")
_ENCODED = {q(_DS, "SignatureValue"), q(_DS, "DigestValue"), q(names.XENC, "CipherValue")}
_LETTERS = "aZ0 9./:@-_<&\u0451\u200b\U0001f600"


def meaning(xml: bytes) -> bytes | None:
    """What a document says however it is written: canonical, without comments, base64 as octets, and without the
    certificate that a signature suggests, which nobody may believe. None when it is no document."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    for element in list(root.iter()):
        if element.tag == q(_DS, "X509Data"):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
        elif element.tag in _ENCODED:
            element.text = _octets(element.text or "")
    try:
        return etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError:  # A namespace that is no absolute URI.
        return None


def _octets(text: str) -> str:
    try:
        return base64.b64decode(text).hex()
    except ValueError:
        return text


@dataclass(frozen=True)
class Mutation:
    kind: str
    xml: bytes


@dataclass
class Mutator:
    """`covered` is the element under the signature: `response` or `assertion`; `other` a good answer about somebody
    else; `foreign` a key that is not ours."""

    good: bytes
    covered: str
    other: bytes
    foreign: Credential
    rng: Random

    def mutations(self) -> Iterator[Mutation]:
        """Without end, every kind in its turn."""
        kinds = (
            self._octets,
            self._octets,
            self._text,
            self._attribute,
            self._removed,
            self._repeated,
            self._moved,
            self._renamed,
            self._added,
            self._comment_and_more,
            self._signature,
            self._signature_method,
            self._resigned,
            self._mixed,
            self._shape,
            self._envelope,
        )
        for make in cycle(kinds):
            yield make()

    # ---- on the octets

    def _octets(self) -> Mutation:
        start, end = self._range()
        data = bytearray(self.good)
        at = self.rng.randrange(start, end)
        match self.rng.randrange(5):
            case 0:
                data[at] ^= 1 << self.rng.randrange(7)
            case 1:
                data[at] = self.rng.choice(b"aZ059<>\"'&/ =\x00\xff")
            case 2:
                del data[at : at + self.rng.randint(1, 40)]
            case 3:
                data[at:at] = data[self.rng.randrange(start, end) :][: self.rng.randint(1, 40)]
            case _:
                data[at:at] = self.rng.choice((b"&amp;", b"x", b"<x/>", b"]]>", b"<!DOCTYPE x>", b"&#65;", b"0"))
        return Mutation("octets", bytes(data))

    def _range(self) -> tuple[int, int]:
        if self.covered == "response":
            return 0, len(self.good)
        start = self.good.index(b"<saml:Assertion")
        return start, self.good.index(b"</saml:Assertion>") + len(b"</saml:Assertion>")

    # ---- on the tree

    def _tree(self) -> tuple[Element, list[Element]]:
        """The document, and all that is signed and is not a key's description."""
        root = etree.fromstring(self.good)
        top = root if self.covered == "response" else root.find(_ASSERTION)
        assert top is not None
        inside = [one for one in top.iter() if not any(up.tag == _KEY_INFO for up in (one, *one.iterancestors()))]
        return root, inside

    def _done(self, kind: str, root: Element) -> Mutation:
        return Mutation(kind, etree.tostring(root))

    def _spoiled(self, text: str) -> str:
        if text[:2] == "20" and text.endswith("Z"):
            return str(int(text[:4]) + self.rng.choice((-10, 1, 10, 70))) + text[4:]
        at = self.rng.randint(0, len(text))
        letter = self.rng.choice(_LETTERS)
        return text[:at] + letter + text[at + self.rng.randint(0, 2) :] if text else letter

    def _text(self) -> Mutation:
        root, inside = self._tree()
        leaf = self.rng.choice([one for one in inside if one.text])
        leaf.text = self._spoiled(leaf.text or "")
        return self._done("text", root)

    def _attribute(self) -> Mutation:
        root, inside = self._tree()
        element = self.rng.choice([one for one in inside if one.attrib])
        name = str(self.rng.choice(sorted(str(each) for each in element.attrib)))
        if self.rng.random() < 0.3:
            del element.attrib[name]
        else:
            element.set(name, self._spoiled(str(element.get(name))))
        return self._done("XML attribute", root)

    def _removed(self) -> Mutation:
        root, inside = self._tree()
        element = self.rng.choice(inside[1:])
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
        return self._done("element removed", root)

    def _repeated(self) -> Mutation:
        root, inside = self._tree()
        element = self.rng.choice(inside[1:])
        element.addnext(copy.deepcopy(element))
        return self._done("element repeated", root)

    def _moved(self) -> Mutation:
        root, inside = self._tree()
        element, target = self.rng.choice(inside[1:]), self.rng.choice(inside)
        if target is not element and element not in target.iterancestors():
            target.insert(self.rng.randint(0, len(target)), element)
        return self._done("element moved", root)

    def _renamed(self) -> Mutation:
        root, inside = self._tree()
        element = self.rng.choice(inside)
        space, local = str(element.tag)[1:].split("}")
        other = self.rng.choice((names.SAML, names.SAMLP, names.DS, "urn:x"))
        element.tag = q(other, local) if other != space else q(space, local[:-1] + "x")
        return self._done("element renamed", root)

    def _added(self) -> Mutation:
        root, inside = self._tree()
        wanted = ("Audience", "AttributeValue", "SubjectConfirmation", "Attribute", "AuthnContextClassRef")
        element = self.rng.choice([one for one in inside if etree.QName(one).localname in wanted])
        extra = copy.deepcopy(element)
        for leaf in extra.iter():
            if leaf.text:
                leaf.text = self.rng.choice(("admin", "faculty@school.example", "https://evil.example"))
        if "Name" in extra.attrib:
            extra.set("Name", "urn:oid:1.1")
        element.addprevious(extra)
        return self._done("element added", root)

    def _comment_and_more(self) -> Mutation:
        """CVE-2017-11427 the other way round: more text behind a comment, which some readers cut off."""
        root, inside = self._tree()
        leaf = self.rng.choice([one for one in inside if one.text and not len(one)])
        text, comment = leaf.text or "", etree.Comment("x")
        at = self.rng.randint(0, len(text))
        leaf.text = text[:at]
        leaf.append(comment)
        comment.tail = ".evil" + text[at:]
        return self._done("comment and more text", root)

    # ---- on the signature

    def _signature(self) -> Mutation:
        root, _ = self._tree()
        signature = next(root.iter(_SIGNATURE))
        parent = signature.getparent()
        assert parent is not None
        match self.rng.randrange(6):
            case 0:
                parent.remove(signature)
            case 1:
                parent.append(signature)
                _spoil_name_id(root)
            case 2:
                (root if parent is not root else root[-1]).insert(1, signature)
            case 3:
                signature.addnext(copy.deepcopy(signature))
            case 4:
                value = signature.find(q(_DS, "SignatureValue"))
                assert value is not None
                value.text = self.rng.choice(("", "AAAA", base64.b64encode(self.rng.randbytes(256)).decode()))
            case _:
                info = signature.find(q(_DS, "SignedInfo"))
                assert info is not None
                info.append(copy.deepcopy(info[-1]))
        return self._done("signature", root)

    def _signature_method(self) -> Mutation:
        """Another algorithm, another reference, one more transform, and another subject with it."""
        root, _ = self._tree()
        signature = next(root.iter(_SIGNATURE))
        word, attribute, value = self.rng.choice(
            (
                ("SignatureMethod", "Algorithm", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
                ("SignatureMethod", "Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
                ("SignatureMethod", "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
                ("DigestMethod", "Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1"),
                ("CanonicalizationMethod", "Algorithm", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"),
                ("Transform", "Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
                ("Transform", "Algorithm", "http://www.w3.org/2000/09/xmldsig#base64"),
                ("Reference", "URI", ""),
                ("Reference", "URI", "#_other"),
                ("Reference", "URI", "#xpointer(/)"),
            )
        )
        next(signature.iter(q(_DS, word))).set(attribute, value)
        if self.rng.random() < 0.5:
            _spoil_name_id(root)
        return self._done("signature method", root)

    def _resigned(self) -> Mutation:
        """Signed anew by a key of somebody else, whose certificate lies in it."""
        root = parse(self.good)
        for signature in list(root.iter(_SIGNATURE)):
            parent = signature.getparent()
            assert parent is not None
            parent.remove(signature)
        _spoil_name_id(root)
        top = root if self.covered == "response" else root.find(_ASSERTION)
        assert top is not None
        sign(top, self.foreign, position=1)
        return self._done("signed by another key", root)

    def _mixed(self) -> Mutation:
        """Parts of two good answers: the signature, its value, the subject or the attributes of the other one."""
        root, other = etree.fromstring(self.good), etree.fromstring(self.other)
        tag = self.rng.choice(
            (
                _SIGNATURE,
                q(_DS, "SignedInfo"),
                q(_DS, "SignatureValue"),
                q(_DS, "DigestValue"),
                q(names.SAML, "Subject"),
                q(names.SAML, "AttributeStatement"),
                q(names.SAML, "Conditions"),
                q(names.SAML, "AuthnStatement"),
            )
        )
        mine, theirs = next(root.iter(tag)), next(other.iter(tag))
        parent = mine.getparent()
        assert parent is not None
        parent.replace(mine, theirs)
        return self._done("mixed with another answer", root)

    def _shape(self) -> Mutation:
        shape = self.rng.choice([name for name, (covered, _) in SHAPES.items() if covered == self.covered])
        return Mutation(f"wrapped {shape}", wrapped(self.good, shape, f"evil-{self.rng.random()}"))

    def _envelope(self) -> Mutation:
        """What every receiver must look at, signed or not."""
        root = etree.fromstring(self.good)
        match self.rng.randrange(6):
            case 0:
                root.set("Destination", self.rng.choice(("https://evil.example/acs", "https://lms.example/", "x")))
            case 1:
                root.set("InResponseTo", f"_{self.rng.random()}")
            case 2:
                root.set("Version", self.rng.choice(("1.1", "2.1", "")))
            case 3:
                code = next(root.iter(q(names.SAMLP, "StatusCode")))
                code.set("Value", names.STATUS + self.rng.choice(("Requester", "Responder", "AuthnFailed")))
            case 4:
                root[0].text = self.rng.choice(("https://evil.example", "https://id.example"))
            case _:
                root.append(copy.deepcopy(root[-1]))
        return self._done("envelope", root)


def _spoil_name_id(root: Element) -> None:
    for found in root.iter(q(names.SAML, "NameID")):
        found.text = "somebody-else"
