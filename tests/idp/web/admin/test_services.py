"""The page of services, and that its switch is felt in the next request."""

from __future__ import annotations

from idp.core import levels
from tests.factories.console import Console
from tests.factories.relying_party import RelyingParty
from tests.factories.saml_ground import SamlGround
from tests.fakes.browser import Browser, Forms


def test_a_director_switches_a_service_off_and_its_token_is_refused(console: Console) -> None:
    pupil = console.browser("pupil", acr=levels.PASSWORD)
    client = RelyingParty(console.parts.clients, console.app.test_client(), "canteen", bilim_claims=["given_name"])
    token = client.tokens(pupil)["access_token"]
    assert client.userinfo(token).get_json()["given_name"] == "Айгерім"
    address = f"/admin/schools/{console.school}/services"
    director = console.browser("director")
    page = director.go(address)
    assert (page.status_code, "Оқулықтар" in page.text) == (200, True)
    page = director.submit(f"{address}/canteen/off")
    assert (page.status_code, page.request.args["switched"]) == (200, "off")
    assert client.userinfo(token).status_code == 401
    assert "code" not in client.answer(pupil)
    director.submit(f"{address}/canteen/on")
    assert client.userinfo(token).status_code == 200
    assert "code" in client.answer(pupil)


def test_who_may_look_may_not_switch(console: Console) -> None:
    page = console.browser("secretary").go(f"/admin/schools/{console.school}/services")
    assert (page.status_code, "/services/" in page.text.split("<main", 1)[1]) == (200, False)
    assert console.browser("teacher").go(f"/admin/schools/{console.school}/services").status_code == 403
    assert console.browser("other_director").go(f"/admin/schools/{console.school}/services").status_code == 404


def test_both_protocols_stand_in_one_list_and_the_school_withholds_from_a_saml_service(console: Console) -> None:
    RelyingParty(console.parts.clients, console.app.test_client(), "canteen")
    lms = SamlGround(console.app)
    pupil, director = console.browser("pupil", acr=levels.PASSWORD), console.browser("director")
    assert "displayName" in lms.enter(pupil).attributes
    address = f"/admin/schools/{console.school}/services"
    page = director.go(address)
    assert ("OpenID Connect" in page.text, "SAML" in page.text, "Оқу алаңы" in page.text) == (True, True, True)
    page = director.submit(f"{address}/{lms.client_id}/data", give="pairwise-id")
    assert page.request.args["switched"] == "data"
    assert list(lms.enter(pupil).attributes) == ["pairwise-id"]
    assert director.client.post(f"{address}/canteen/data", data=_fields(director, address)).status_code == 404
    director.go(address)
    director.submit(f"{address}/{lms.client_id}/off")
    assert "client_not_for_school" in pupil.go(lms.address()).text
    # Switched on again, what was withheld is withheld still.
    director.submit(f"{address}/{lms.client_id}/on")
    assert list(lms.enter(pupil).attributes) == ["pairwise-id"]


def _fields(browser: Browser, address: str) -> dict[str, str]:
    """The token of the page's forms."""
    parser = Forms()
    parser.feed(browser.go(address).text)
    return {"csrf_token": next(values["csrf_token"] for _, values in parser.forms if "csrf_token" in values)}
