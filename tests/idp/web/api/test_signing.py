"""web/api/signing: signing requests of modules over HTTP, with real tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.core.clock import FixedClock
from idp.oidc import access_token
from idp.parts import Parts
from tests.factories.relying_party import SECRET, RelyingParty
from tests.factories.signing_ground import CLIENT, TEXT, SigningGround
from tests.fakes.browser import Browser
from tests.idp.web.conftest import PASSWORD

PATH = "/api/v1/signing-requests"


@pytest.fixture
def ground(parts: Parts, clock: FixedClock) -> SigningGround:
    return SigningGround(parts, clock)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


def token(http: FlaskClient, client_id: str = CLIENT, **fields: str) -> str:
    data = {"grant_type": "client_credentials", "scope": "signing:request"} | fields
    answer = http.post("/oauth/token", data=data, auth=(client_id, SECRET))
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["access_token"])


def headers(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}"}


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    body = dict(answer.get_json(force=True))
    assert (body["status"], body["type"]) == (status, f"urn:bilim:problem:{code}")
    assert body["title"]
    assert body["reference"]
    assert answer.headers["Cache-Control"] == "no-store"
    return body


def test_a_module_has_a_document_signed(ground: SigningGround, http: FlaskClient) -> None:
    bearer = headers(token(http))
    answer = http.post(PATH, json=ground.body(), headers=bearer)
    assert answer.status_code == 201, answer.text
    made = answer.get_json()
    assert set(made) == {"id", "sign_uri", "state", "expires_at"}
    assert made["sign_uri"] == f"http://localhost:8000/sign/{made['id']}"
    assert answer.headers["Location"] == f"{PATH}/{made['id']}"
    address = answer.headers["Location"]
    assert http.get(address, headers=bearer).get_json()["state"] == "waiting"
    ground.sign(made["id"])
    shown = http.get(address, headers=bearer).get_json()
    assert (shown["state"], shown["signer"]["sub"]) == ("signed", ground.sub(ground.director))
    assert "evidence" not in shown
    problem(http.delete(address, headers=bearer), 409, "signing_closed")


def test_a_request_is_taken_back(ground: SigningGround, http: FlaskClient) -> None:
    bearer = headers(token(http))
    address = f"{PATH}/{ground.ask()}"
    assert [http.delete(address, headers=bearer).status_code for _ in range(2)] == [204, 204]
    assert http.get(address, headers=bearer).get_json()["state"] == "cancelled"


def test_another_client_sees_nothing(ground: SigningGround, http: FlaskClient) -> None:
    ground.register("attendance", bilim_schools=[ground.school])
    bearer = headers(token(http, "attendance"))
    for request_id in (ground.ask(), "f" * 32, "x"):
        problem(http.get(f"{PATH}/{request_id}", headers=bearer), 404, "not_found")
        problem(http.delete(f"{PATH}/{request_id}", headers=bearer), 404, "not_found")


def test_every_mistake_is_told_with_its_place(ground: SigningGround, http: FlaskClient) -> None:
    sent = ground.body(media_type="text/html", expires_in=1)
    body = problem(http.post(PATH, json=sent, headers=headers(token(http))), 422, "invalid_signing_request")
    assert [one["pointer"] for one in body["errors"]] == ["#/media_type", "#/expires_in"]
    assert all(one["detail"] for one in body["errors"])


@pytest.mark.parametrize(
    "sent", [b"", b"{", b'{"title":"a","title":"b"}', b'{"expires_in":NaN}', b"[" * 100_000, b"\xff"]
)
def test_a_body_is_strict_json(ground: SigningGround, http: FlaskClient, sent: bytes) -> None:
    bearer = headers(token(http))
    problem(http.post(PATH, data=sent, content_type="application/json", headers=bearer), 400, "invalid_json")


def test_a_body_of_another_kind_or_size_is_refused(ground: SigningGround, http: FlaskClient) -> None:
    bearer = headers(token(http))
    answer = http.post(PATH, data=json.dumps(ground.body()), content_type="text/plain", headers=bearer)
    problem(answer, 415, "unsupported_media_type")
    large = ground.body(b"a" * (4 * 1024 * 1024))
    assert http.post(PATH, json=large, headers=bearer).status_code == 201
    huge = ground.body(b"a" * (5 * 1024 * 1024))
    problem(http.post(PATH, json=huge, headers=bearer), 413, "request_too_large")
    problem(http.post(PATH, json=ground.body(), headers=bearer | {"Idempotency-Key": "k" * 201}), 400, "invalid")


def test_the_same_key_makes_one_request(ground: SigningGround, http: FlaskClient) -> None:
    bearer = headers(token(http)) | {"Idempotency-Key": "month-9"}
    first, again = (http.post(PATH, json=ground.body(), headers=bearer) for _ in range(2))
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    problem(http.post(PATH, json=ground.body(TEXT * 2), headers=bearer), 409, "idempotency_key_reused")


def refused_token(http: FlaskClient, bearer: str) -> tuple[int, str]:
    answer = http.get(f"{PATH}/{'0' * 32}", headers=headers(bearer) if bearer else {})
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="bilim-id"')
    code = json.loads(answer.text)["type"].rpartition(":")[2]
    assert ("error=" in challenge) == bool(bearer)
    assert not bearer or f'error="{code}"' in challenge
    return answer.status_code, code


def test_only_a_standing_token_of_the_client_itself_opens(
    ground: SigningGround, http: FlaskClient, clock: FixedClock
) -> None:
    server = ground.parts.oidc
    assert refused_token(http, "") == (401, "invalid_token")
    assert refused_token(http, "no.token.atall") == (401, "invalid_token")
    for_another = access_token.for_client(server, ground.client, scope="signing:request", audience="https://x.example")
    assert refused_token(http, for_another) == (401, "invalid_token")
    ground.register("sibling", scope="openid signing:request reports:read")
    assert refused_token(http, token(http, "sibling", scope="reports:read")) == (403, "insufficient_scope")
    good = token(http)
    assert http.get(f"{PATH}/{ground.ask()}", headers=headers(good)).status_code == 200
    assert http.post("/oauth/revoke", data={"token": good}, auth=(CLIENT, SECRET)).status_code == 200
    assert refused_token(http, good) == (401, "invalid_token")
    late = token(http)
    clock.advance(minutes=11)
    assert refused_token(http, late) == (401, "invalid_token")
    taken_away = token(http)
    ground.register(CLIENT, scope="openid", bilim_schools=[ground.school])
    assert refused_token(http, taken_away) == (403, "insufficient_scope")
    ground.register(CLIENT, bilim_schools=[ground.school])
    disabled = token(http)
    ground.parts.clients.disable(CLIENT)
    assert refused_token(http, disabled) == (401, "invalid_token")


def test_a_token_of_a_person_opens_nothing(
    ground: SigningGround, http: FlaskClient, browser: Browser, person: str
) -> None:
    module = RelyingParty(ground.parts.clients, http, "reports", scope="openid signing:request")
    browser.go("/login")
    browser.submit("/login/password", username="aigerim", password=PASSWORD)
    granted = module.tokens(browser, scope="openid signing:request")
    assert "signing:request" in granted["scope"]
    assert refused_token(http, granted["access_token"]) == (403, "insufficient_scope")


def test_a_cookie_opens_nothing(ground: SigningGround, browser: Browser, person: str) -> None:
    browser.go("/login")
    browser.submit("/login/password", username="aigerim", password=PASSWORD)
    assert browser.client.get(f"{PATH}/{ground.ask()}").status_code == 401


def test_errors_of_the_framework_are_problems_too(http: FlaskClient) -> None:
    problem(http.get("/api/v1/no-such-thing"), 404, "not_found")
    answer = http.put(PATH)
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"]


@pytest.mark.parametrize("odd", [{"\ud800": 1}, {"title": ["a\x00"]}, {"title": {"kk": [{"x": "\udfff"}]}}])
def test_what_cannot_be_written_as_text_is_refused(ground: SigningGround, http: FlaskClient, odd: object) -> None:
    """A lone surrogate is JSON and no UTF-8; PostgreSQL takes no NUL in a text."""
    sent = json.dumps(ground.body() | odd)  # type: ignore[operator]
    answer = http.post(PATH, data=sent, content_type="application/json", headers=headers(token(http)))
    problem(answer, 400, "invalid_characters")


@pytest.mark.parametrize("request_id", ["F" * 32, "f" * 33, "%D1%8F" * 32])
def test_what_can_be_no_id_is_not_looked_for(ground: SigningGround, http: FlaskClient, request_id: str) -> None:
    bearer = headers(token(http))
    for ask in (http.get, http.delete):
        problem(ask(f"{PATH}/{request_id}", headers=bearer), 404, "not_found")
    assert http.get(f"{PATH}/{request_id}").status_code == 401
