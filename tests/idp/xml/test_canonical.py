"""Exclusive canonicalization: examples of the specification, and its failures."""

from __future__ import annotations

import pytest
from lxml import etree

from idp.xml.canonical import canonical
from idp.xml.errors import BadSignature
from idp.xml.parser import parse

_NESTED = (
    b'<n0:local xmlns:n0="http://something.example" xmlns:n3="ftp://example.org">'
    b'<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:local>'
)


def test_an_element_is_the_same_wherever_it_stands() -> None:
    """Exclusive XML Canonicalization §2.2."""
    inside = parse(_NESTED)[0]
    alone = parse(
        b'<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2>'
    )
    assert canonical(inside) == canonical(alone)
    assert canonical(inside) == (
        b'<n1:elem2 xmlns:n1="http://example.net" xml:lang="en">'
        b'<n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>'
    )


def test_prefixes_of_the_list_are_taken_from_around_the_element() -> None:
    inside = parse(_NESTED)[0]
    assert canonical(inside, ["n0", "n9"]).startswith(
        b'<n1:elem2 xmlns:n0="http://something.example" xmlns:n1="http://example.net" xml:lang="en">'
    )
    root = parse(b'<r xmlns="urn:d" xmlns:p="urn:p"><p:x>t<y/></p:x>tail</r>')
    with pytest.raises(BadSignature, match="#default"):
        canonical(root[0], ["#default"])
    assert canonical(root, ["p"]) == b'<r xmlns="urn:d" xmlns:p="urn:p"><p:x>t<y></y></p:x>tail</r>'


def test_comments_and_what_stands_around_are_left_out() -> None:
    root = etree.fromstring("<?pi?><!-- x --><a>b<!-- x -->c<d>e</d>f</a><?pi?>")
    assert (canonical(root), canonical(root[1])) == (b"<a>bc<d>e</d>f</a>", b"<d>e</d>")


@pytest.mark.parametrize("document", [b'<a xmlns="relative"/>', b'<a xmlns:x="../b"><x:c/></a>'])
def test_a_failure_is_no_empty_form(document: bytes) -> None:
    with pytest.raises(BadSignature, match="canonicalization failed"):
        canonical(parse(document))
