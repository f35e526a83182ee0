"""web/logout: asked unless the hint proves it, and never a redirect to a stranger."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from idp.parts import Parts
from idp.store.models.work import OutboxItem
from tests.factories.relying_party import RelyingParty
from tests.fakes.browser import Browser
from tests.idp.web.conftest import PASSWORD

_AFTER = "https://textbooks.example/bye"


@pytest.fixture
def textbooks(parts: Parts, app: Flask) -> RelyingParty:
    return RelyingParty(
        parts.clients,
        app.test_client(),
        post_logout_redirect_uris=[_AFTER],
        backchannel_logout_uri="https://textbooks.example/backchannel",
    )


@pytest.fixture
def signed_in(browser: Browser, person: str) -> Browser:
    browser.go("/login")
    browser.submit("/login/password", username="aigerim", password=PASSWORD)
    return browser


def _address(**fields: str) -> str:
    return f"/oauth/logout?{urlencode(fields)}"


def _is_signed_in(browser: Browser) -> bool:
    return browser.client.get("/account").status_code == 200


def test_a_hint_of_this_session_signs_out_at_once_and_tells_the_clients(
    signed_in: Browser, textbooks: RelyingParty, parts: Parts
) -> None:
    tokens = textbooks.tokens(signed_in)
    state = "s" * 128
    signed_in.go(_address(id_token_hint=tokens["id_token"], post_logout_redirect_uri=_AFTER, state=state))
    assert signed_in.left_for == f"{_AFTER}?state={state}"
    assert not _is_signed_in(signed_in)
    assert textbooks.refresh(tokens["refresh_token"]).status_code == 400
    assert textbooks.userinfo(tokens["access_token"]).status_code == 401
    with parts.uow.read() as tx:
        assert tx.connection.execute(select(OutboxItem.kind)).scalars().all() == ["backchannel_logout"]


def test_without_a_hint_the_person_is_asked_and_may_stay(signed_in: Browser, textbooks: RelyingParty) -> None:
    signed_in.go(_address(client_id="textbooks", post_logout_redirect_uri=_AFTER, state="x"))
    assert 'id="logout-yes"' in signed_in.page.text
    assert _is_signed_in(signed_in)
    signed_in.submit("/oauth/logout", answer="no")
    assert _is_signed_in(signed_in)
    signed_in.left_for = ""
    signed_in.go(_address(client_id="textbooks", post_logout_redirect_uri=_AFTER, state="x"))
    signed_in.submit("/oauth/logout", answer="yes")
    assert signed_in.left_for == f"{_AFTER}?state=x"
    assert not _is_signed_in(signed_in)


def test_with_no_parameters_at_all_it_is_our_own_page(signed_in: Browser) -> None:
    signed_in.go("/oauth/logout")
    signed_in.submit("/oauth/logout", answer="yes")
    assert signed_in.page.request.path == "/oauth/signed-out"
    assert not _is_signed_in(signed_in)


def test_the_button_needs_the_csrf_token(signed_in: Browser) -> None:
    answer = signed_in.client.post("/oauth/logout", data={"answer": "yes"})
    assert answer.status_code == 400
    assert _is_signed_in(signed_in)


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "textbooks", "post_logout_redirect_uri": f"{_AFTER}?a=b"},
        {"client_id": "nobody", "post_logout_redirect_uri": _AFTER},
        {"id_token_hint": "eyJhbGciOiJub25lIn0.e30.", "post_logout_redirect_uri": _AFTER},
    ],
)
def test_a_wrong_request_is_shown_and_ends_nothing(
    signed_in: Browser, textbooks: RelyingParty, fields: dict[str, str]
) -> None:
    signed_in.go(_address(**fields))
    assert signed_in.page.status_code == 400
    assert 'id="error-code"' in signed_in.page.text
    assert _is_signed_in(signed_in)


def test_an_address_without_a_client_is_never_followed(signed_in: Browser, textbooks: RelyingParty) -> None:
    signed_in.go(_address(post_logout_redirect_uri=_AFTER, state="x"))
    signed_in.submit("/oauth/logout", answer="yes")
    assert not signed_in.left_for
    assert signed_in.page.request.path == "/oauth/signed-out"


def test_signing_out_twice_comes_back_both_times(signed_in: Browser, textbooks: RelyingParty) -> None:
    hint = textbooks.tokens(signed_in)["id_token"]
    for _ in range(2):
        signed_in.left_for = ""
        signed_in.go(_address(id_token_hint=hint, post_logout_redirect_uri=_AFTER))
        assert signed_in.left_for == _AFTER


def test_a_hint_of_an_older_session_asks(signed_in: Browser, textbooks: RelyingParty, app: Flask, person: str) -> None:
    hint = textbooks.tokens(signed_in)["id_token"]
    other = Browser(app.test_client())
    other.go("/login")
    other.submit("/login/password", username="aigerim", password=PASSWORD)
    other.go(_address(id_token_hint=hint, post_logout_redirect_uri=_AFTER))
    assert 'id="logout-yes"' in other.page.text
    assert _is_signed_in(other)


def test_a_form_of_a_client_without_our_cookie_comes_again_as_a_get(app: Flask) -> None:
    answer = app.test_client().post("/oauth/logout", data={"state": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/oauth/logout?state=x")
