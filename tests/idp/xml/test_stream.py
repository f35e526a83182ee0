"""Aggregates: what is handed over, what is believed, and what it costs."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from idp.xml import signature, stream
from idp.xml.algorithms import ENVELOPED
from idp.xml.build import serialize
from idp.xml.errors import BadSignature, Forbidden, NotWellFormed, TooLarge, XmlError
from idp.xml.parser import Element, parse
from idp.xml.stream import Root, read_signed
from tests.fakes.source import ROOT
from tests.vectors import saml_aggregate, xml_signer
from tests.vectors.saml_aggregate import ENTITY, GROUP, METADATA
from tests.vectors.xml_keys import credential

_LIMIT = 10_000_000
_PLAIN = (
    f'<?xml version="1.0" encoding="UTF-8"?><!-- © -->\n<EntitiesDescriptor xmlns="{METADATA}" ID="_good" Name="f">\n'
    '<EntityDescriptor entityID="1"><!-- a -->Мек<!-- -->теп</EntityDescriptor>\n<!-- b -->'
    '<EntitiesDescriptor Name="g">x<EntityDescriptor entityID="2" ID="_2"/>y</EntitiesDescriptor>'
    '<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata" entityID="3"/>z</EntitiesDescriptor>\n'
)


def test_records_are_handed_over_in_order_and_the_root_in_the_end() -> None:
    root, records = _read(_signed(_PLAIN))
    assert root == Root(GROUP, {"Name": "f", "ID": "_good"})
    assert [(record.tag, record.get("entityID"), record.text) for record in records] == [
        (ENTITY, "1", "Мектеп"),
        (ENTITY, "2", None),
        (ENTITY, "3", None),
    ]


def test_an_unsigned_file_is_read_only_where_no_signature_is_asked_for() -> None:
    root, records = _read(_PLAIN.encode(), certificates=None)
    assert (root.attributes["Name"], len(records)) == ("f", 3)
    assert len(_read(_signed(_PLAIN), certificates=None)[1]) == 3
    for certificates in ([credential("fed").certificate], []):
        handed: list[Element] = []
        with pytest.raises(BadSignature, match="not signed"):
            _read(_PLAIN.encode(), certificates=certificates, handed=handed)
        assert handed == []


def test_a_record_alone_is_a_document_too() -> None:
    document = f'<EntityDescriptor xmlns="{METADATA}" ID="_good" entityID="1"><a/></EntityDescriptor>'
    root, (record,) = _read(_signed(document))
    assert (root.tag, record.get("entityID"), len(record)) == (ENTITY, "1", 1)
    assert _read(_signed(f'<a ID="_good">{"<b/>" * 3}</a>'))[1] == []


def test_both_keys_of_a_rollover_are_accepted_and_no_third() -> None:
    for algorithm in ("rsa-sha256", "ecdsa-sha256"):
        certificates = [credential(name, algorithm).certificate for name in ("fed", "next")]
        for name in ("fed", "next"):
            assert len(_read(_signed(_PLAIN, name, algorithm), certificates=certificates)[1]) == 3
        handed: list[Element] = []
        with pytest.raises(BadSignature):
            _read(_signed(_PLAIN, "thief", algorithm), certificates=certificates, handed=handed)
        assert handed == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'entityID="1"', b'entityID="9"'),
        (b'entityID="3"', b'entityID="9"'),
        (b">x<", b"> x<"),
        (b"z</Ent", b"</Ent"),
        (b"y</EntitiesDescriptor>", b"</EntitiesDescriptor>y"),
        (b'Name="g"', b'Name="g" xml:lang="kk"'),
        (b'Name="f"', b'Name="g"'),
        (b'ID="_good"', b'ID="_evil"'),
        (b"</EntityDescriptor>", b"</EntityDescriptor>\n"),
        (b"<m:EntityDescriptor xmlns:m=", b"<n:EntityDescriptor xmlns:n="),
        (b'<EntityDescriptor entityID="2" ID="_2"/>', b""),
    ],
)
def test_whatever_is_changed_afterwards_breaks_it(old: bytes, new: bytes) -> None:
    document = _signed(_PLAIN)
    assert old in document
    with pytest.raises(XmlError):
        _read(document.replace(old, new, 1))


@pytest.mark.parametrize(
    "departure",
    [
        {"method": xml_signer.RSA_SHA1},
        {"digest": xml_signer.SHA1},
        {"canonicalization": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"},
        {"uris": ("",)},
        {"uris": ("#_2",), "identifiers": ("_2",)},
        {"transforms": (ENVELOPED,)},
        {"path": "{*}EntityDescriptor"},
        {"prefixes": "#default"},
    ],
    ids=lambda departure: " ".join(departure),
)
def test_signatures_that_hold_are_refused_by_the_same_rules(departure: dict[str, Any]) -> None:
    attack = xml_signer.sign(_PLAIN.encode(), xml_signer.key_of(credential("fed")), **departure)
    assert xml_signer.holds(attack, xml_signer.key_of(credential("fed")))
    handed: list[Element] = []
    with pytest.raises(BadSignature):
        _read(attack, handed=handed)
    assert handed == []


def test_the_signature_stands_first_and_alone() -> None:
    good = parse(_signed(_PLAIN))
    good.append(good[0])
    handed: list[Element] = []
    with pytest.raises(BadSignature, match="not signed"):
        _read(serialize(good), handed=handed)
    again = parse(_signed(_PLAIN))
    again.insert(1, etree.fromstring(etree.tostring(again[0])))
    with pytest.raises(BadSignature):
        _read(serialize(again))
    assert handed == []


def test_a_record_hidden_in_the_signature_is_not_handed_over() -> None:
    hidden = f'<ds:Object><EntityDescriptor xmlns="{METADATA}" entityID="9"/></ds:Object></ds:Signature>'.encode()
    handed: list[Element] = []
    with pytest.raises(BadSignature):
        _read(_signed(_PLAIN).replace(b"</ds:Signature>", hidden), handed=handed)
    assert handed == []


def test_signed_records_inside_a_signed_aggregate() -> None:
    root = parse(_PLAIN.encode())
    for number in (1, 2):
        record = root.findall(f".//{{{METADATA}}}EntityDescriptor")[number - 1]
        record.set("ID", f"_{number}")
        signature.sign(record, credential("sp"), position=0)
    signature.sign(root, credential("fed"), position=0)
    _, records = _read(serialize(root))
    for record in records[:2]:
        signature.verify(parse(serialize(record)), [credential("sp").certificate])
    changed = serialize(root).replace(credential("sp").certificate_text.encode(), b"AAAA", 1)
    with pytest.raises(BadSignature):
        _read(changed)


def test_a_failed_canonicalization_is_a_failure() -> None:
    document = _signed(_PLAIN).replace(b'entityID="3"', b'entityID="3" xmlns:r="relative"')
    with pytest.raises(BadSignature):
        _read(document)


def test_limits_and_document_types() -> None:
    document = _signed(_PLAIN)
    with pytest.raises(TooLarge):
        _read(document, max_bytes=len(document) - 1)
    assert _read(document, max_bytes=len(document))
    for attack, error in (
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + document[document.index(b"<Ent") :], Forbidden),
        (document.replace(b">x<", b"><?pi?><"), Forbidden),
        (document.replace(b">x<", b">" + b"<a>" * 70 + b"</a>" * 70 + b"<"), Forbidden),
        (
            document.replace(
                b'entityID="3"/>', b'entityID="3">' + b"<a>" * 70 + b"</a>" * 70 + b"</m:EntityDescriptor>"
            ),
            Forbidden,
        ),
        (document.replace(b">x<", b"><m:x/><"), NotWellFormed),
        (document[:-30], NotWellFormed),
        (document + b"<a/>", NotWellFormed),
        (
            document.replace(b'entityID="2" ID="_2"/>', b'entityID="2"><EntityDescriptor/></EntityDescriptor>'),
            NotWellFormed,
        ),
        (document.replace(b"UTF-8", b"koi8-r"), Forbidden),
        (document.decode().encode("utf-16"), XmlError),
        (b"", NotWellFormed),
    ):
        for certificates in (None, [credential("fed").certificate]):
            with pytest.raises(error):
                _read(attack, certificates=certificates)


_TEXT = st.text(st.sampled_from(list("aә \t\n\r&<>\"'\u0085\u2028€😀]")), max_size=6)
_URIS = ("urn:a", "urn:b", "http://c.example/?x=1&y=%22", METADATA)
_PREFIXES = ("", "p", "q", "md")
_LANGUAGES = st.sampled_from(("kk", "ru", ""))


@st.composite
def _element(
    draw: st.DrawFn, scope: Mapping[str, str], depth: int, tag: tuple[str, str] | None = None, in_record: bool = False
) -> str:
    """An element with declarations that are new, repeated, hiding or undone, in the order in which they came."""
    declared = draw(st.dictionaries(st.sampled_from(_PREFIXES), st.sampled_from(_URIS), max_size=2))
    if tag is None and draw(st.booleans()) and depth:
        declared[""] = draw(st.sampled_from(("", *_URIS)))
    if tag is not None and scope.get(tag[0]) != METADATA:
        declared[tag[0]] = METADATA
    elif tag is not None:
        declared.pop(tag[0], None)
    inside = {**scope, **declared}
    prefixes = [prefix for prefix in inside if prefix and inside[prefix]]
    prefix, local = tag or (draw(st.sampled_from(["", *prefixes])), draw(st.sampled_from(("a", "b"))))
    name = f"{prefix}:{local}" if prefix else local
    names: dict[tuple[str, str], str] = {}
    for each in draw(st.lists(st.sampled_from(["", *prefixes]), max_size=3)):
        place = draw(st.sampled_from(("x", "y", "Z")))
        names.setdefault((inside[each] if each else "", place), f"{each}:{place}" if each else place)
    if draw(st.integers(0, 4)) == 0:
        names["", "lang"] = "xml:lang"
    written = [f"xmlns{':' * bool(each)}{each}={_quoted(uri)}" for each, uri in declared.items()]
    written += [f"{each}={_quoted(draw(_LANGUAGES if each == 'xml:lang' else _TEXT))}" for each in names.values()]
    start = " ".join((name, *draw(st.permutations(written))))
    in_record = in_record or local == "EntityDescriptor"
    content = "".join(draw(st.lists(_content(inside, depth, in_record), min_size=0 if depth else 2, max_size=5)))
    return f"<{start}/>" if not content and draw(st.booleans()) else f"<{start}>{content}</{name}>"


@st.composite
def _content(draw: st.DrawFn, scope: Mapping[str, str], depth: int, in_record: bool) -> str:
    kinds = ("text", "comment", "cdata", "element") if depth < 4 else ("text",)
    kind = draw(st.sampled_from(kinds if in_record or depth == 4 else (*kinds, *("record",) * 3, "group")))
    prefix = draw(st.sampled_from(("", "md", "p")))
    if kind == "element":
        return draw(_element(scope, depth + 1, None, in_record))
    if kind == "record":
        return draw(_element(scope, 2, (prefix, "EntityDescriptor")))
    if kind == "group":
        return draw(_element(scope, depth + 1, (prefix, "EntitiesDescriptor")))
    if kind == "text":
        return escape(draw(_TEXT), {"\r": "&#13;"})
    return "<!-- <md:EntityDescriptor> & -->" if kind == "comment" else "<![CDATA[<md:EntityDescriptor>]]>"


def _quoted(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#xD;"}) + '"'


def test_joined_pieces_have_the_canonical_form_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    """xmlsec signs the whole document at once, with and without a PrefixList; the stream agrees."""
    key = xml_signer.key_of(credential("fed", "ecdsa-sha256"))
    method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    certificates = [credential("fed", "ecdsa-sha256").certificate]
    read = records = 0

    @settings(max_examples=effort(25, 1_000), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        _element({"": ""}, 0, ("md", "EntitiesDescriptor")),
        st.sampled_from(("", "p q", "md", "p xml nothing")),
        st.integers(1, 200),
    )
    def check(document: str, prefixes: str, step: int) -> None:
        nonlocal read, records
        monkeypatch.setattr(stream, "_READ", step)
        root = etree.fromstring(document)
        root.set("ID", "_good")
        signed = xml_signer.sign(etree.tostring(root), key, method=method, prefixes=prefixes, position=0)
        _, handed = _read(signed, certificates=certificates)
        expected = [each for each in parse(signed).iter(ENTITY) if not any(True for _ in each.iterancestors(ENTITY))]
        assert [_meaning(each) for each in handed] == [_meaning(each) for each in expected]
        read += 1
        records += len(handed)

    check()
    counted("generated aggregates read as a stream", read)
    counted("records of generated aggregates", records)


@pytest.mark.parametrize(
    ("size", "most"),
    [(2_000_000, 100), pytest.param(80_000_000, 400, marks=pytest.mark.soak)],
    ids=["2 MB", "80 MB"],
)
def test_an_aggregate_is_read_in_bounded_memory(size: int, most: int, tmp_path: Path) -> None:
    """`most` is in megabytes, of a process that does nothing else."""
    entities = saml_aggregate.write(tmp_path / "aggregate.xml", size, credential("fed"))
    (tmp_path / "certificate.der").write_bytes(credential("fed").certificate)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), ENTITY], cwd=ROOT, capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert said["records"] == entities
    assert said["megabytes"] < most


_PROGRAM = """
import json, re, sys, time
from pathlib import Path
from typing import Any
from idp.xml.stream import read_signed
folder, records = Path(sys.argv[1]), 0
def count(record):
    global records
    records += 1
with (folder / "aggregate.xml").open("rb") as file:
    read_signed(file, [(folder / "certificate.der").read_bytes()], sys.argv[2], count, max_bytes=200_000_000)
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
print(json.dumps({"records": records, "megabytes": peak, "seconds of CPU": round(time.process_time(), 2)}))
"""


def _signed(document: str, name: str = "fed", algorithm: str = "rsa-sha256") -> bytes:
    """With comments left where they are: the signature is put into the text."""
    root = parse(document.encode())
    signature.sign(root, credential(name, algorithm), position=0)
    start = document.index(">", document.index(f"<{document.partition('ID=')[0].rpartition('<')[2]}")) + 1
    made = etree.tostring(root[0], encoding="unicode", with_tail=False)
    return (document[:start] + made + document[start:]).encode()


def _read(
    document: bytes,
    *,
    certificates: list[bytes] | str | None = "fed",
    handed: list[Element] | None = None,
    max_bytes: int = _LIMIT,
) -> tuple[Root, list[Element]]:
    records: list[Element] = [] if handed is None else handed
    pinned = [credential("fed").certificate] if isinstance(certificates, str) else certificates
    root = read_signed(io.BytesIO(document), pinned, ENTITY, records.append, max_bytes=max_bytes)
    return root, records


def _meaning(element: Element) -> object:
    """Names, attributes and text, however they are written."""
    return (
        element.tag,
        sorted(element.attrib.items()),
        element.text or "",
        [(_meaning(child), child.tail or "") for child in element],
    )
