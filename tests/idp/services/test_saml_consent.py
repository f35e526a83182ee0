"""services/saml_consent: the values that the assertion carries, and an answer of the kind that both protocols share."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from idp.saml.entity import Settings
from idp.saml.errors import PageError
from idp.services.saml_consent import SCOPE
from idp.services.saml_logout import KIND
from idp.store import audit, consents, outbox
from idp.store.models.people import Person
from tests.factories.saml_ground import ASKED
from tests.factories.saml_house import SamlHouse, database_kind
from tests.flows.school import NAME, SCHOOL
from tests.idp.web.conftest import app

__all__ = ["app", "database_kind"]


def test_the_page_shows_what_goes_and_the_answer_is_kept_and_taken_back(app: Flask) -> None:
    house = SamlHouse(app)
    lms = house.service("lms", 2, consent="ask")
    house.browser.go(lms.address())
    interaction_id = house.browser.page.request.args["i"]
    cookie = house.browser.client.get_cookie("bilim_id")
    with house.browser.client.session_transaction() as kept:
        who = {"session_token": cookie.value if cookie else "", "browser": kept["browser"]}
    asked = house.parts.saml_door.consents
    page = asked.page(interaction_id, **who, language="ru")
    assert (page.client["name"], page.person["name"]) == ("Площадка", NAME)
    assert page.membership == {"role": "pupil", "school": SCHOOL}
    assert {one["key"] for one in page.values} == {"pairwise-id", "displayName", "eduPersonScopedAffiliation"}
    assert page.redirect_uri == "https://lms.example/acs"
    for wrong in ({"browser": "another"}, {"session_token": "another"}):
        with pytest.raises(PageError):
            asked.page(interaction_id, **(who | wrong))
    asked.note_refusal(interaction_id, **who)
    asked.allow(interaction_id, **who)
    person_id, now = house.school.person_id, house.parts.clock.now()
    with house.parts.uow.read() as tx:
        (row,) = consents.standing(tx, person_id)
        assert (row.client_id, list(row.scopes), set(row.claims)) == (lms.client_id, [SCOPE], set(ASKED))
        assert audit.happened(tx, "consent_refused", since=now, person_id=person_id)
        assert audit.happened(tx, "consent_given", since=now, person_id=person_id)
    shown = lms.enter(house.browser).attributes
    assert {one["key"]: one["values"] for one in page.values} == shown
    assert house.parts.permissions.withdraw(person_id, lms.client_id)
    with house.parts.uow.write() as tx:
        (told,) = outbox.claim(tx, kinds=[KIND], now=now, hold=timedelta(minutes=2), limit=9)
    assert told.data["client_id"] == lms.client_id
    house.browser.go(lms.address())
    assert house.browser.page.request.path == "/consent"


def test_structured_values_are_shown_by_the_word_a_person_knows_and_a_name_that_tells_is_shown_too(app: Flask) -> None:
    house = SamlHouse(app)
    with house.parts.uow.write() as tx:
        born = update(Person).where(Person.id == house.school.person_id).values(birth_date=date(2013, 5, 17))
        tx.connection.execute(born)
    asked = ("bilimRoles", "bilimSchool", "preferredLanguage", "eduPersonTargetedID", "schacDateOfBirth")
    lms = house.service("lms", 2, consent="ask", attributes=asked, settings=Settings(name_id="unspecified"))
    house.browser.go(lms.address())
    page = house.browser.page.text
    for shown in ("Оқушы", SCHOOL, "Қазақ", house.school.username):
        assert shown in page
    main = page.split("<main")[1]
    assert "{" not in main
    assert "NameId" not in main
    assert "туған күні" not in main.split('class="not"')[1].split("</p>")[0], "it is among what goes"
    house.browser.submit("/consent", answer="allow")
    assert lms.hear(house.browser).name_id["value"] == house.school.username
    with house.parts.uow.read() as tx:
        (row,) = consents.standing(tx, house.school.person_id)
    assert set(row.claims) == {*asked, "uid"}
