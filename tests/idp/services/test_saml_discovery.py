"""services/saml_discovery: a federation may vouch for who asks; nobody makes us ask at will."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from idp.core.errors import NotFound
from idp.services import saml_discovery
from idp.services.saml_discovery import FORGET_AFTER
from idp.services.saml_terms import client_id_of
from idp.services.throttle import Limits
from tests.factories.saml_federation import Federation, member
from tests.factories.saml_house import database_kind
from tests.factories.saml_metadata import credential, entity

__all__ = ["database_kind"]

LMS = "https://lms.example/sp"


def _answer(fed: Federation, name: str = "lms", days: int = 7) -> None:
    until = (fed.clock.now() + timedelta(days=days)).strftime('validUntil="%Y-%m-%dT%H:%M:%SZ"')
    fed.answer(f"https://{name}.example/sp", member(name, about=until))


def test_who_admits_nobody_serves_nobody(fed: Federation) -> None:
    fed.aggregate(member("lms"))
    fed.mdq(admits="")
    assert fed.discovery.find(LMS) == ""
    assert fed.discovery.find("https://unknown.example/sp") == ""
    assert fed.asked == ["/all.xml"]
    with fed.uow.read() as tx:
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM throttles").scalar() == 0


def test_a_category_admits_and_its_lack_does_not(fed: Federation) -> None:
    fed.aggregate(member("lms"), member("plain", categories=()), admits="category")
    assert fed.discovery.find(LMS) == client_id_of(LMS)
    assert fed.discovery.find(LMS) == client_id_of(LMS)
    assert fed.discovery.find("https://plain.example/sp") == ""
    assert len(fed.events("client_added")) == 1


def test_what_the_operator_switched_off_or_removed_stays_away(fed: Federation) -> None:
    fed.aggregate(member("lms"), member("library"), admits="category")
    for name in (LMS, "https://library.example/sp"):
        fed.discovery.find(name)
    fed.providers.disable(LMS)
    fed.providers.remove("https://library.example/sp")
    assert fed.discovery.find("https://library.example/sp") == ""
    assert fed.client(fed.discovery.find(LMS)).is_disabled


def test_an_expired_aggregate_admits_nobody(fed: Federation) -> None:
    fed.aggregate(member("lms"), admits="category")
    fed.clock.advance(days=8)
    assert fed.discovery.find(LMS) == ""


def test_two_requests_at_once_admit_one_service(fed: Federation) -> None:
    fed.mdq()
    _answer(fed)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(fed.discovery.find(LMS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [client_id_of(LMS)] * 4
    assert len(fed.events("client_added")) == 1
    assert len(fed.providers.list()) == 1


def test_mdq_is_asked_once_and_a_no_is_remembered(fed: Federation) -> None:
    fed.mdq()
    assert [fed.discovery.find(LMS) for _ in range(3)] == ["", "", ""]
    assert fed.asked == ["/mdq/entities/https%3A%2F%2Flms.example%2Fsp"]
    fed.clock.moment += FORGET_AFTER
    _answer(fed)
    assert fed.discovery.find(LMS) == client_id_of(LMS)
    assert len(fed.asked) == 2
    kept = fed.entity()
    assert kept is not None
    assert kept.valid_until == fed.clock.now() + timedelta(days=7)


@pytest.mark.parametrize("wrong", ["another entity", "no end", "other key", "no category"])
def test_an_answer_that_cannot_be_believed_admits_nobody(fed: Federation, wrong: str) -> None:
    fed.mdq()
    _answer(fed)
    if wrong == "another entity":
        fed.answer(LMS, entity(entity_id="https://evil.example/sp", about='validUntil="2026-09-08T03:00:00Z"'))
    elif wrong == "no end":
        fed.answer(LMS, member("lms"))
    elif wrong == "other key":
        fed.key = credential(8)
        _answer(fed)
    else:
        fed.answer(LMS, member("lms", categories=(), about='validUntil="2026-09-08T03:00:00Z"'))
    assert fed.discovery.find(LMS) == ""
    assert fed.providers.list() == []
    assert fed.entity() is None
    assert fed.entity("https://evil.example/sp") is None


def test_questions_are_counted_for_everybody_together(fed: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saml_discovery, "LIMITS", Limits(account=3, window=timedelta(minutes=1)))
    fed.mdq()
    _answer(fed, "late")
    for number in range(10):
        assert fed.discovery.find(f"https://unknown{number}.example/sp") == ""
    assert len(fed.asked) == 3
    assert fed.discovery.find("https://late.example/sp") == ""
    fed.clock.advance(minutes=2)
    assert fed.discovery.find("https://late.example/sp")


def test_a_name_that_no_entity_can_have_is_not_asked_for(fed: Federation) -> None:
    fed.mdq()
    assert fed.discovery.find("x" * 1025) == fed.discovery.find("") == ""
    assert fed.asked == []


def test_the_operator_may_ask_every_source(fed: Federation) -> None:
    fed.aggregate(member("lms"))
    source_id = fed.mdq(admits="")
    _answer(fed, "library")
    assert fed.discovery.look_up(LMS)[0].entity_id == LMS
    assert fed.discovery.look_up("https://library.example/sp")[1] == source_id
    with pytest.raises(NotFound):
        fed.discovery.look_up("https://nobody.example/sp")
