"""Where a long document is cut."""

from __future__ import annotations

import pytest

from idp.xml import pieces
from idp.xml.errors import Forbidden, NotWellFormed, TooLarge
from idp.xml.pieces import Cutter, Piece


@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_a_document_is_cut_after_each_record(step: int) -> None:
    document = (
        b"<?xml version='1.0'?><!-- <r/> --><x:all xmlns:x='urn:x' a='>'>\n<x:r b='/>'>1</x:r >"
        b'<g c=\'"\'\n>t<x:r>2<x:y/></x:r></g><x:r c="/x:r>"/>end<![CDATA[<x:r>]]></x:all>\n<!-- -->'
    )
    taken = _cut(document, "{urn:x}r", step)
    assert b"".join(piece.octets for piece in taken) == document
    assert [(piece.whole(), piece.has_record) for piece in taken] == [
        (b"<?xml version='1.0'?><!-- <r/> --><x:all xmlns:x='urn:x' a='>'>\n<x:r b='/>'>1</x:r ></x:all>", True),
        (b"<x:all xmlns:x='urn:x' a='>'><g c='\"'\n>t<x:r>2<x:y/></x:r></g></x:all>", True),
        (b"<x:all xmlns:x='urn:x' a='>'><g c='\"'\n></g><x:r c=\"/x:r>\"/></x:all>", True),
        (b"<x:all xmlns:x='urn:x' a='>'>end<![CDATA[<x:r>]]></x:all>\n<!-- -->", False),
    ]


@pytest.mark.parametrize("document", [b"<r/>", b"<r> <s/></r>", b"<a><s/></a>", b"<a></a>"])
def test_a_document_without_records_or_of_one_is_one_piece(document: bytes) -> None:
    for end in (b"", b"\n"):
        (piece,) = _cut(document + end, "r", 3)
        assert (piece.whole().rstrip(), piece.has_record) == (document, document.startswith(b"<r"))


@pytest.mark.parametrize(
    "document", ["", "<a>", "<a></b>", "<p:a/>", "<a/><b/>", "<a><r></a>", "\ufeff", "<a b='1' b='2'/>"]
)
def test_what_is_no_xml_is_refused(document: str) -> None:
    with pytest.raises(NotWellFormed):
        _cut(document.encode(), "r", 5)


def test_a_document_type_is_refused_when_it_begins() -> None:
    cutter = Cutter("r", lambda _: None)
    with pytest.raises(Forbidden, match="document types"):
        cutter.feed(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "')


def test_depth_and_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Forbidden, match="deep"):
        _cut(b"<a>" * 65, "r", 1000)
    monkeypatch.setattr(pieces, "MAX_PIECE", 100)
    with pytest.raises(TooLarge):
        _cut(b"<a><r>" + b" " * 200 + b"</r></a>", "r", 60)
    assert len(_cut(b"<a>" + b"<r>12345</r>" * 50 + b"</a>", "r", 60)) == 51


def _cut(document: bytes, record_tag: str, step: int) -> list[Piece]:
    taken: list[Piece] = []
    cutter = Cutter(record_tag, taken.append)
    for start in range(0, len(document), step):
        cutter.feed(document[start : start + step])
    cutter.close()
    return taken
