"""services/consent_campaigns: numbers by class, within what a role reaches."""

from __future__ import annotations

import pytest

from idp.core.clock import FixedClock
from idp.core.errors import NotFound
from idp.services.consent_campaigns import days_left
from idp.services.forms import Wrong
from tests.factories.consent_ground import ConsentGround, contents
from tests.factories.console import add_enrolment

DAYS = {"title": "Қыркүйек", "begin": "2026-09-02", "end": "2026-09-20"}


def test_numbers_of_a_campaign(consent_ground: ConsentGround, clock: FixedClock) -> None:
    campaigns, scope, actor = consent_ground.desk.campaigns, consent_ground.scope, consent_ground.actor()
    visits, photo = consent_ground.publish(), consent_ground.publish("photo")
    campaign_id = campaigns.begin(scope, consent_ground.school, actor, DAYS, [visits, photo], [])
    for text_id in (visits, photo):
        consent_ground.give("gulnara", "nurlan", text_id)
    consent_ground.give("gulnara", "aigerim", visits)
    consent_ground.desk.acts.decline(consent_ground.hand("serik"), consent_ground.people["aigerim"], photo)
    consent_ground.give("gulnara", "daulet", visits)
    shown = campaigns.progress(scope, campaign_id)
    assert [(one.title, one.pupils, one.answered, one.given) for one in shown.classes] == [
        ("1 «А»", 1, 1, 1),
        ("7 «Ә»", 2, 1, 0),
    ]
    assert (shown.whole.pupils, shown.whole.answered, shown.whole.given, shown.whole.percent) == (3, 2, 1, 66)
    assert shown.by_text[photo] == {"given": 1, "declined": 1, "missing": 1}
    assert [(one.name, [text.id for text in one.texts]) for one in shown.silent] == [("Серікова Daulet", [photo])]
    assert (shown.state, days_left(shown.campaign, shown.campaign.begin)) == ("coming", 18)
    own = campaigns.progress(consent_ground.class_scope(), campaign_id)
    assert [one.title for one in own.classes] == ["7 «Ә»"]
    assert own.by_text[visits] == {"given": 2}
    with consent_ground.parts.uow.write() as tx:
        add_enrolment(tx, consent_ground.school, consent_ground.grade1, consent_ground.people["aigerim"], "pupil")
    both = campaigns.progress(scope, campaign_id)
    assert ([one.pupils for one in both.classes], both.whole.pupils, both.by_text[visits]["given"]) == ([2, 2], 3, 3)
    # A withdrawal is an answer; a term that ran out is none.
    consent_ground.desk.withdrawals.withdraw(
        consent_ground.hand("serik"), consent_ground.people["nurlan"], consent_ground.record("nurlan").id
    )
    assert campaigns.progress(scope, campaign_id).whole.answered == 2
    clock.moment = clock.moment.replace(day=15)  # Daulet comes of age, so what his mother said is over.
    after = campaigns.progress(scope, campaign_id)
    assert ([len(one.texts) for one in after.silent], after.state) == ([2], "open")


def test_a_campaign_is_checked_and_closed(consent_ground: ConsentGround) -> None:
    campaigns, scope, actor = consent_ground.desk.campaigns, consent_ground.scope, consent_ground.actor()
    text_id, staff = consent_ground.publish(), consent_ground.publish("photo", contents=contents(audience="staff"))
    for sent, texts, classes, wrong in (
        ({}, [], [], {"title", "begin", "end", "texts"}),
        (DAYS | {"end": "2026-09-01"}, [text_id], [], {"end"}),
        (DAYS, [staff], ["0" * 32], {"texts", "classes"}),
    ):
        with pytest.raises(Wrong) as refused:
            campaigns.begin(scope, consent_ground.school, actor, sent, texts, classes)
        assert set(refused.value.fields) == wrong
    campaign_id = campaigns.begin(scope, consent_ground.school, actor, DAYS, [text_id], [consent_ground.grade1])
    assert [one.title for one in campaigns.progress(scope, campaign_id).classes] == ["1 «А»"]
    assert campaigns.all(consent_ground.class_scope()) == []
    for call in (
        lambda: campaigns.progress(consent_ground.class_scope(), campaign_id),
        lambda: campaigns.progress(scope, campaign_id, class_id=consent_ground.klass),
        lambda: campaigns.close(scope, "0" * 32, actor),
    ):
        with pytest.raises(NotFound):
            call()
    for _ in range(2):
        campaigns.close(scope, campaign_id, actor)
    assert len(consent_ground.events("consent_campaign_closed")) == 1
    assert [state for _, state in campaigns.all(scope)] == ["closed"]
