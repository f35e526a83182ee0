"""web/api/me_consents: a yes needs two factors a moment ago; reading, declining and taking back by the same door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from idp.core import levels
from idp.core.clock import local_date
from idp.services.data_consents import in_force
from tests.factories.callers import Callers
from tests.factories.consent_ground import draft
from tests.factories.console import Console


def _text(console: Console) -> str:
    actor = console.parts.acting.actor(
        person_id=console.people["director"], membership_id=console.memberships["director"], acr=levels.EDS, amr=(),
        auth_time=console.clock.now(),
    )  # fmt: skip
    scope = console.parts.acting.at(actor, "consents.texts", console.school)
    texts = console.parts.consent_desk.texts
    text_id = texts.draft(scope, console.school, actor, "visits", "", draft())
    texts.publish(scope, text_id, actor)
    return text_id


def test_a_guardian_answers_for_a_child_with_two_factors_a_moment_ago(console: Console) -> None:
    text_id, people = _text(console), console.people
    api = Callers(console)
    guardian = api.of("guardian", acr=levels.MFA)
    sub = guardian.get("/me/children", "Children")["children"][0]["sub"]
    path, yes = f"/me/children/{sub}/consents", {"text": text_id, "answer": "yes", "language": "ru"}
    (school,) = guardian.get(path, "Consents")["schools"]
    assert (school["waiting"], school["asked"][0]["may"], school["asked"][0]["state"]) == (1, "sign", "missing")

    for acr, minutes in ((levels.PASSWORD, 0), (levels.MFA, 16)):
        answer = api.of("guardian", acr=acr, age=timedelta(minutes=minutes)).ask("POST", path, yes)
        assert answer.status_code == 401
        challenge = answer.headers["WWW-Authenticate"]
        assert 'error="insufficient_user_authentication"' in challenge
        assert f'acr_values="{levels.MFA}", max_age="900"' in challenge
    beside: list[Any] = [
        {"text": text_id},
        [],
        *(yes | one for one in ({"answer": "x"}, {"channel": "paper"}, {"more": "x"})),
    ]
    for wrong in beside:
        assert guardian.refused("POST", path, wrong) == (400, "invalid")

    given = guardian.post(path, "Consent", yes)
    assert (given["state"], given["channel"], given["relation"]) == ("given", "mfa", "parent")
    assert guardian.post(path, "Consent", yes)["id"] == given["id"], "twice is as good as once"
    assert _holds(console)
    assert api.of("director").refused("POST", f"{path}/{given['id']}/withdraw") == (404, "not_found")
    assert guardian.refused("POST", f"{path}/unknown/withdraw") == (404, "not_found")
    for _ in range(2):
        assert guardian.post(f"{path}/{given['id']}/withdraw", "Consent")["state"] == "withdrawn"
    assert not _holds(console)
    assert people["pupil"] not in str(guardian.get(path, "Consents"))


def test_a_pupil_reads_and_may_not_answer(console: Console) -> None:
    text_id = _text(console)
    pupil = Callers(console).of("pupil")
    (school,) = pupil.get("/me/consents", "Consents")["schools"]
    assert school["asked"][0]["may"] == "read"
    answer = {"text": text_id, "answer": "no"}
    assert pupil.refused("POST", "/me/consents", answer) == (403, "consent_under_age")
    assert pupil.refused("POST", "/me/consents/unknown/acknowledge") == (404, "not_found")


def _holds(console: Console) -> bool:
    with console.parts.uow.read() as tx:
        return in_force(tx, console.people["pupil"], "visits", today=local_date(console.clock.now()))
