"""web/admin/consent_texts: from our draft to a text that is asked."""

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


def test_a_school_makes_our_draft_its_own_and_publishes_it(ground: ConsentGround, app: Flask) -> None:
    url = f"/admin/schools/{ground.school}/consents/texts"
    director = ground.browser(app, "saule", levels.EDS)
    assert director.go(url).status_code == 200
    page = director.go(f"{url}/new?purpose=web_push").text
    assert ("АҚШ" in page, "140240000018" in page) == (True, True)
    typed = {
        "audience": "pupils", "title_kk": "Хабарлама", "title_ru": "Уведомления", "body_kk": "Келісемін.",
        "body_ru": "Согласен.", "operator_name_kk": "Мектеп", "operator_name_ru": "Школа",
        "operator_bin": "140 240 000 018", "term_days": "365", "term_text_kk": "", "term_text_ru": "",
        "third_parties_is": "no", "published_is": "no", "data_kk": "аты\r\n\r\nуақыты", "data_ru": "имя",
        "notes_kk": "Қайтарып алуға болады", "notes_ru": "Можно отозвать", "cross_border_is": "no",
    }  # fmt: skip
    director.submit("/texts/new", **typed)
    here = director.page.request.path
    director.submit("/publish")
    assert director.page.status_code == 422
    assert director.page.text.count('aria-invalid="true"') == 1  # A web push goes abroad, and that must be said.
    director.go(here)
    typed |= {"cross_border_is": "yes", "cross_border_kk": "АҚШ", "cross_border_ru": "США"}
    director.submit(here, **typed)
    director.submit("/publish")
    assert (director.page.status_code, "text-retire" in director.page.text) == (200, True)
    (text,) = ground.desk.texts.all(ground.scope)
    assert (text.is_current, text.contents["data"]["kk"]) == (True, ["аты", "уақыты"])
    assert "Хабарлама" in director.go(f"{url}/new?purpose=web_push").text  # The next version begins with this one.
    director.submit("/texts/new", **typed | {"recipient": "nobody"})
    assert director.page.status_code == 422
    director.go(f"{url}/new?purpose=web_push")
    director.submit("/texts/new", **typed)
    director.submit("/drop")
    director.go(here)
    director.submit("/basis", basis_kk="Заңның 47-бабы", basis_ru=" ")
    assert (director.page.status_code, director.page.text.count('aria-invalid="true"')) == (422, 1)
    director.submit("/basis", basis_kk="Заңның 47-бабы", basis_ru="Статья 47")
    assert director.page.request.path == url
    law = ground.desk.texts.all(ground.scope)[0]
    assert "Заңның 47-бабы" in director.go(f"{url}/{law.id}").text
    director.go(f"{url}/new?purpose=web_push")
    director.submit("/texts/new", **typed)
    director.submit("/publish")
    director.submit("/retire")
    assert not ground.desk.texts.all(ground.scope)[0].is_current
    assert director.client.post(here, data={}).status_code == 400


def test_only_who_answers_for_it_writes_texts_and_surely_enough(ground: ConsentGround, app: Flask) -> None:
    url = f"/admin/schools/{ground.school}/consents/texts"
    assert ground.browser(app, "marat").go(url).status_code == 403
    asked = ground.browser(app, "saule", levels.PASSWORD).client.get(url)
    assert (asked.status_code, "/login/again" in asked.headers["Location"]) == (303, True)
