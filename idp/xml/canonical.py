"""Exclusive XML Canonicalization 1.0 without comments, by libxml2. A failure is a failure (CVE-2025-66568)."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from idp.xml.build import serialize
from idp.xml.errors import BadSignature
from idp.xml.parser import Element, parse


def canonical(element: Element, prefixes: Sequence[str] = ()) -> bytes:
    """`element` as the apex of the canonical form, its tail left out; `prefixes` is a PrefixList. Raises BadSignature.

    lxml does not look above the element for what a PrefixList names, so the element then gets a document of its own,
    in which it declares all that is in scope. `#default` it would silently forget.
    """
    if "#default" in prefixes:
        raise BadSignature("#default in a PrefixList is not supported here")
    if prefixes and element.getparent() is not None:
        element = parse(serialize(element))
    try:
        return etree.tostring(
            element,
            method="c14n",
            exclusive=True,
            with_comments=False,
            inclusive_ns_prefixes=list(prefixes) or None,
        )
    except etree.LxmlError as error:
        raise BadSignature("canonicalization failed", detail=str(error)[:200]) from error
