"""The demo school asks its parents: texts, a campaign under way, and answers on paper, made once."""

from __future__ import annotations

from idp.app import templates_folder
from idp.core.clock import FixedClock
from idp.documents import consent_drafts
from idp.parts import Parts
from idp.services import scope as scopes
from idp.services.demo import SCHOOL_BIN
from idp.services.demo_consents import make_consents
from idp.store import people
from idp.store.models.consents import PURPOSES
from tests.factories.factor_ground import FactorGround
from tests.idp.services.test_demo import _demo


def _make(parts: Parts, school: str = SCHOOL_BIN) -> None:
    templates = templates_folder()
    make_consents(
        parts.uow, parts.clock, parts.consent_desk, school,
        lambda purpose, facts: consent_drafts.draft(templates, purpose, facts), director="saule", secretary="gauhar",
    )  # fmt: skip


def test_a_parent_is_asked_and_the_school_sees_how_far_it_is(ground: FactorGround, clock: FixedClock) -> None:
    parts = ground.parts
    _demo(parts.uow, clock)
    desk = parts.consent_desk
    _make(parts, "000000000000")
    for _ in range(2):
        _make(parts)
    with parts.uow.read() as tx:
        (school,) = people.schools(tx, SCHOOL_BIN)
        gulnara = str(people.by_username(tx, "gulnara"))
    scope = scopes.of_operator((school,))
    texts = desk.texts.all(scope)
    assert {text.purpose for text in texts} == set(PURPOSES) - {"other"}
    assert all(text.published_at and text.recipient == "" for text in texts), "no demo sign-in waits for a consent"
    assert "ойдан алынған" in next(text for text in texts if text.purpose == "lms").contents["third_parties"]["kk"]
    ((campaign, state),) = desk.campaigns.all(scope)
    assert ("ойдан алынған" in campaign.title, state) == (True, "open")
    whole = desk.campaigns.progress(scope, campaign.id).whole
    assert (whole.pupils, whole.answered, whole.given) == (8, 3, 3)
    assert desk.reading.waiting(gulnara) == 2 * (len(PURPOSES) - 1)
