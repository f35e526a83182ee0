"""services/signing_submission: what a client may ask to have signed, each mistake under its field."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from idp.methods.eds_challenge import PREFIX
from idp.oidc.client import Client
from idp.services.signing_submission import MAX_DOCUMENT, Rejected, read
from tests.factories.oidc import client_row

CLIENT = Client(client_row())
SUB, SCHOOL = "a" * 52, "0" * 32
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


def body(document: bytes = "Есеп".encode(), /, **changes: Any) -> dict[str, Any]:
    whole = {
        "document": base64.b64encode(document).decode(),
        "sha256": hashlib.sha256(document).hexdigest(),
        "media_type": "text/plain",
        "title": "Есеп",
        "signers": {"subs": [SUB]},
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def pointers(sent: Any, **options: Any) -> list[str]:
    with pytest.raises(Rejected) as caught:
        read(sent, CLIENT, **options)
    return [pointer for pointer, _ in caught.value.fields]


def test_what_is_right_is_read() -> None:
    found = read(body(signers={"subs": [SUB, SUB], "roles": [{"role": "director", "school_id": SCHOOL}]}), CLIENT)
    assert (found.subs, found.roles, found.certificate) == ((SUB,), (("director", SCHOOL),), "any")
    assert found.title == {"kk": "Есеп", "ru": "Есеп", "en": "Есеп"}
    assert (found.return_uri, found.wait.days) == ("", 7)
    assert found.signers() == {
        "subs": [SUB], "roles": [{"role": "director", "school_id": SCHOOL}], "certificate": "any"
    }  # fmt: skip
    assert read(body(PDF, media_type="application/pdf"), CLIENT).document == PDF
    assert read(body(b"\xef\xbb\xbftext\r\n\twith a mark"), CLIENT).sha256
    assert read(body(title={"ru": "Отчёт"}), CLIENT).title == {"kk": "Отчёт", "ru": "Отчёт", "en": "Отчёт"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"document": None}, "/document"),
        ({"document": "not base64!"}, "/document"),
        ({"document": "0JU"}, "/document"),
        ({"document": 5}, "/document"),
        ({"sha256": "00" * 32}, "/sha256"),
        ({"sha256": None}, "/sha256"),
        ({"sha256": hashlib.sha256("Есеп".encode()).hexdigest().upper()}, "/sha256"),
        ({"media_type": "text/html"}, "/media_type"),
        ({"media_type": None}, "/media_type"),
        ({"media_type": ["text/plain"]}, "/media_type"),
        ({"media_type": "application/pdf"}, "/document"),
        ({"title": ""}, "/title"),
        ({"title": "two\nlines"}, "/title"),
        ({"title": "turned \u202e round"}, "/title"),
        ({"title": {"kk": "a", "de": "b"}}, "/title"),
        ({"title": {"ru": 5}}, "/title/ru"),
        ({"title": {}}, "/title"),
        ({"title": "a" * 201}, "/title"),
        ({"signers": None}, "/signers"),
        ({"signers": {}}, "/signers"),
        ({"signers": {"subs": [], "roles": []}}, "/signers"),
        ({"signers": {"subs": ["A" * 52]}}, "/signers/subs"),
        ({"signers": {"subs": [SUB] * 51}}, "/signers/subs"),
        ({"signers": {"subs": SUB}}, "/signers/subs"),
        ({"signers": {"roles": [{"role": "king", "school_id": SCHOOL}]}}, "/signers/roles"),
        ({"signers": {"roles": [{"role": "director"}]}}, "/signers/roles"),
        ({"signers": {"roles": [{"role": "director", "school_id": "../x"}]}}, "/signers/roles"),
        ({"signers": {"subs": [SUB], "certificate": "organisation"}}, "/signers/certificate"),
        ({"signers": {"subs": [SUB], "certificate": "none"}}, "/signers/certificate"),
        ({"signers": {"subs": [SUB], "people": []}}, "/signers"),
        ({"return_uri": "https://elsewhere.example/callback"}, "/return_uri"),
        ({"return_uri": "https://textbooks.example.evil.example/"}, "/return_uri"),
        ({"return_uri": "http://textbooks.example/"}, "/return_uri"),
        ({"return_uri": "https://textbooks.example@evil.example/"}, "/return_uri"),
        ({"return_uri": "javascript:alert(1)"}, "/return_uri"),
        ({"return_uri": 5}, "/return_uri"),
        ({"expires_in": 59}, "/expires_in"),
        ({"expires_in": 30 * 86_400 + 1}, "/expires_in"),
        ({"expires_in": True}, "/expires_in"),
        ({"expires_in": "60"}, "/expires_in"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_each_mistake_is_named_by_its_field(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(body(**changes)) == [pointer]


def test_all_mistakes_are_told_at_once() -> None:
    assert pointers({"title": 5}) == ["/media_type", "/document", "/title", "/signers"]
    assert pointers(["no object"]) == [""]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"a" * (MAX_DOCUMENT + 1),
        "текст".encode("cp1251"),
        b"a\x00b",
        b"a\x1b[2Jb",
        "плати \u202e100\u202c тенге".encode(),
        "a\u200bb".encode(),
        "a\u00adb".encode(),
        "a\u061cb".encode(),
        "a\u180eb".encode(),
        "a\u3164b".encode(),
        "a\uffa0b".encode(),
        "a\u034fb".encode(),
        "a\ufe0fb".encode(),
        "a\U000e0041b".encode(),
        "a\U000e0100b".encode(),
        "a\ufeffb".encode(),
        b"\xef\xbb\xbf" * 2 + b"a",
        f"{PREFIX}\n".encode(),
        f"Отчёт\n{PREFIX}".encode(),
        PREFIX.encode("utf-16-le"),
    ],
)
def test_a_text_is_what_it_looks_like_and_no_challenge(document: bytes) -> None:
    assert pointers(body(document)) == ["/document"]


def pdf(words: bytes) -> bytes:
    return PDF.replace(b"/Type", words + b" /Type")


@pytest.mark.parametrize(
    "document",
    [
        b"<html>",
        PDF + PREFIX.encode(),
        pdf(b"/S/JavaScript"),
        pdf(b"/S /J#61vaScript"),
        pdf(b"/S /#4a#61#76#61#53#63#72#69#70#74"),
        pdf(b"/S /Rendition /JS (app.alert(1))"),
        pdf(b"/J#53 5 0 R"),
        pdf(b"/AA << /O 5 0 R >>"),
        pdf(b"/AA<</O 5 0 R>>"),
        pdf(b"/OpenAction << /S /Launch >>"),
        pdf(b"/SubmitForm"),
        pdf(b"/ImportData"),
        pdf(b"/RichMedia"),
        pdf(b"/EmbeddedFiles 5 0 R"),
        pdf(b"/Type/EmbeddedFile"),
        pdf(b"/XFA 5 0 R"),
        PDF + b"/JavaScript",
        pdf(b"<< >> stream\n/JavaScript\nendstream"),
        pdf(b"(stream) /JS (x) (endstream)"),
    ],
)
def test_a_pdf_is_one_and_runs_nothing(document: bytes) -> None:
    assert pointers(body(document, media_type="application/pdf")) == ["/document"]


@pytest.mark.parametrize(
    "words",
    [
        b"/OpenAction [3 0 R /Fit]",
        b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>",
        b"/S /URI /URI (https://school.example/)",
        b"/JSON 1 /AAA 1 /LaunchPad 1 /JavaScriptless 1",
        b"/J#2361vaScript 1",
        b"<< /Length 9 >> stream\n\xff/JS (\xff/AA\x00\nendstream",
    ],
)
def test_a_harmless_pdf_is_taken(words: bytes) -> None:
    assert read(body(pdf(words), media_type="application/pdf"), CLIENT).document


def test_a_slow_library_takes_smaller_documents() -> None:
    assert pointers(body(b"a" * 1001), max_bytes=1000) == ["/document"]
    assert read(body(b"a" * 1000), CLIENT, max_bytes=1000).document


def test_the_return_address_has_an_origin_of_the_client() -> None:
    assert read(body(return_uri="https://textbooks.example/reports?x=1"), CLIENT).return_uri.endswith("?x=1")
    machine = Client(client_row(redirect_uris=[]))
    with pytest.raises(Rejected):
        read(body(return_uri="https://textbooks.example/"), machine)
