"""What is asked of every XML document before anybody believes it; the parser is python3-saml's (no DTD, no entities).

XML-DSig in SAML: one reference, to the signed element's own ID, and no transform that could hide a part of it
(SAML Core §5.4). Two elements never share an ID: that is how signatures are moved to other content.
"""

from __future__ import annotations

import base64
import zlib

from lxml import etree
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from idp.core.errors import Invalid

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
SHIBMD = "urn:mace:shibboleth:metadata:1.0"
NAMES = {"saml": SAML, "samlp": SAMLP, "md": MD, "ds": DS, "shibmd": SHIBMD}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURES = frozenset(f"{_MORE}{kind}-sha{size}" for kind in ("rsa", "ecdsa") for size in (256, 384, 512))
_DIGESTS = frozenset(
    ("http://www.w3.org/2001/04/xmlenc#sha256", f"{_MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512")
)
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_TRANSFORMS = frozenset((f"{DS}enveloped-signature", _EXCLUSIVE, f"{_EXCLUSIVE}WithComments"))
_IDS = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
MOST_BYTES = 256 * 1024

Element = etree._Element


def parse(data: bytes) -> Element:
    """Raises Invalid for what is no XML, too large, or has a DTD."""
    if len(data) > MOST_BYTES:
        raise Invalid("too much XML", code="invalid_request")
    try:
        root: Element = OneLogin_Saml2_XML.to_etree(data)
    except (etree.LxmlError, ValueError) as error:
        raise Invalid("no usable XML", code="invalid_request", detail=type(error).__name__) from None
    return root


def inflated(message: str) -> bytes:
    """A message of the HTTP-Redirect binding (SAML Bindings §3.4.4.1). Raises Invalid, also for a deflate bomb."""
    inflater = zlib.decompressobj(-15)
    try:
        data = inflater.decompress(base64.b64decode(message, validate=True), MOST_BYTES)
    except (ValueError, zlib.error) as error:
        raise Invalid("not deflated", code="invalid_request", detail=type(error).__name__) from None
    if inflater.unconsumed_tail or not inflater.eof:
        raise Invalid("too much XML", code="invalid_request")
    return data


def find_all(element: Element, path: str) -> list[Element]:
    """By a path with the usual prefixes, such as `saml:Subject/saml:NameID`."""
    return element.findall(path, NAMES)


def text_of(element: Element | None) -> str:
    return ((element.text or "") if element is not None else "").strip()


def check_signatures(root: Element) -> None:
    """Raises Invalid when a signature in the document could mean something else than the element it stands in."""
    ids = [value for element in root.iter() for name, value in element.attrib.items() if name in _IDS]
    if len(ids) != len(set(ids)):
        raise Invalid("an ID twice", code="login_failed", detail="duplicate ID")
    for signature in root.iter(f"{{{DS}}}Signature"):
        parent = signature.getparent()
        references = list(signature.iter(f"{{{DS}}}Reference"))
        if parent is None or len(references) != 1 or references[0].get("URI") != f"#{parent.get('ID')}":
            raise Invalid("a signature of something else", code="login_failed", detail="reference")
        if references != find_all(signature, "ds:SignedInfo/ds:Reference"):
            raise Invalid("a signature of something else", code="login_failed", detail="reference")
        for kind, allowed in (("Transform", _TRANSFORMS), ("DigestMethod", _DIGESTS), ("SignatureMethod", SIGNATURES)):
            named = {element.get("Algorithm") for element in signature.iter(f"{{{DS}}}{kind}")}
            if not named or not named <= allowed:
                raise Invalid("an algorithm that is not for this", code="login_failed", detail=kind)
