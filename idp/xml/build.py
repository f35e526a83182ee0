"""Builds elements and writes them: the only way documents of ours come to be."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from idp.xml.errors import NotWellFormed
from idp.xml.parser import Element


def element(
    tag: str,
    attributes: Mapping[str, str | None] | None = None,
    *content: Element | str,
    nsmap: Mapping[str | None, str] | None = None,
) -> Element:
    """`tag` and the names of attributes are `{namespace}local`; attributes of None are left out.

    Namespaces are best declared once, by the `nsmap` of the outermost element: lxml gives an element that is put into
    another one the prefixes known there. What is signed must therefore be in its place before. Raises NotWellFormed.
    """
    try:
        made = etree.Element(tag, nsmap=None if nsmap is None else dict(nsmap))
        for name, value in (attributes or {}).items():
            if value is not None:
                made.set(name, value)
        for part in content:
            _put(made, part)
    except ValueError as error:
        raise NotWellFormed("text that XML cannot hold", detail=str(error)[:200]) from error
    return made


def add(parent: Element, tag: str, attributes: Mapping[str, str | None] | None = None, text: str = "") -> Element:
    """A new last child of `parent`, and that child: building downwards spares a third of the time, as lxml walks
    through whatever is put into another element later. Raises NotWellFormed."""
    try:
        made = etree.SubElement(parent, tag)
        if attributes:
            for name, value in attributes.items():
                if value is not None:
                    made.set(name, value)
        if text:
            made.text = text
    except ValueError as error:
        raise NotWellFormed("text that XML cannot hold", detail=str(error)[:200]) from error
    return made


def serialize(element: Element) -> bytes:
    """UTF-8 without declaration and without a space that was not there."""
    return etree.tostring(element, encoding="utf-8", xml_declaration=False, with_tail=False)


def _put(parent: Element, part: Element | str) -> None:
    if not isinstance(part, str):
        parent.append(part)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + part
    else:
        parent.text = (parent.text or "") + part
