"""methods/eds_challenge: a text that is told from every other text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from idp.eds.signed_by import Evidence, Names, SignedBy, StatusProof
from idp.methods import eds_challenge
from idp.methods.eds_challenge import PREFIX, Parts, compose, is_challenge, is_for, new, read

AT = datetime(2026, 9, 2, 3, 3, 7, 999, tzinfo=UTC)
PARTS = Parts("kk", "id.example.kz", AT.replace(microsecond=0), "0f" * 32, "K7M 4Q2")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_challenge_says_site_purpose_and_time_in_the_persons_language_and_english(language: str) -> None:
    text = new(language, "id.example.kz:8443", AT)
    assert text.startswith(f"{PREFIX}\n")
    assert "By signing this text you sign in at id.example.kz:8443." in text
    assert {"kk": "Осы мәтінге қол қойсаңыз", "ru": "Подписав этот текст", "en": "Purpose: login"}[language] in text
    parts = read(text.encode())
    assert parts is not None
    assert (parts.language, parts.site, parts.at) == (language, "id.example.kz:8443", AT.replace(microsecond=0))
    assert len(parts.nonce) == 64


def test_no_two_challenges_are_alike() -> None:
    assert len({new("kk", "localhost:8000", AT) for _ in range(50)}) == 50


def test_the_code_of_the_screen_is_signed_too() -> None:
    assert "\nCode: K7M 4Q2\n" in compose(PARTS)
    assert read(compose(PARTS).encode()) == PARTS


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + " ",
        lambda text: " " + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("Purpose: login", "Purpose: loan"),
        lambda text: text.replace("0f", "0g"),
        lambda text: text.replace("Site: id.example.kz", "Site: id.other.kz"),
        lambda text: text.replace("2026-09", "2026-19"),
        lambda text: text.replace(PREFIX, "Contract"),
        lambda text: text.replace("Time:", "I owe you one million.\nTime:"),
        lambda text: "\ufeff" + text,
        lambda text: text * 2,
        lambda text: "",
    ],
)
def test_whatever_differs_in_one_octet_is_none(change) -> None:  # type: ignore[no-untyped-def]
    assert read(change(compose(PARTS)).encode()) is None


def test_octets_that_are_no_text_are_none() -> None:
    assert read(b"\xff" * 20) is None
    assert read(b"x" * 10_000_000) is None


def test_a_challenge_of_another_site_is_not_ours() -> None:
    assert is_for(compose(PARTS).encode(), "id.example.kz")
    assert not is_for(compose(PARTS).encode(), "id.example.kz.evil.example")
    assert not is_for(b"", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_document_that_holds_the_first_line_is_told_in_any_encoding(encoding: str) -> None:
    document = f"Есеп\n{PREFIX}\n".encode(encoding)
    assert is_challenge(document)
    assert not is_challenge("Bilim ID: есеп".encode(encoding))


def test_the_proof_says_where_the_key_lives() -> None:
    evidence = Evidence(b"", (), StatusProof("ocsp", AT, None), None, AT)
    signed = SignedBy("1" * 12, "", Names("", "", "", ""), "", frozenset(), "hardware", "rsa", False, evidence)
    assert eds_challenge.citizen(signed).amr == ("hwk",)
    for storage in ("file", "cloud", "unknown"):
        assert eds_challenge.citizen(replace(signed, key_storage=storage)).amr == ("swk",)
    assert eds_challenge.citizen(signed).acr == "urn:bilim:acr:eds"
