"""Documents from outside: bounded, without a document type, and read whole (identity-provider reference, 28 and 32)."""

from __future__ import annotations

import pytest

from idp.xml import parser
from idp.xml.errors import Forbidden, NotWellFormed, TooLarge, XmlError
from idp.xml.parser import children, parse, text_of

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://192.0.2.1/p"> %p;]><a/>',
        '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
        '<!DOCTYPE a [<!ATTLIST a ID ID #IMPLIED>]><a ID="x"/>',
        f'<!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}]><a b="&l9;">&l9;</a>',
        "\ufeff<?xml version='1.0'?>\n<!-- > --><?pi <a> ?> <!DOCTYPE a><a/>",
        "<!doctype a><a/>",
    ],
)
def test_a_document_type_is_refused_before_libxml2_sees_it(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "_read", _never)
    with pytest.raises(Forbidden, match="document types"):
        parse(document.encode())


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'.encode("utf-16"),
        '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16-le"),
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        "<?xml version='1.0' encoding='windows-1251'?><a>\u04d9</a>".encode(),
        b"<a>\xff</a>",
        b"<a>\x00</a>",
    ],
)
def test_only_utf_8_is_read(document: bytes) -> None:
    with pytest.raises(XmlError):
        parse(document)


def test_a_declared_utf_8_is_read_with_its_mark() -> None:
    document = "\ufeff<?xml version='1.0' encoding=\"UTF-8\" standalone='yes'?>\r\n<!-- сәлем --><a>Әлия</a>\n".encode()
    assert text_of(parse(document)) == "Әлия"
    assert parse(b"<?xml version='1.0' encoding='US-ASCII'?><a/>").tag == "a"


@pytest.mark.parametrize(
    "document",
    [
        *("", " ", "<a>", "<a/><b/>", "<a>&e;</a>", "<p:a/>", '<a b="1" b="2"/>', "<a b=c/>", "text", "<!-- <a/>"),
        *('<a xmlns:p="u" xmlns:q="u" p:b="" q:b=""/>', '<a xmlns:p=""/>', "<a>&#0;</a>", "<a><![CDATA[</a>"),
    ],
)
def test_what_is_no_xml_is_refused(document: str) -> None:
    with pytest.raises((NotWellFormed, Forbidden)):
        parse(document.encode())


def test_processing_instructions_are_refused_inside_the_root_and_dropped_outside() -> None:
    assert len(parse(b"<?xml-stylesheet href='x'?><a/><?pi?>")) == 0
    for document in (b"<a><?pi?></a>", b"<a><b>te<?pi x?>xt</b></a>"):
        with pytest.raises(Forbidden, match="processing instructions"):
            parse(document)


def test_comments_leave_the_text_whole() -> None:
    root = parse(b"<a><!-- x --><b>admin@good.example<!-- -->.evil.example</b><c>x<![CDATA[<y>]]>z</c></a>")
    assert [text_of(child) for child in root] == ["admin@good.example.evil.example", "x<y>z"]


def test_nothing_is_included_and_nothing_is_fetched() -> None:
    document = (
        b'<a xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        b'xsi:schemaLocation="urn:x http://192.0.2.1/x.xsd"><xi:include href="/etc/passwd" parse="text"/></a>'
    )
    (include,) = parse(document)
    assert include.get("href") == "/etc/passwd"
    assert text_of(include) == ""


def test_a_message_of_five_megabytes_is_refused_before_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "_read", _never)
    monkeypatch.setattr(parser, "_check_beginning", _never)
    with pytest.raises(TooLarge):
        parse(b"<a>" + b" " * 5_000_000 + b"</a>")


def test_depth_and_number_of_elements_are_bounded() -> None:
    def nested(depth: int) -> bytes:
        return b"<a>" * depth + b"</a>" * depth

    assert parse(nested(64)).tag == "a"
    for depth in (65, 250):
        with pytest.raises(Forbidden, match="deep"):
            parse(nested(depth))
    with pytest.raises(NotWellFormed):  # libxml2's own bound
        parse(nested(30_000))
    assert parse(nested(3), max_depth=3, max_elements=3).tag == "a"
    with pytest.raises(Forbidden):
        parse(nested(4), max_depth=3)
    assert len(parse(b"<a>" + b"<b/>" * 10 + b"</a>", max_elements=11)) == 10
    with pytest.raises(TooLarge):
        parse(b"<a>" + b"<b/>" * 11 + b"</a>", max_elements=11)


def test_attributes_of_one_element_are_bounded() -> None:
    """Sorting 57 000 of them, to canonicalize, took half a minute for one anonymous message."""

    def crowded(number: int) -> bytes:
        return b"<a><b " + b" ".join(b'c%d=""' % each for each in range(number)) + b"/></a>"

    assert len(parse(crowded(64))[0].keys()) == 64
    for number in (65, 40_000):
        with pytest.raises(TooLarge, match="attributes"):
            parse(crowded(number))


def test_an_attribute_of_the_name_xml_id_is_no_id_of_the_document() -> None:
    root = parse(b'<a><b xml:id="_1"/></a>')
    assert root.xpath("id('_1')") == []


def test_text_is_asked_of_leaves_only() -> None:
    root = parse(b"<a><b>\n x y\t</b><c><d/></c><e/></a>")
    assert [text_of(root[0]), text_of(root[2])] == ["x y", ""]
    with pytest.raises(NotWellFormed, match="text was expected"):
        text_of(root[1])


def test_children_are_the_direct_ones() -> None:
    root = parse(b'<a xmlns="u"><b n="1"/><c><b n="2"/></c><b n="3"/></a>')
    assert [child.get("n") for child in children(root, "{u}b")] == ["1", "3"]
    assert children(root, "b") == []


def _never(*_: object) -> None:
    raise AssertionError("read too much")
