"""The one shape of a signature that is accepted (SAML Core §5.4, XML-DSig §4): read strictly before any key is tried.

Signature
  SignedInfo
    CanonicalizationMethod   exclusive, without comments
    SignatureMethod          of the table
    Reference URI="#ID"      the only one, of the element around the signature
      Transforms             enveloped-signature, then exclusive canonicalization; nothing else
      DigestMethod           of the table
      DigestValue
  SignatureValue
  KeyInfo                    may be there, is never read
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

from idp.xml.algorithms import DIGESTS, DS, DSIG11, ENVELOPED, EXCLUSIVE, INCLUSIVE, SIGNATURES, SignatureMethod, ds
from idp.xml.errors import BadSignature, NotWellFormed
from idp.xml.parser import Element, text_of

ID = "ID"
"""The attribute of SAML (Core §1.3.4) that a reference may point to; no other is ever registered."""
_IDS = ("ID", "Id", "id")
_NAME = re.compile(r"[\w.-]{1,256}")
_NAMESPACES = (DS, DSIG11, EXCLUSIVE)
_INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE}}}InclusiveNamespaces"
_MOST_PREFIXES = 32
"""Each is looked for at each element of the document before any key is tried: the list is a stranger's."""


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """`algorithm` is a URI; `prefixes` the PrefixList of exclusive canonicalization."""

    algorithm: str
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """What a signature says about itself. Nothing of it is believed before it is verified."""

    signed_info: Element
    canonicalization: Canonicalization
    algorithm: str
    transform: Canonicalization
    digest: str
    digest_value: bytes
    signature_value: bytes

    @property
    def method(self) -> SignatureMethod:
        return SIGNATURES[self.algorithm]


def identifier_of(element: Element) -> str:
    """The ID that a reference can name. Raises BadSignature when there is none."""
    identifier = element.get(ID) or ""
    if not _NAME.fullmatch(identifier):
        raise BadSignature("the signed element has no ID")
    return identifier


def check_ids(root: Element) -> str:
    """The ID of `root`. Raises BadSignature when it has none or when any ID of its document appears twice."""
    identifier = identifier_of(root)
    seen: Counter[str] = Counter()
    for each in root.getroottree().getroot().iter("*"):
        for name in each.keys():  # noqa: SIM118  an element iterates over its children
            if name.rpartition("}")[2] in _IDS:
                seen[each.attrib[name]] += 1
    if any(times > 1 for times in seen.values()):
        raise BadSignature("an ID appears twice")
    return identifier


def read(signature: Element, identifier: str, *, allow_legacy: bool = False) -> Reference:
    """`allow_legacy` accepts inclusive canonicalization. Raises BadSignature for every departure from the shape."""
    if any(str(each.tag)[1:].partition("}")[0] not in _NAMESPACES for each in signature.iter("*")):
        raise BadSignature("the signature holds foreign elements")
    try:
        return _read(signature, identifier, allow_legacy)
    except (NotWellFormed, ValueError) as error:
        raise BadSignature("the signature's shape is not accepted", detail=str(error)[:200]) from error


def _read(signature: Element, identifier: str, allow_legacy: bool) -> Reference:
    parts = _parts(signature, "SignedInfo", "SignatureValue", optional="KeyInfo")
    signed_info, signature_value = parts[0], parts[1]
    canonicalization, method, reference = _parts(signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    if reference.get("URI") != f"#{identifier}":
        raise BadSignature("the signature refers to something else than the element around it")
    transforms, digest, digest_value = _parts(reference, "Transforms", "DigestMethod", "DigestValue")
    return Reference(
        signed_info=signed_info,
        canonicalization=_canonicalization(canonicalization, allow_legacy),
        algorithm=_known(method, SIGNATURES),
        transform=_transform(transforms, allow_legacy),
        digest=DIGESTS[_known(digest, DIGESTS)],
        digest_value=_octets(digest_value),
        signature_value=_octets(signature_value),
    )


def _parts(parent: Element, *names: str, optional: str = "") -> list[Element]:
    parts = list(parent)
    found = [part.tag for part in parts]
    expected = [ds(name) for name in names]
    if found != expected and found != [*expected, ds(optional)]:
        raise BadSignature("the signature's shape is not accepted", detail=f"{parent.tag!r}: {found}"[:200])
    return parts


def _known(method: Element, table: Container[str]) -> str:
    """The algorithm, when it is in the table and has no parameters."""
    algorithm = method.get("Algorithm", "")
    if algorithm not in table or len(method):
        raise BadSignature("the signature's algorithm is not accepted", detail=algorithm[:200])
    return algorithm


def _transform(transforms: Element, allow_legacy: bool) -> Canonicalization:
    steps = list(transforms)
    names = [step.get("Algorithm", "") for step in steps]
    if any(step.tag != ds("Transform") for step in steps) or names[:1] != [ENVELOPED] or len(steps[0]):
        raise BadSignature("the signature's transforms are not accepted", detail=str(names)[:200])
    if len(steps) == 2:
        return _canonicalization(steps[1], allow_legacy)
    if len(steps) == 1 and allow_legacy:  # without a second one, Canonical XML 1.0 is implied (XML-DSig §4.4.3.2)
        return Canonicalization(INCLUSIVE)
    raise BadSignature("the signature's transforms are not accepted", detail=str(names)[:200])


def _canonicalization(method: Element, allow_legacy: bool) -> Canonicalization:
    algorithm = method.get("Algorithm", "")
    if algorithm == EXCLUSIVE and [part.tag for part in method] in ([], [_INCLUSIVE_NAMESPACES]):
        prefixes = method[0].get("PrefixList", "").split() if len(method) else ()
        if len(prefixes) > _MOST_PREFIXES:
            raise BadSignature("the signature's canonicalization is not accepted", detail="PrefixList")
        return Canonicalization(algorithm, tuple(prefixes))
    if algorithm == INCLUSIVE and allow_legacy and not len(method):
        return Canonicalization(algorithm)
    raise BadSignature("the signature's canonicalization is not accepted", detail=algorithm[:200])


def _octets(element: Element) -> bytes:
    return base64.b64decode("".join(text_of(element).split()), validate=True)
