"""web/account_services: what I let services receive, and taking it back without a script."""

from idp.core.clock import FixedClock
from idp.parts import Parts
from idp.store import consents
from tests.fakes.browser import Browser, Forms
from tests.idp.store.test_grants import add_client
from tests.idp.web.conftest import PASSWORD


def test_a_service_is_listed_and_taken_back_once_or_twice(
    browser: Browser, person: str, parts: Parts, clock: FixedClock
) -> None:
    browser.go("/account/services")
    browser.submit("/login/password", username="aigerim", password=PASSWORD)
    assert browser.page.request.path == "/account/services"
    assert "Әзірге ашылған қызмет жоқ" in browser.page.text
    with parts.uow.write() as tx:
        add_client(tx, clock)
        consents.give(
            tx, person_id=person, client_id="textbooks", membership_id=None, school_id=None,
            scopes=["openid", "email", "offline_access"], claims=["email"], now=clock.now(),
        )  # fmt: skip
    browser.go("/account")
    assert 'href="/account/services"' in browser.page.text
    browser.go("/account/services")
    assert all(words in browser.page.text for words in ("Оқулықтар", "Электрондық пошта", "Сіз жоқ кезде де"))
    parser = Forms()
    parser.feed(browser.page.text)
    ((action, fields),) = (
        (one["action"], hidden) for one, hidden in parser.forms if "withdraw" in one.get("action", "")
    )
    assert browser.client.post(action).status_code == 400  # Nothing is done without the form's own secret.
    assert browser.client.post("/account/services/%00/withdraw", data=fields).status_code < 500
    for _ in range(2):
        page = browser.client.post(action, data=fields, follow_redirects=True)
        assert "Рұқсат қайтарып алынды" in page.text
        assert "Оқулықтар" not in page.text
