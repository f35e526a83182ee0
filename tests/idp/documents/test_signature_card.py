"""documents/signature_card: what people read, in Kazakh and Russian, without the ИИН."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from idp.cli.dev.nca import Holder
from idp.documents.signature_card import signature_card
from tests.factories.signing_ground import DIRECTOR_IIN, SCHOOL_BIN, TITLE, SigningGround

ISSUER = "https://id.example"


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\n", " ")


def test_the_card_says_what_who_when_and_how_to_check(signing_ground: SigningGround) -> None:
    ground = signing_ground
    request_id = ground.ask()
    ground.sign(request_id)
    kept = ground.parts.signing.kept(request_id, ground.director)
    pdf = signature_card(kept, issuer=ISSUER)
    text = text_of(pdf)
    for words in (
        TITLE["kk"], TITLE["ru"], kept.paper.row.document_sha256, "СЕЙІТҚАЗЫ", SCHOOL_BIN, "бірінші басшы",
        "первый руководитель", "01.09.2026 08:00:00", f"{ISSUER}/verify", "Сынақ сертификаты", "Тестовый сертификат",
        "OCSP",
    ):  # fmt: skip
        assert words in text, words
    assert DIRECTOR_IIN not in text
    assert signature_card(kept, issuer=ISSUER) == pdf
    assert len(PdfReader(BytesIO(pdf)).pages) == 1


def test_a_person_without_a_timestamp_and_a_long_title_fit_on_the_page(signing_ground: SigningGround) -> None:
    ground = signing_ground
    long = "Мектептің тамақтану комиссиясының отырысының хаттамасы " * 3
    made = ground.parts.signing_requests.create(ground.client, ground.body(title=long[:200]))
    cms = ground.cms(ground.person_key(), timestamp=False)
    ground.parts.signing.sign(made.id, ground.director, cms, place="")
    text = text_of(signature_card(ground.parts.signing.kept(made.id, ground.director), issuer=ISSUER))
    assert "физическое лицо" in text
    assert "жоқ" in text
    assert "БСН" not in text


@pytest.mark.parametrize("role", ["signs", "finance", "personnel", "employee"])
@pytest.mark.parametrize("storage", ["hardware", "cloud", ""])
def test_every_role_and_storage_has_words(signing_ground: SigningGround, role: str, storage: str) -> None:
    ground = signing_ground
    fields: dict[str, Any] = {"organisation": "О", "bin": SCHOOL_BIN, "role": role, "key_storage": storage}
    holder = Holder(DIRECTOR_IIN, "А", "Б", **fields)
    request_id = ground.ask()
    ground.sign(request_id, key=ground.nca.issue(holder))
    assert signature_card(ground.parts.signing.kept(request_id, ground.director), issuer=ISSUER)
