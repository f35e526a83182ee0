"""Stories of signing out across protocols: whoever asks, everybody hears of it, and who could not be told is named."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask

from idp.core.clock import FixedClock
from idp.saml import names
from idp.saml.bindings import redirect
from idp.saml.entity import Endpoint
from idp.saml.names import q
from idp.store import outbox
from idp.xml.build import element
from idp.xml.parser import children, parse, text_of
from tests.factories.relying_party import RelyingParty
from tests.factories.saml_ground import HOST, Heard, SamlGround, form
from tests.factories.saml_house import database_kind
from tests.fakes.browser import Browser
from tests.flows.school import School

__all__ = ["database_kind"]

FRONT = {"slo": (Endpoint(names.REDIRECT, "https://front.example/slo"),)}


@pytest.fixture
def lms(app: Flask, school: School) -> SamlGround:
    return SamlGround(app, metadata={"slo": (Endpoint(names.REDIRECT, "https://lms.example/slo"),)})


@pytest.fixture
def front(app: Flask, school: School) -> SamlGround:
    return SamlGround(app, "https://front.example/saml", number=1, metadata=FRONT)


def _left(browser: Browser) -> tuple[str, str, str, str]:
    """Where a browser went with which message: address, local name, id or InResponseTo, last status."""
    received = redirect.read(urlsplit(browser.left_for).query.encode())
    root = parse(received.xml)
    codes = [one.get("Value", "").removeprefix(names.STATUS) for one in root.iter(q(names.SAMLP, "StatusCode"))]
    name = str(root.tag).rpartition("}")[2]
    about = root.get("InResponseTo") or root.attrib["ID"]
    return browser.left_for.partition("?")[0], name, str(about), codes[-1] if codes else ""


def _is_signed_in(browser: Browser) -> bool:
    browser.go("/account")
    return browser.page.request.path == "/account"


def test_a_service_signs_out_and_the_others_hear_of_it_one_after_the_other(
    signed_in: Browser, lms: SamlGround, front: SamlGround, app: Flask, clock: FixedClock
) -> None:
    textbooks = RelyingParty(
        lms.parts.clients, app.test_client(), backchannel_logout_uri="https://textbooks.example/logout"
    )
    assert textbooks.code(signed_in)
    told = front.enter(signed_in)
    lms.sign_out(signed_in, lms.enter(signed_in))
    address, name, request_id, _ = _left(signed_in)
    assert (address, name) == ("https://front.example/slo", "LogoutRequest")
    assert not _is_signed_in(signed_in)
    request = parse(redirect.read(urlsplit(signed_in.left_for).query.encode()).xml)
    assert text_of(children(request, q(names.SAML, "NameID"))[0]) == told.name_id["value"]
    assert text_of(children(request, q(names.SAMLP, "SessionIndex"))[0]) == told.session_index
    answer = front.logout_response(request_id, destination=f"{HOST}/saml/slo")
    signed_in.go("/saml/slo?" + front.by_redirect(answer).decode())
    address, name, _, status = _left(signed_in)
    assert (address, name, status) == ("https://lms.example/slo", "LogoutResponse", "Success")
    assert "RelayState=out" in signed_in.left_for
    with lms.parts.uow.write() as tx:
        waiting = outbox.claim(
            tx, kinds=["backchannel_logout", "saml_logout"], now=clock.now(), hold=clock.now() - clock.now(), limit=9
        )
    assert [item.kind for item in waiting] == ["backchannel_logout"]


@pytest.mark.parametrize("second", ["PartialLogout", "forged"])
def test_who_could_not_be_signed_out_is_told_as_partial_logout(
    second: str, signed_in: Browser, lms: SamlGround, front: SamlGround
) -> None:
    front.enter(signed_in)
    lms.sign_out(signed_in, lms.enter(signed_in))
    _, _, request_id, _ = _left(signed_in)
    answer = front.logout_response(
        request_id, second="" if second == "forged" else second, destination=f"{HOST}/saml/slo"
    )
    # What another service signs does not speak for this one.
    sender = lms if second == "forged" else front
    signed_in.go("/saml/slo?" + sender.by_redirect(answer).decode())
    assert _left(signed_in)[3] == "PartialLogout"


def test_a_person_signs_out_on_our_page_and_saml_services_hear_of_it_before_the_way_back(
    signed_in: Browser, front: SamlGround, app: Flask
) -> None:
    back = "https://textbooks.example/bye"
    textbooks = RelyingParty(front.parts.clients, app.test_client(), post_logout_redirect_uris=[back])
    front.enter(signed_in)
    tokens = textbooks.redeem(textbooks.code(signed_in)).get_json()
    signed_in.left_for = ""
    signed_in.go(f"/oauth/logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri={back}")
    _, name, request_id, _ = _left(signed_in)
    assert name == "LogoutRequest"
    # By a page, where a redirect would be stopped by `form-action` of the service whose form began this.
    assert (signed_in.page.status_code, "Refresh" in signed_in.page.headers) == (200, True)
    assert not _is_signed_in(signed_in)
    answer = front.logout_response(request_id, destination=f"{HOST}/saml/slo")
    signed_in.go("/saml/slo?" + front.by_redirect(answer).decode())
    assert signed_in.left_for == back


def test_our_page_names_the_service_that_could_not_be_told(signed_in: Browser, front: SamlGround) -> None:
    front.enter(signed_in)
    signed_in.go("/oauth/logout")
    signed_in.submit("/oauth/logout", answer="yes")
    _, _, request_id, _ = _left(signed_in)
    answer = front.logout_response(request_id, second="PartialLogout", destination=f"{HOST}/saml/slo")
    page = signed_in.go("/saml/slo?" + front.by_redirect(answer).decode())
    assert (page.status_code, "Оқу алаңы" in page.text.split('id="missed"')[1]) == (200, True)
    # A step is good once; an answer to nothing ends on the same page and harms nobody.
    page = signed_in.go("/saml/slo?" + front.by_redirect(answer).decode())
    assert (page.status_code, 'id="missed"' in page.text) == (200, False)


def test_an_asynchronous_request_ends_on_our_page(signed_in: Browser, lms: SamlGround) -> None:
    heard = lms.enter(signed_in)
    lms.sign_out(signed_in, heard, extensions=[element(q(names.ASYNC_SLO, "Asynchronous"))])
    assert (signed_in.left_for, signed_in.page.status_code) == ("", 200)
    assert not _is_signed_in(signed_in)


def test_an_unsigned_a_replayed_and_a_strangers_logout_end_nothing(
    signed_in: Browser, lms: SamlGround, front: SamlGround
) -> None:
    heard = lms.enter(signed_in)
    request = lms.logout_request(heard.name_id, destination=f"{HOST}/saml/slo")
    unsigned = lms.by_redirect(request, is_signed=False).decode()
    assert "saml_message" in signed_in.go(f"/saml/slo?{unsigned}").text
    # Another service with the same words: its NameID is another, and this one's is not its own to name.
    front.sign_out(signed_in, Heard("", "", "", name_id=heard.name_id, session_index=heard.session_index))
    assert _left(signed_in)[3] == "UnknownPrincipal"
    assert _is_signed_in(signed_in)
    signed = lms.by_redirect(request).decode()
    signed_in.go(f"/saml/slo?{signed}")
    assert _left(signed_in)[3] == "Success"
    assert "saml_replayed" in signed_in.go(f"/saml/slo?{signed}").text


def test_logout_by_post_comes_back_by_post(signed_in: Browser, app: Flask, school: School) -> None:
    by_post = SamlGround(
        app, "https://post.example/saml", metadata={"slo": (Endpoint(names.POST, "https://post.example/slo"),)}
    )
    heard = by_post.enter(signed_in)
    request = by_post.logout_request(heard.name_id, destination=f"{HOST}/saml/slo")
    signed_in.page = signed_in.client.post("/saml/slo", data=dict(by_post.by_post(request, relay_state="out")))
    action, fields = form(signed_in)
    assert (action, fields["RelayState"]) == ("https://post.example/slo", "out")
    assert by_post.read(action, fields["SAMLResponse"]).status == "Success"
