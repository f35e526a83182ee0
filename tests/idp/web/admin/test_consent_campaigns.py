"""web/admin/consent_campaigns: begun, followed, printed, closed."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.core import levels
from idp.core.clock import FixedClock
from idp.parts import Parts
from tests.factories.consent_ground import ConsentGround


@pytest.fixture
def ground(parts: Parts, clock: FixedClock) -> ConsentGround:
    return ConsentGround(parts, clock)


def test_a_campaign_shows_how_far_each_class_is_and_who_is_missing(ground: ConsentGround, app: Flask) -> None:
    url = f"/admin/schools/{ground.school}/consents/campaigns"
    director = ground.browser(app, "saule", levels.EDS)
    director.go(f"{url}/new")
    assert "campaign-begin" not in director.page.text
    text_id = ground.publish()
    director.go(f"{url}/new?lang=ru")
    director.submit("/campaigns/new", title="", begin="2026-09-10", end="2026-09-01")
    assert (director.page.status_code, director.page.text.count('class="msg"')) == (422, 3)
    typed = {"title": "Қыркүйек", "begin": "2026-09-01", "end": "2026-09-20", "texts": text_id}
    director.submit("/campaigns/new", **typed)
    here = director.page.request.path
    ground.give("gulnara", "nurlan", text_id)
    ground.desk.acts.decline(ground.hand("gulnara"), ground.people["aigerim"], text_id)
    page = director.go(here).text
    assert "Ответили: 2 из 3" in page
    assert ("1 «А»: ответили 1 из 1" in page, "7 «Ә»: ответили 1 из 2" in page) == (True, True)
    assert ("Серікова Daulet" in page, "Серікова Aigerim" in page) == (True, False)
    assert "7 «Ә»: ответили 1 из 2" in ground.browser(app, "marat").go(f"{here}?lang=ru").text
    assert "1 «А»" not in ground.browser(app, "marat").go(here).text
    slips = director.go(f"{here}/slips?lang=ru").text
    assert ("Серікова Daulet" in slips, "Серікова Nurlan" in slips, "daulet" in slips) == (True, False, False)
    assert b"Daulet" in director.client.get(f"{here}?format=csv").data
    director.go(here)
    director.submit("/close")
    assert "campaign-close" not in director.page.text
    assert director.go(url).status_code == 200
    assert ground.browser(app, "marat").go(f"{url}/new").status_code == 403
    assert director.go(f"{url}/{'0' * 32}").status_code == 404
