"""web/egov: the two addresses that the app on the phone calls."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.core.clock import FixedClock
from tests.factories.citizens import Citizens


@pytest.fixture
def phone(citizens: Citizens) -> FlaskClient:
    assert citizens.app is not None
    return citizens.app.test_client()


def _face(phone: FlaskClient, errand: str, language: str = "ru") -> dict[str, Any]:
    answer = phone.get(f"/egov/{errand}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def _documents(phone: FlaskClient, errand: str, token: str) -> TestResponse:
    return phone.get(f"/egov/{errand}/documents", headers={"Authorization": f"Bearer {token}"})


def _put(phone: FlaskClient, errand: str, token: str, body: bytes) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return phone.put(f"/egov/{errand}/documents", data=body, headers=headers)


def _signed(citizens: Citizens, body: dict[str, Any], text: bytes | None = None) -> bytes:
    file = body["documentsToSign"][0]["document"]["file"]
    file["data"] = citizens.signature(citizens.key(), base64.b64decode(file["data"]) if text is None else text)
    return json.dumps(body).encode()


def test_the_app_asks_signs_and_is_told_success(citizens: Citizens, phone: FlaskClient) -> None:
    errand = citizens.begin_phone().id
    face = _face(phone, errand)
    assert face["organisation"]["bin"] == "140240000018"
    assert face["document"]["uri"] == f"http://localhost:8000/egov/{errand}/documents"
    assert face["document"]["auth_type"] == "Token"
    token = face["document"]["auth_token"]
    answer = _documents(phone, errand, token)
    assert answer.headers["Cache-Control"] == "no-store"
    done = _put(phone, errand, token, _signed(citizens, answer.get_json()))
    assert (done.status_code, done.text) == (200, "success")
    assert done.mimetype == "text/plain"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "Вход на сайт"),
        ("en", "Sign-in at"),
        ("kk", "сайтына кіру"),
        ("kz", "сайтына кіру"),
        ("", "сайтына кіру"),
    ],
)
def test_the_app_is_answered_in_its_language(citizens: Citizens, phone: FlaskClient, language: str, words: str) -> None:
    begun = citizens.begin_phone()
    said = _face(phone, begun.id, language)["description"]
    assert words in said
    assert "localhost:8000" in said
    assert begun.shown["code"] in said


def test_without_the_right_token_it_is_401(citizens: Citizens, phone: FlaskClient) -> None:
    errand = citizens.begin_phone().id
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}):
        answer = phone.get(f"/egov/{errand}/documents", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.get_json()["error"] == "wrong_token"
        assert phone.put(f"/egov/{errand}/documents", data=b"{}", headers=headers).status_code == 401


def test_an_unknown_errand_is_404_and_one_that_is_over_410(
    citizens: Citizens, phone: FlaskClient, clock: FixedClock
) -> None:
    errand = citizens.begin_phone().id
    token = _face(phone, errand)["document"]["auth_token"]
    body = _signed(citizens, _documents(phone, errand, token).get_json())
    for unknown in ("x", "x" * 300, "%D1%8F"):
        assert phone.get(f"/egov/{unknown}").status_code == 404
        assert _put(phone, unknown, token, body).status_code == 404
    assert _put(phone, errand, token, body).status_code == 200
    assert phone.get(f"/egov/{errand}").status_code == 410
    assert _put(phone, errand, token, body).get_json()["error"] == "errand_over"
    late = citizens.begin_phone().id
    clock.advance(minutes=3)
    assert phone.get(f"/egov/{late}").status_code == 410


def test_what_is_no_json_is_400_and_too_much_413(citizens: Citizens, phone: FlaskClient) -> None:
    errand = citizens.begin_phone().id
    token = _face(phone, errand)["document"]["auth_token"]
    for wrong in (b"", b"{", b"[" * 100_000, b"\xff", b"{}", b'{"documentsToSign": [1]}'):
        assert _put(phone, errand, token, wrong).status_code == 400
    assert _put(phone, errand, token, b"x" * 200_000).status_code == 413
    assert _put(phone, errand, token, b"x" * 300_000).status_code == 413


def test_a_signature_that_proves_nothing_is_403_and_a_silent_nca_503(citizens: Citizens, phone: FlaskClient) -> None:
    for text, is_away, status, code in (
        (b"another text", False, 403, "eds_other_document"),
        (None, True, 503, "nca_unavailable"),
    ):
        errand = citizens.begin_phone().id
        token = _face(phone, errand)["document"]["auth_token"]
        body = _signed(citizens, _documents(phone, errand, token).get_json(), text)
        citizens.is_away = is_away
        answer = _put(phone, errand, token, body)
        assert (answer.status_code, answer.get_json()["error"]) == (status, code)
