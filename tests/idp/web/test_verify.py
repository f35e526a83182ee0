"""web/verify: anyone, without an account, without a cookie."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.core.clock import FixedClock
from idp.parts import Parts
from tests.factories.signing_ground import DIRECTOR_IIN, TEXT, SigningGround


@pytest.fixture
def ground(parts: Parts, clock: FixedClock) -> SigningGround:
    return SigningGround(parts, clock)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def upload(
    stranger: FlaskClient, document: bytes | None, signature: bytes | None, text: str = "", **more: Any
) -> TestResponse:
    data: dict[str, Any] = {"signature_text": text}
    if document is not None:
        data["document"] = (BytesIO(document), "есеп.txt")
    if signature is not None:
        data["signature"] = (BytesIO(signature), "есеп.cms")
    return stranger.post("/verify?lang=ru", data=data, **more)


def test_a_stranger_checks_a_document(ground: SigningGround, stranger: FlaskClient) -> None:
    cms = ground.sign(ground.ask())
    assert stranger.get("/verify").status_code == 200
    for answer in (
        upload(stranger, TEXT, base64.b64decode(cms)),
        upload(stranger, TEXT, cms.encode()),
        upload(stranger, TEXT, None, f"-----BEGIN CMS-----\r\n{cms}\r\n-----END CMS-----"),
    ):
        assert answer.status_code == 200
        assert "СЕЙІТҚАЗЫ" in answer.text
        assert "••••••••" + DIRECTOR_IIN[-4:] in answer.text
        assert DIRECTOR_IIN not in answer.text
        assert "есеп.txt" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_signature_alone_is_enough_when_it_holds_the_document(ground: SigningGround, stranger: FlaskClient) -> None:
    cms = ground.cms(ground.person_key(), encapsulate=True)
    assert upload(stranger, None, cms.encode()).status_code == 200


def wrong(answer: TestResponse, status: int) -> str:
    """The heading of the error summary."""
    assert answer.status_code == status
    found = re.search(r'id="error-summary".*?<b>(.*?)</b>', answer.text, re.DOTALL)
    assert found, answer.text[:2000]
    return found[1]


def test_each_mistake_has_words_of_its_own(ground: SigningGround, stranger: FlaskClient) -> None:
    cms = base64.b64decode(ground.sign(ground.ask()))
    told = {
        wrong(upload(stranger, document, signature), 422)
        for document, signature in (
            (TEXT, None),
            (TEXT, b""),
            (None, cms),
            (cms, TEXT),
            (b"", cms),
            (TEXT + b"!", cms),
            (TEXT, b"nothing"),
            (TEXT, b"a" * 200_000),
        )
    }
    assert len(told) == 7  # No file and an empty one are the same: no signature came.
    assert wrong(upload(stranger, None, None, "AAAA"), 422) in told


def test_too_much_is_said_to_be_too_much(ground: SigningGround, stranger: FlaskClient) -> None:
    cms = ground.cms(ground.person_key(), b"a" * (4 * 1024 * 1024))
    assert upload(stranger, b"a" * (4 * 1024 * 1024), cms.encode()).status_code == 200
    over = wrong(upload(stranger, b"a" * (4 * 1024 * 1024 + 1), cms.encode()), 422)
    assert wrong(upload(stranger, b"a" * (5 * 1024 * 1024), cms.encode()), 413) == over


def test_what_was_pasted_stays(ground: SigningGround, stranger: FlaskClient) -> None:
    answer = upload(stranger, None, None, "AAAA<script>")
    assert "AAAA&lt;script&gt;" in answer.text


def test_where_nothing_is_trusted_nothing_is_claimed(stranger: FlaskClient) -> None:
    assert stranger.get("/verify").status_code == 200
    assert upload(stranger, TEXT, b"AAAA").status_code in (422, 503)


def test_a_silent_nca_takes_no_force_from_a_signature(ground: SigningGround, stranger: FlaskClient) -> None:
    cms = ground.cms(ground.person_key()).encode()
    ground.is_away = True
    answer = upload(stranger, TEXT, cms)
    assert answer.status_code == 200
    assert "не имеет силы" not in answer.text
    assert "Подпись подтверждена не полностью" in answer.text
