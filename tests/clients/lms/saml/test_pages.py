"""Signing in and out by SAML: what works, and what must be refused."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import func, select

from clients.kit import tables
from clients.kit.worker import clean_up
from clients.lms import store
from tests.clients.lms.conftest import BASE, PUPIL, TEACHER, World
from tests.clients.lms.fake_idp import SAML, Asked

Spoil = Callable[[World, Asked], dict[str, str]]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the client logs."""
    log = logging.getLogger("bilim.client")
    log.addHandler(caplog.handler)
    yield caplog
    log.removeHandler(caplog.handler)


def test_a_sign_in_leads_back_to_the_page_that_asked_for_it(lms: World) -> None:
    browser = lms.browser()
    asked_for = browser.get("/courses/c7")
    assert asked_for.headers["Location"] == "/login?next=%2Fcourses%2Fc7"
    asked = browser.begin("/courses/c7")
    assert asked.root.get("AssertionConsumerServiceURL") == f"{BASE}/saml/acs"
    assert "courses" not in asked.relay_state
    page = browser.follow(browser.post_from_idp(lms.idp.response(asked, PUPIL)))
    assert page.request.path == "/courses/c7"
    assert "7 «Ә»" in page.text
    with lms.kit.database.read() as connection:
        assert connection.scalar(select(tables.sessions.c.sub)) == "aigerim@bilim.example"


@pytest.mark.parametrize("names", ["uri", "basic", "friendly"])
def test_attributes_come_under_any_of_their_names(lms: World, names: str) -> None:
    assert "7 «Ә»" in lms.browser().sign_in(PUPIL, names=names).text


def _answer(**lies: Any) -> Spoil:
    return lambda world, asked: world.idp.response(asked, PUPIL, **lies)


def _moved(world: World, asked: Asked) -> dict[str, str]:
    """Signature wrapping: the signed assertion is moved aside and an evil one takes its place."""
    form = world.idp.response(asked, PUPIL)
    root = etree.fromstring(base64.b64decode(form["SAMLResponse"]))
    signed = root.find(f"{{{SAML}}}Assertion")
    assert signed is not None
    evil = etree.fromstring(etree.tostring(signed))
    signature = evil[1]
    evil.remove(signature)
    evil.set("ID", "_evil")
    root.replace(signed, evil)
    extensions = etree.SubElement(evil, f"{{{SAML}}}Advice")
    extensions.append(signed)
    return world.idp.form(etree.tostring(root), asked.relay_state)


REFUSED: dict[str, tuple[Spoil, str]] = {
    "another audience": (_answer(audience="https://other.example/saml"), "WRONG_AUDIENCE"),
    "no audience": (_answer(audience=""), "Audience"),
    "another destination": (_answer(destination="https://other.example/saml/acs"), "WRONG_DESTINATION"),
    "a destination that begins alike": (_answer(destination=f"{BASE}/saml/acs/more"), "InResponseTo or Destination"),
    "another recipient": (_answer(recipient="https://other.example/saml/acs"), "WRONG_SUBJECTCONFIRMATION"),
    "another issuer": (_answer(issuer="https://other.example/idp"), "WRONG_ISSUER"),
    "unasked": (_answer(in_response_to="", confirmed=""), "InResponseTo"),
    "the answer to a request of nobody": (_answer(in_response_to="_nobody", confirmed="_nobody"), "InResponseTo"),
    "an assertion for another request": (_answer(confirmed="_other"), "WRONG_SUBJECTCONFIRMATION"),
    "an assertion for no request": (_answer(confirmed=""), "SubjectConfirmation"),
    "expired": (_answer(shift=-15.0), "ASSERTION_EXPIRED"),
    "not yet valid": (_answer(shift=15.0), "ASSERTION_TOO_EARLY"),
    "unsigned": (_answer(signed_by=""), "NO_SIGNED_ASSERTION"),
    "signed with an unknown key": (_answer(signed_by="stranger"), "INVALID_SIGNATURE"),
    "tampered": (_answer(tampered={"AIGERIM@": "SAULE@"}), "INVALID_SIGNATURE"),
    "wrapped": (_moved, "WRONG_NUMBER_OF_ASSERTIONS"),
    "an ID twice": (_answer(tampered={"<samlp:Status>": '<samlp:Status xml:id="_x" ID="_x">'}), "duplicate ID"),
    "RelayState of another host": (_answer(relay_state="https://evil.example/"), "RelayState"),
    "no XML": (lambda world, asked: world.idp.form(b"<!DOCTYPE a []><a/>", asked.relay_state), "DTDForbidden"),
    "no base64": (lambda _world, asked: {"SAMLResponse": "%%%", "RelayState": asked.relay_state}, "XMLSyntaxError"),
    "nothing": (lambda _world, _asked: {}, "not one response"),
    "a pairwise-id of another scope": (
        lambda world, asked: world.idp.response(asked, PUPIL | {"pairwise-id": "a@other.example"}),
        "pairwise-id",
    ),
}
_BAD_REQUESTS = ("InResponseTo", "not one response")


def test_what_is_not_right_is_refused_with_a_number(lms: World, told: pytest.LogCaptureFixture) -> None:
    for name, (spoil, reason) in REFUSED.items():
        browser = lms.browser()
        answer = browser.post_from_idp(spoil(lms, browser.begin()))
        assert answer.status_code == (400 if reason in _BAD_REQUESTS else 403), name
        assert [record.detail for record in told.records if hasattr(record, "detail")] == [reason], name
        told.clear()
        assert 'id="error-reference"' in answer.text, name
        assert "evil.example" not in answer.text
        assert not browser.is_signed_in(), name
    with lms.kit.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.sessions)) == 0


def test_an_answer_is_taken_once(lms: World) -> None:
    browser = lms.browser()
    first, second = browser.begin(), browser.begin()
    form = lms.idp.response(first, PUPIL, assertion_id="_one")
    assert browser.post_from_idp(form).status_code == 303
    assert browser.post_from_idp(form).status_code == 400
    assert browser.post_from_idp(lms.idp.response(second, PUPIL, assertion_id="_one")).status_code == 409
    assert clean_up(lms.kit.database, lms.clock.now(), [store.saml_messages])["saml_messages"] == 0
    lms.clock.advance(minutes=16)
    assert clean_up(lms.kit.database, lms.clock.now(), [store.saml_messages])["saml_messages"] == 1


def test_a_sign_in_belongs_to_the_browser_that_began_it(lms: World) -> None:
    """Login CSRF: a stranger's answer, posted by the victim's browser, makes no session there."""
    attacker, victim = lms.browser(), lms.browser()
    victim.begin()
    answer = victim.post_from_idp(lms.idp.response(attacker.begin(), PUPIL))
    assert answer.status_code == 303
    assert victim.follow(answer).status_code == 400
    assert not victim.is_signed_in()
    assert attacker.follow(answer).status_code == 400, "the code was used up"


def test_the_back_button_after_a_sign_in_leads_home(lms: World) -> None:
    browser = lms.browser()
    answer = browser.post_from_idp(lms.idp.response(browser.begin(), PUPIL))
    browser.follow(answer)
    assert browser.get(answer.headers["Location"]).headers["Location"] == "/"


def test_next_leads_nowhere_else(lms: World) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert lms.browser().get("/login", query_string={"next": target}).status_code == 400


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        (("Requester", "RequestDenied"), "sign-in-denied"),
        (("Responder", "AuthnFailed"), "sign-in-unfinished"),
        (("Responder",), "error-reference"),
    ],
)
def test_a_refusal_of_the_idp_is_told_kindly(lms: World, codes: tuple[str, ...], shown: str) -> None:
    browser = lms.browser()
    answer = browser.post_from_idp(lms.idp.refusal(browser.begin("/courses/c7"), *codes))
    assert answer.status_code == 403
    assert f'id="{shown}"' in answer.text


def test_the_session_ends_when_the_idp_says(lms: World) -> None:
    browser = lms.browser()
    browser.sign_in(PUPIL, hours=1)
    lms.clock.advance(minutes=59)
    assert browser.is_signed_in()
    lms.clock.advance(minutes=2)
    assert browser.get("/courses/c7").headers["Location"].startswith("/session-ended")


def test_signing_out_here_signs_out_at_the_idp(lms: World) -> None:
    browser = lms.browser()
    browser.sign_in(PUPIL, session_index="_a&b")
    answer = browser.submit("/", "/logout")
    asked = lms.idp.read(answer.headers["Location"])
    assert asked.text("samlp:SessionIndex") == "_a&b"
    assert asked.text("saml:NameID") == "name of AIGERIM@bilim.example"
    assert not browser.is_signed_in()
    page = browser.follow(browser.get(lms.idp.logout_response(asked)))
    assert 'id="signed-out"' in page.text
    assert 'id="signed-out-partly"' not in page.text
    assert browser.get(lms.idp.logout_response(asked)).headers["Location"] == "/", "taken once"

    browser.sign_in(PUPIL)
    asked = lms.idp.read(browser.submit("/", "/logout").headers["Location"])
    page = browser.follow(browser.get(lms.idp.logout_response(asked, "Responder", "PartialLogout")))
    assert 'id="signed-out-partly"' in page.text


def test_the_idp_ends_one_session_or_all(lms: World) -> None:
    one, other, teacher = lms.browser(), lms.browser(), lms.browser()
    one.sign_in(PUPIL, session_index="_1")
    other.sign_in(PUPIL, session_index="_2")
    teacher.sign_in(TEACHER)
    request = lms.idp.logout_request("name of AIGERIM@bilim.example", "_1")
    answer = lms.browser().get(request)  # in a frame of the IdP: no cookie
    location = answer.headers["Location"]
    assert location.startswith(f"{lms.idp.issuer}/saml/slo/done?")
    answered = lms.idp.read(location)
    assert answered.relay_state == "state of the IdP"
    assert [one.is_signed_in(), other.is_signed_in(), teacher.is_signed_in()] == [False, True, True]
    assert lms.browser().get(request).status_code == 409, "replayed"
    assert lms.browser().get(lms.idp.logout_request("name of AIGERIM@bilim.example")).status_code == 303
    assert [other.is_signed_in(), teacher.is_signed_in()] == [False, True]


def test_a_logout_request_that_is_not_right_ends_nothing(lms: World) -> None:
    browser = lms.browser()
    browser.sign_in(PUPIL)
    name, idp = "name of AIGERIM@bilim.example", lms.idp
    good = idp.logout_request(name)
    bomb = idp.redirect("SAMLRequest", " " * 3_000_000, "")
    for query in (
        idp.logout_request(name, signed_by=""),
        idp.logout_request(name, signed_by="stranger"),
        idp.logout_request(name, destination="https://other.example/saml/sls"),
        idp.logout_request(name, issuer="https://other.example/idp"),
        idp.logout_request(name, shift=-30),
        good.replace("state%20of", "another%20state%20of"),
        f"{good}&{idp.logout_request(name).partition('?')[2]}",
        good.replace("SAMLRequest", "SAML%52equest"),
        "/saml/sls",
        bomb,
    ):
        assert lms.browser().get(query).status_code in (400, 403), query[:80]
    assert browser.is_signed_in()


def test_signing_out_works_while_the_idp_is_away(lms: World) -> None:
    browser = lms.browser()
    browser.sign_in(PUPIL)
    lms.idp.served = lms.idp.metadata(until=lms.idp.time(minutes=100))
    lms.clock.advance(minutes=61)
    assert browser.get("/login").status_code == 303
    browser.get("/")
    lms.idp.served = b""
    lms.clock.advance(minutes=40)
    assert browser.get("/login").status_code == 503, "what it knew has ended"
    page = browser.follow(browser.submit("/", "/logout"))
    assert 'id="signed-out-partly"' in page.text
    assert not browser.is_signed_in()


def test_logs_hold_no_name_no_id_and_no_attribute(lms: World, told: pytest.LogCaptureFixture) -> None:
    browser = lms.browser()
    browser.sign_in(PUPIL)
    asked = browser.begin()
    browser.post_from_idp(lms.idp.response(asked, PUPIL, audience="https://other.example/saml"))
    browser.get(lms.idp.logout_request("name of AIGERIM@bilim.example"))
    lines = "\n".join(json.dumps(record.__dict__, default=str, ensure_ascii=False) for record in told.records)
    assert "WRONG_AUDIENCE" in lines
    for secret in ("aigerim", "AIGERIM", "Айгерім", asked.id, asked.relay_state, "other.example", "SAMLResponse="):
        assert secret not in lines
