"""store/consent_release: a pupil's data waits for a consent where the school asks for one, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from idp.core import levels
from idp.core.clock import FixedClock, local_date
from idp.core.ids import fingerprint, new_id
from idp.core.scope import Scope
from idp.store import consent_release, grants
from idp.store.grants import HistoryRow
from tests.factories.consent_ground import PASSING, ConsentGround, consent_ground, contents
from tests.factories.relying_party import document


def test_only_pupils_of_a_school_that_asks_need_one(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with consent_ground(database_url, tmp_path, clock) as ground:
        for client_id in ("textbooks", "lms"):
            ground.parts.clients.add(document(client_id, bilim_consent="ask"), replace=True)
        grant_id = add_grant(ground, "nurlan")

        def lacks(name: str, client_id: str = "textbooks") -> bool:
            today, membership_id = local_date(clock.now()), ground.memberships.get(name)
            with ground.parts.uow.read() as tx:
                return consent_release.lacks(tx, ground.people[name], client_id, membership_id, today=today)

        assert not lacks("nurlan")
        text_id = ground.publish("textbooks", "textbooks", contents=contents(third_parties=PASSING))
        assert history(ground, grant_id).revoked_at is not None  # Who was signed in there comes back and is asked.
        assert [lacks(name) for name in ("nurlan", "aigerim", "marat", "gulnara")] == [True, True, False, False]
        assert not lacks("nurlan", "lms")
        ground.publish("automated_decision", "lms", contents=contents(third_parties=PASSING))
        assert not lacks("nurlan", "lms")  # Another purpose: saying no to it does not lock anybody out.
        record_id = ground.give("gulnara", "nurlan", text_id)
        assert (lacks("nurlan"), lacks("aigerim")) == (False, True)
        grant_id = add_grant(ground, "nurlan")
        ground.desk.withdrawals.withdraw(ground.hand("serik"), ground.people["nurlan"], record_id)
        assert lacks("nurlan")
        assert history(ground, grant_id).revoked_at == clock.now()
        ground.desk.texts.retire(ground.scope, text_id, ground.actor())
        assert (lacks("nurlan"), lacks("aigerim"), lacks("marat")) == (True, True, False)  # Not asked is not agreed.


def add_grant(ground: ConsentGround, name: str) -> str:
    now, grant_id = ground.clock.now(), new_id()
    row = {
        "id": grant_id, "client_id": "textbooks", "person_id": ground.people[name],
        "membership_id": ground.memberships[name], "scope": "openid", "resource": [], "redirect_uri": "", "nonce": "",
        "code_challenge": "", "acr": "", "amr": [], "auth_time": now, "code_hash": fingerprint(grant_id),
        "code_expires_at": now, "created_at": now, "expires_at": now,
    }  # fmt: skip
    with ground.parts.uow.write() as tx:
        opened = ground.parts.sessions.open(
            tx, person_id=ground.people[name], acr=levels.PASSWORD, amr=("pwd",), is_shared=False, browser=""
        )
        grants.add(tx, row | {"session_id": opened.session_id})
    return grant_id


def history(ground: ConsentGround, grant_id: str) -> HistoryRow:
    with ground.parts.uow.read() as tx:
        found = grants.history(tx, grant_id)
    assert found is not None
    return found


def test_who_is_withheld_of_many_and_where(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with consent_ground(database_url, tmp_path, clock) as ground:
        ground.parts.clients.add(document("textbooks", bilim_consent="ask"), replace=True)
        scope = Scope("", "client", (ground.school,))
        today = local_date(clock.now())

        def asked() -> list[tuple[str, str]]:
            with ground.parts.uow.read() as tx:
                return consent_release.asked_at(tx, scope, "textbooks")

        assert asked() == []
        text_id = ground.publish("textbooks", "textbooks", contents=contents(third_parties=PASSING))
        assert asked() == [(ground.school, "textbooks")]
        ground.give("gulnara", "nurlan", text_id)
        with ground.parts.uow.read() as tx:
            found = consent_release.withheld(tx, scope, "textbooks", asked(), ground.people.values(), today=today)
        pupil = ground.people["aigerim"]
        assert pupil in found.people
        assert (ground.school, pupil) in found.at
        assert found.people.isdisjoint({ground.people[name] for name in ("nurlan", "marat", "gulnara")})
        ground.desk.texts.retire(ground.scope, text_id, ground.actor())
        assert asked() == [(ground.school, "textbooks")]  # Nobody is asked any more, and nothing flows without a yes.
        text_id = ground.publish("textbooks", "textbooks", contents=contents(third_parties=PASSING))
        law = {"kk": "Заңның 47-бабы", "ru": "Статья 47 Закона"}
        ground.desk.texts.rest_on_law(ground.scope, text_id, ground.actor(), law)
        with ground.parts.uow.read() as tx:
            place = ground.memberships["aigerim"]
            assert not consent_release.lacks(tx, pupil, "textbooks", place, today=today)
        assert asked() == []
