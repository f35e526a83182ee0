"""services/egov_words: the shapes eGov Mobile reads and brings (nca.md §6)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from idp.services import egov_words
from idp.services.egov_words import Operator, Slip

AT = datetime(2026, 11, 23, 11, 21, 37, 64_000, tzinfo=UTC)
SLIP = Slip("login", "id.example.kz", "K7M 4Q2", {}, "text/plain; charset=utf-8")
REPORT = Slip("document", "id.example.kz", "K7M 4Q2", {"kk": "Есеп", "ru": "Отчёт"}, "application/pdf")


def test_the_first_answer_says_who_asks_and_where_the_document_lies() -> None:
    face = egov_words.face(
        SLIP, Operator("Bilim ID", "140240000018"), language="ru", expires_at=AT, uri="https://u", token="t"
    )
    assert face == {
        "description": SLIP.description("ru"),
        "expiry_date": "2026-11-23T16:21:37.06+0500",
        "organisation": {"nameRu": "Bilim ID", "nameKz": "Bilim ID", "nameEn": "Bilim ID", "bin": "140240000018"},
        "document": {"uri": "https://u", "auth_type": "Token", "auth_token": "t"},
    }


@pytest.mark.parametrize("language", ["kk", "ru", "en", "tr"])
def test_every_description_names_site_and_code(language: str) -> None:
    for slip in (SLIP, REPORT):
        said = slip.description(language)
        assert "id.example.kz" in said
        assert "K7M 4Q2" in said
    assert REPORT.title(language) in REPORT.description(language)


def test_the_second_answer_is_one_document_of_which_only_the_signature_comes_back() -> None:
    found = egov_words.documents(REPORT, b"%PDF")
    assert (found["signMethod"], found["version"]) == ("CMS_SIGN_ONLY", 1)
    (document,) = found["documentsToSign"]
    assert (document["nameKz"], document["nameRu"], document["nameEn"]) == ("Есеп", "Отчёт", "Есеп")
    assert document["document"]["file"] == {"mime": "application/pdf", "data": base64.b64encode(b"%PDF").decode()}
    assert egov_words.documents(SLIP, b"text")["documentsToSign"][0]["document"]["file"]["mime"] == "text/plain"


def _brought(data: Any) -> Any:
    return {"documentsToSign": [{"id": 1, "document": {"file": {"mime": "", "data": data}}}]}


def test_the_signature_is_found_in_what_comes_back() -> None:
    assert egov_words.signature_in(_brought("MIIB")) == "MIIB"


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"documentsToSign": "x"}, {"documentsToSign": []}, {"documentsToSign": ["x"]}, _brought(""),
     _brought(7), {"documentsToSign": [{"document": "x"}]}, {"documentsToSign": [{"document": {"file": []}}]},
     {"documentsToSign": _brought("a")["documentsToSign"] * 2}],
)  # fmt: skip
def test_anything_else_holds_no_signature(body: Any) -> None:
    assert egov_words.signature_in(body) is None


def test_code_and_link_lead_to_the_same_address() -> None:
    assert egov_words.qr_text("https://id.example.kz/egov/x") == "mobileSign:https://id.example.kz/egov/x"
    link = egov_words.link("https://id.example.kz/egov/x")
    assert link == "https://m.egov.kz/mobileSign/?link=https%3A%2F%2Fid.example.kz%2Fegov%2Fx"
