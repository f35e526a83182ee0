"""The one parser of XML from outside: no document type, entity, network or comment; everything bounded.

A document type is refused before libxml2 sees the document, so no entity is ever declared. Comments vanish while
parsing and leave the text around them whole (CVE-2017-11427): what is canonicalized is then also what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from idp.xml import dictionary
from idp.xml.errors import Forbidden, NotWellFormed, TooLarge

Element = etree._Element

_BOM = b"\xef\xbb\xbf"
_BEFORE_ROOT = re.compile(rb"[ \t\r\n]+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(rb"<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*[\"']([^\"'>]*)[\"']")
_ENCODINGS = (b"utf-8", b"us-ascii")
_MAX_ATTRIBUTES = 64
"""Of one element: libxml2 sorts them by insertion when it canonicalizes, which takes minutes for those of one message.
"""


def parse(data: bytes, *, max_bytes: int = 512 * 1024, max_depth: int = 64, max_elements: int = 20_000) -> Element:
    """The root element of a document in UTF-8. Raises TooLarge, NotWellFormed, Forbidden."""
    if len(data) > max_bytes:
        raise TooLarge("the document is too large", detail=f"{len(data)} octets")
    _check_beginning(data)
    return dictionary.read(data, _read, lambda root: _check_tree(root, max_depth, max_elements))


def text_of(element: Element) -> str:
    """The text of an element that has no children, without the white space around it. Raises NotWellFormed."""
    if len(element):
        raise NotWellFormed("text was expected, not elements", detail=str(element.tag))
    return (element.text or "").strip()


def children(element: Element, tag: str) -> list[Element]:
    """The direct children of that name, in order."""
    return list(element.iterchildren(tag))


def _check_beginning(data: bytes) -> None:
    """Refuses a document type by its place (XML §2.8), and every encoding but UTF-8."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    declared = _DECLARED.match(data, start)
    if declared is not None and declared[1].lower() not in _ENCODINGS:
        raise Forbidden("documents must be in UTF-8", detail=repr(declared[1][:40]))
    while (found := _BEFORE_ROOT.match(data, start)) is not None:
        start = found.end()
    if data.startswith(b"<!", start):
        raise Forbidden("document types are refused")


def _read(data: bytes) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=False,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise NotWellFormed("not well-formed XML", detail=str(error)[:200]) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Forbidden("document types are refused")
    return root


def _check_tree(root: Element, max_depth: int, max_elements: int) -> Iterator[str]:
    """Walks the whole document once and yields every name in it, for `dictionary`."""
    for outside in (*root.itersiblings(preceding=True), *root.itersiblings()):
        yield str(getattr(outside, "target", ""))
    depth = elements = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "start-ns", "pi")):
        if isinstance(node, tuple):
            yield from node
        elif node is None or event == "pi":
            raise Forbidden("processing instructions are refused")
        elif event == "end":
            depth -= 1
        else:
            depth += 1
            elements += 1
            if depth > max_depth:
                raise Forbidden("the document is nested too deeply")
            if elements > max_elements:
                raise TooLarge("the document has too many elements")
            attributes = node.keys()
            if len(attributes) > _MAX_ATTRIBUTES:
                raise TooLarge("an element has too many attributes")
            yield str(node.tag)
            yield from attributes
