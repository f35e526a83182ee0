"""services/consent_texts: versions that never change, and what a new one does to what was given before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from idp.core.errors import Conflict, Invalid, NotFound
from idp.services.consent_contents import Incomplete
from idp.services.consent_texts import Draft
from idp.store.models.consents import ConsentText
from tests.factories.consent_ground import ConsentGround, contents, draft


def test_a_published_text_never_changes_and_the_next_is_a_version(consent_ground: ConsentGround) -> None:
    texts, scope, actor = consent_ground.desk.texts, consent_ground.scope, consent_ground.actor()
    first = texts.draft(scope, consent_ground.school, actor, "visits", "", draft(contents=contents(operator_bin="")))
    with pytest.raises(Conflict) as waits:
        texts.draft(scope, consent_ground.school, actor, "visits", "", draft())
    assert waits.value.code == "consent_draft_exists"
    with pytest.raises(Incomplete) as lacks:
        texts.publish(scope, first, actor)
    assert lacks.value.missing == list(texts.look(scope, first).missing) == ["operator_bin"]
    texts.change(scope, first, actor, draft())
    texts.publish(scope, first, actor)
    texts.publish(scope, first, actor)
    assert len(consent_ground.events("consent_text_published")) == 1
    assert consent_ground.events("consent_text_changed") == [{"text": first, "version": 1}]
    with pytest.raises(Conflict) as fixed:
        texts.change(scope, first, actor, draft())
    with pytest.raises(Conflict) as kept:
        texts.drop(scope, first, actor)
    assert fixed.value.code == kept.value.code == "consent_text_published"
    second = consent_ground.publish(title={"kk": "Келіп-кету", "ru": "Посещения"})
    shown = {row.id: row for row in texts.all(scope)}
    assert (shown[first].version, shown[second].version) == (1, 2)
    assert (shown[first].is_current, shown[second].is_current) == (False, True)
    assert texts.look(scope, first).sha256_is_whole


def test_a_better_wording_asks_again_and_what_was_given_holds_meanwhile(consent_ground: ConsentGround) -> None:
    consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    text = consent_ground.publish(title={"kk": "Келіп-кету", "ru": "Посещения"})
    assert consent_ground.holds("nurlan")
    about = consent_ground.desk.reading.about(consent_ground.people["gulnara"], consent_ground.people["nurlan"])[0]
    assert [(item.text.id, item.state, item.is_waiting) for item in about.items] == [(text, "renewed", True)]
    old = consent_ground.record("nurlan").id
    new = consent_ground.give("serik", "nurlan", text)
    assert consent_ground.record("nurlan", old).state == "expired"
    assert consent_ground.changes() == [("added", old), ("ended", old), ("added", new)]


def test_a_text_that_asks_for_more_ends_what_was_given_to_less(consent_ground: ConsentGround) -> None:
    consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    wider = contents(data={"kk": ["аты-жөні", "суреті"], "ru": ["имя", "фото"]})
    texts, scope = consent_ground.desk.texts, consent_ground.scope
    text_id = texts.draft(scope, consent_ground.school, consent_ground.actor(), "visits", "", draft(contents=wider))
    assert texts.look(scope, text_id).is_wider
    assert texts.publish(scope, text_id, consent_ground.actor()) == 1
    assert not consent_ground.holds("nurlan")
    assert consent_ground.changes()[-1][0] == "ended"
    consent_ground.give("gulnara", "nurlan", text_id)
    assert consent_ground.holds("nurlan")


def test_each_school_has_its_own_and_no_other_may_look(consent_ground: ConsentGround) -> None:
    text_id = consent_ground.publish()
    foreign = replace(consent_ground.scope, schools=(consent_ground.other,))
    with pytest.raises(NotFound):
        consent_ground.desk.texts.look(foreign, text_id)
    with pytest.raises(NotFound):
        consent_ground.desk.texts.drop(foreign, text_id, consent_ground.actor())
    with pytest.raises(NotFound):
        consent_ground.desk.texts.draft(foreign, consent_ground.school, consent_ground.actor(), "lms", "", draft())
    for purpose, recipient in (("gossip", ""), ("lms", "nobody")):
        with pytest.raises(Invalid):
            consent_ground.desk.texts.draft(
                consent_ground.scope, consent_ground.school, consent_ground.actor(), purpose, recipient, draft()
            )


def test_a_retired_text_is_asked_of_nobody(consent_ground: ConsentGround) -> None:
    text_id = consent_ground.publish()
    consent_ground.give("gulnara", "nurlan", text_id)
    consent_ground.desk.texts.retire(consent_ground.scope, text_id, consent_ground.actor())
    assert consent_ground.holds("nurlan")
    with pytest.raises(Conflict):
        consent_ground.give("gulnara", "aigerim", text_id)


def test_a_law_takes_the_place_of_consent_and_everybody_reads_which(consent_ground: ConsentGround) -> None:
    desk, actor, people = consent_ground.desk, consent_ground.actor(), consent_ground.people
    scope = consent_ground.scope
    text_id = consent_ground.publish()
    given = consent_ground.give("gulnara", "nurlan", text_id)
    taken = consent_ground.give("gulnara", "aigerim", text_id)
    desk.withdrawals.withdraw(consent_ground.hand("gulnara"), people["aigerim"], taken)
    law = {"kk": "«Білім туралы» Заңның 47-бабы", "ru": "Статья 47 Закона «Об образовании»"}
    with pytest.raises(Invalid) as empty:
        desk.texts.rest_on_law(scope, text_id, actor, law | {"ru": " "})
    assert empty.value.code == "basis"
    waits = desk.texts.draft(scope, consent_ground.school, actor, "visits", "", draft())
    with pytest.raises(Conflict):
        desk.texts.rest_on_law(scope, text_id, actor, law)
    desk.texts.drop(scope, waits, actor)
    assert [desk.texts.rest_on_law(scope, text_id, actor, law) for _ in range(2)] == [1, 0]
    assert not consent_ground.holds("nurlan")
    row = consent_ground.record("nurlan", given)
    assert (row.state, row.proof["ended"], row.proof["basis"], desk.seals.holds(row)) == (
        "expired", "other_basis", law, True,
    )  # fmt: skip
    assert consent_ground.record("aigerim").state == "withdrawn"  # Still to be answered.
    assert consent_ground.changes()[-1] == ("ended", given)
    assert consent_ground.events("consent_text_retired")[0]["ended"] == 1
    (about,) = desk.reading.about(people["gulnara"], people["nurlan"])
    assert ([one.id for one in about.by_law], about.items, about.waiting) == ([given], [], 0)
    newest = desk.texts.all(scope)[0]
    assert (newest.version, newest.is_current, newest.contents["basis"]) == (2, False, law)
    assert desk.texts.look(scope, newest.id).sha256_is_whole
    with pytest.raises(Conflict):
        consent_ground.give("gulnara", "nurlan", text_id)
    again = Draft(newest.title, newest.body, newest.contents)
    asked = desk.texts.draft(scope, consent_ground.school, actor, "visits", "", again)
    desk.texts.publish(scope, asked, actor)
    assert "basis" not in desk.texts.look(scope, asked).text.contents
    consent_ground.give("gulnara", "nurlan", asked)
    assert consent_ground.holds("nurlan")
    assert desk.reading.about(people["gulnara"], people["nurlan"])[0].by_law == []


def test_an_edit_of_a_published_text_behind_our_back_is_found(consent_ground: ConsentGround) -> None:
    text_id = consent_ground.publish()
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    with consent_ground.parts.uow.write() as tx:
        where = (ConsentText.id == text_id, ConsentText.school_id == consent_ground.school)
        tx.connection.execute(update(ConsentText).where(*where).values(body={"kk": "Бәріне", "ru": "На всё"}))
    assert not consent_ground.desk.texts.look(consent_ground.scope, text_id).sha256_is_whole
    people = consent_ground.people
    assert not consent_ground.desk.reading.evidence(people["gulnara"], people["nurlan"], record_id).is_whole
