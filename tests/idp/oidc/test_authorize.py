"""oidc/authorize: the table of checks, and the order of what a person is asked."""

from __future__ import annotations

from typing import Any

import pytest

from idp.core import levels
from idp.jose import compact
from idp.oidc import interaction
from idp.oidc.authorization import FormPost, Interact, Need, Redirect
from idp.oidc.authorize import PERSON_CHECKS, REQUEST_CHECKS, deny
from idp.oidc.checks import client, consent, login, redirect_uri
from idp.oidc.errors import PageError
from idp.oidc.request import collect
from idp.store.consents import ConsentRow
from tests.factories.oidc import BROWSER, ISSUER, OTHER_PERSON, PERSON, Provider, key_of


def _asked(provider: Provider, **changes: str) -> Interact:
    answer = provider.authorize(**changes)
    assert isinstance(answer, Interact), answer
    return answer


def test_client_and_redirect_uri_are_checked_before_anything_is_told_by_redirect() -> None:
    assert REQUEST_CHECKS[:3] == (client.known, client.in_force, redirect_uri.registered)


def test_nobody_is_asked_to_agree_before_they_have_signed_in() -> None:
    assert PERSON_CHECKS[0] is login.present
    assert PERSON_CHECKS[-1] is consent.given


def test_a_code_comes_back_with_state_and_iss(provider: Provider) -> None:
    found = provider.came_back()
    assert set(found) == {"code", "state", "iss"}
    assert (found["state"], found["iss"]) == ("the state", ISSUER)
    assert provider.world.event_names() == ["code_issued"]


def test_the_code_is_kept_only_as_a_hash(provider: Provider) -> None:
    code = provider.code()
    assert code not in repr(provider.world.grants)


def test_an_error_carries_iss_too(provider: Provider) -> None:
    found = provider.came_back(response_type="token")
    assert found == {
        "error": "unsupported_response_type",
        "error_description": "only response_type code is supported",
        "state": "the state",
        "iss": ISSUER,
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": ""}, "invalid_client"),
        ({"redirect_uri": ""}, "invalid_redirect_uri"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_redirect_uri"),
    ],
)
def test_what_cannot_be_told_by_redirect_is_shown(provider: Provider, changes: dict[str, str], code: str) -> None:
    with pytest.raises(PageError) as caught:
        provider.authorize(**changes)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_address_is_shown(provider: Provider, name: str) -> None:
    pairs = [*provider.params().values.items(), (name, provider.params().get(name))]
    with pytest.raises(PageError):
        provider.authorize(collect(pairs))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://vendor.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "iin"}, "invalid_scope"),
        ({"scope": 'openid "quoted"'}, "invalid_scope"),
        ({"resource": "https://canteen.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"id_token_hint": "not.a.token"}, "invalid_request"),
        ({"state": "x" * 3000}, "invalid_request"),
        ({"nonce": "x" * 3000}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_by_redirect(provider: Provider, changes: dict[str, str], error: str) -> None:
    found = provider.came_back(**changes)
    assert found["error"] == error
    assert found["iss"] == ISSUER
    assert not provider.world.grants


def test_scopes_that_are_not_approved_are_left_out(provider: Provider) -> None:
    provider.code(scope="openid iin profile")
    (grant,) = provider.world.grants.values()
    assert grant["scope"] == "openid profile"


def test_a_legacy_client_may_leave_pkce_out(provider: Provider) -> None:
    provider.add_client("moodle", profile="legacy")
    assert provider.code(client_id="moodle", code_challenge="", code_challenge_method="", nonce="")


def test_a_public_legacy_client_may_not(provider: Provider) -> None:
    provider.add_client("app", profile="legacy", token_endpoint_auth_method="none")
    found = provider.came_back(client_id="app", code_challenge="", code_challenge_method="")
    assert found["error"] == "invalid_request"


def test_form_post_hands_the_fields_over(provider: Provider) -> None:
    answer = provider.authorize(response_mode="form_post")
    assert isinstance(answer, FormPost)
    assert [name for name, _ in answer.fields] == ["code", "state", "iss"]


def test_without_a_session_the_person_signs_in_and_the_request_goes_on(provider: Provider) -> None:
    asked = _asked(provider, cookie="")
    assert asked.need is Need.LOGIN
    answer = provider.authorize(interaction_id=asked.interaction_id)
    assert isinstance(answer, Redirect)


def test_prompt_none_never_shows_anything(provider: Provider) -> None:
    assert provider.came_back(prompt="none")["code"]
    assert provider.came_back(prompt="none", cookie="")["error"] == "login_required"
    provider.add_client("vendor", consent="ask")
    assert provider.came_back(client_id="vendor", prompt="none")["error"] == "consent_required"


def test_prompt_login_is_met_only_by_a_sign_in_after_it(provider: Provider) -> None:
    provider.clock.advance(minutes=1)
    asked = _asked(provider, prompt="login")
    assert isinstance(provider.authorize(interaction_id=asked.interaction_id), Interact)
    provider.clock.advance(seconds=5)
    provider.sign_in()
    assert isinstance(provider.authorize(interaction_id=asked.interaction_id), Redirect)


def test_select_account_asks_as_login_does(provider: Provider) -> None:
    provider.clock.advance(minutes=1)
    assert _asked(provider, prompt="select_account").need is Need.LOGIN


def test_max_age_counts_from_the_last_sign_in(provider: Provider) -> None:
    provider.clock.advance(seconds=100)
    assert provider.code(max_age="100")
    assert _asked(provider, max_age="99").need is Need.LOGIN
    assert provider.came_back(max_age="0", prompt="none")["error"] == "login_required"


def test_the_clients_own_default_max_age_counts(provider: Provider) -> None:
    provider.add_client("strict", default_max_age=60)
    provider.clock.advance(seconds=61)
    assert _asked(provider, client_id="strict").need is Need.LOGIN


def test_a_hint_for_somebody_else_is_not_answered(provider: Provider) -> None:
    hint = provider.tokens().id_token
    assert provider.code(id_token_hint=hint)
    provider.clock.advance(hours=5)
    assert provider.code(id_token_hint=hint, prompt="none"), "an expired hint is fine"
    provider.sign_in(OTHER_PERSON)
    assert provider.came_back(id_token_hint=hint, prompt="none")["error"] == "login_required"
    asked = _asked(provider, id_token_hint=hint)
    provider.clock.advance(seconds=5)
    provider.sign_in(OTHER_PERSON)
    answer = provider.authorize(interaction_id=asked.interaction_id)
    assert isinstance(answer, Redirect)
    assert "error=login_required" in answer.uri


def test_a_hint_that_we_did_not_sign_is_refused(provider: Provider) -> None:
    hint = provider.tokens().id_token
    claims = compact.read(hint, typ=("jwt",)).unverified_claims
    forged = compact.sign(claims, key_of("ES256", "key-of-mallory"), typ="JWT")
    assert provider.came_back(id_token_hint=forged)["error"] == "invalid_request"
    assert provider.came_back(id_token_hint=hint[:-4] + "AAAA")["error"] == "invalid_request"


def test_a_hint_of_another_client_is_refused(provider: Provider) -> None:
    hint = provider.tokens().id_token
    provider.add_client("cabinet")
    assert provider.came_back(client_id="cabinet", id_token_hint=hint)["error"] == "invalid_request"


@pytest.mark.parametrize("asked", [levels.PASSWORD, "2", "1", "1 4", "urn:unknown", f"urn:unknown {levels.PUPIL}"])
def test_a_level_that_is_met_asks_nothing(provider: Provider, asked: str) -> None:
    assert provider.code(acr_values=asked)


def test_a_higher_level_asks_for_a_sign_in_once(provider: Provider) -> None:
    assert provider.came_back(acr_values=levels.EDS, prompt="none")["error"] == "login_required"
    asked = _asked(provider, acr_values=levels.EDS)
    assert asked.need is Need.LOGIN
    provider.clock.advance(seconds=5)
    provider.sign_in()
    assert isinstance(provider.authorize(interaction_id=asked.interaction_id), Redirect)


def test_consent_is_asked_again_when_more_is_wanted(provider: Provider) -> None:
    provider.add_client("vendor", consent="ask")
    assert _asked(provider, client_id="vendor").need is Need.CONSENT
    now = provider.clock.now()
    key = (PERSON, "vendor", "membership-1")
    provider.world.consents[key] = ConsentRow(["openid", "profile"], ["name", "given_name"], now)
    assert provider.code(client_id="vendor")
    assert _asked(provider, client_id="vendor", scope="openid profile email").need is Need.CONSENT
    provider.add_client("vendor", consent="ask", approved_claims=["name", "given_name", "locale"])
    assert _asked(provider, client_id="vendor").need is Need.CONSENT, "the operator approved more"


def test_consent_in_one_membership_is_none_in_another(provider: Provider) -> None:
    provider.add_client("vendor", consent="ask")
    key = (PERSON, "vendor", "membership-2")
    provider.world.consents[key] = ConsentRow(["openid", "profile"], ["name", "given_name"], provider.clock.now())
    assert _asked(provider, client_id="vendor").need is Need.CONSENT


def test_prompt_consent_asks_even_who_agreed_before(provider: Provider) -> None:
    key = (PERSON, "textbooks", "membership-1")
    old = ConsentRow(["openid", "profile"], ["name", "given_name"], provider.clock.now())
    provider.world.consents[key] = old
    provider.clock.advance(minutes=1)
    asked = _asked(provider, prompt="consent")
    assert asked.need is Need.CONSENT
    provider.clock.advance(seconds=5)
    provider.world.consents[key] = old._replace(given_at=provider.clock.now())
    assert isinstance(provider.authorize(interaction_id=asked.interaction_id), Redirect)


def test_a_client_serves_only_schools_it_is_switched_on_for(provider: Provider) -> None:
    provider.add_client("vendor", all_schools=False)
    with pytest.raises(PageError, match="not switched on") as caught:
        provider.authorize(client_id="vendor")
    assert caught.value.code == "client_not_for_school"
    assert provider.came_back(client_id="vendor", prompt="none")["error"] == "access_denied"
    provider.sign_in(is_client_on=True)
    assert provider.code(client_id="vendor")


@pytest.mark.parametrize("change", [{"is_disabled": True}, {"end_date": "yesterday"}])
def test_a_client_that_is_off_is_refused(provider: Provider, change: dict[str, Any]) -> None:
    today = provider.clock.now().date()
    provider.add_client(
        "textbooks", **{k: today.replace(year=today.year - 1) if k == "end_date" else v for k, v in change.items()}
    )
    with pytest.raises(PageError) as caught:
        provider.authorize()
    assert caught.value.code == "client_disabled"


def test_the_end_date_is_the_last_good_day(provider: Provider) -> None:
    provider.add_client(end_date=provider.clock.now().date())
    assert provider.code()


def test_everything_is_checked_again_after_the_pause(provider: Provider) -> None:
    asked = _asked(provider, cookie="")
    provider.add_client(redirect_uris=["https://elsewhere.example/callback"])
    with pytest.raises(PageError) as caught:
        provider.authorize(interaction_id=asked.interaction_id)
    assert caught.value.code == "invalid_redirect_uri"


def test_a_client_that_lost_the_code_flow_gets_no_code(provider: Provider) -> None:
    asked = _asked(provider, cookie="")
    provider.add_client(grant_types=["client_credentials"])
    answer = provider.authorize(interaction_id=asked.interaction_id)
    assert isinstance(answer, Redirect)
    assert "error=unauthorized_client" in answer.uri


def test_parameters_beside_an_interaction_change_nothing(provider: Provider) -> None:
    asked = _asked(provider, cookie="")
    provider.authorize(provider.params(scope="openid email", state="tampered"), interaction_id=asked.interaction_id)
    (grant,) = provider.world.grants.values()
    assert grant["scope"] == "openid profile"


def test_an_interaction_lasts_an_hour(provider: Provider) -> None:
    asked = _asked(provider, cookie="")
    provider.clock.advance(minutes=61)
    with pytest.raises(PageError) as caught:
        provider.authorize(interaction_id=asked.interaction_id)
    assert caught.value.code == "link_expired"


def test_a_refusal_of_the_person_is_told_to_the_client(provider: Provider) -> None:
    provider.add_client("vendor", consent="ask")
    asked = _asked(provider, client_id="vendor")
    answer = deny(provider.server, provider.unit, interaction_id=asked.interaction_id, browser=BROWSER)
    assert isinstance(answer, Redirect)
    assert "error=access_denied" in answer.uri
    with pytest.raises(PageError):
        deny(provider.server, provider.unit, interaction_id=asked.interaction_id, browser="another")


def test_a_session_seen_long_ago_is_touched(provider: Provider) -> None:
    provider.clock.advance(minutes=2)
    provider.code()
    (session,) = provider.world.sessions.values()
    assert session.last_seen_at == provider.clock.now()


def test_a_query_in_the_redirect_uri_is_kept(provider: Provider) -> None:
    uri = "https://textbooks.example/callback?dummy1=lorem&dummy2=ipsum"
    provider.add_client(redirect_uris=[uri])
    answer = provider.authorize(redirect_uri=uri)
    assert isinstance(answer, Redirect)
    assert answer.uri.startswith(f"{uri}&code=")


def test_the_kept_request_is_no_other_kind_of_one_time_value(provider: Provider) -> None:
    asked = _asked(provider, cookie="")
    with provider.unit.read() as stores:
        assert stores.one_time.peek(asked.interaction_id, purpose="password_reset", now=provider.clock.now()) is None
        assert interaction.load(stores.one_time, asked.interaction_id, BROWSER, now=provider.clock.now())
