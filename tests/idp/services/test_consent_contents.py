"""services/consent_contents: nothing is published without the eight contents of art. 8(4)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.services import consent_contents
from idp.services.consent_contents import Incomplete
from tests.factories.consent_ground import PASSING, contents, draft


def lacks(purpose: str = "visits", recipient: str = "", **changes: Any) -> list[str]:
    whole = draft(contents=contents(**changes))
    return consent_contents.missing(purpose, recipient, whole.title, whole.body, whole.contents)


NO = {"is": False, "kk": "", "ru": ""}


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"operator_name": {"kk": "Мектеп"}}, ["operator_name.ru"]),
        ({"operator_bin": "14024000001"}, ["operator_bin"]),
        ({"term_days": None, "term_text": {}}, ["term_text.kk", "term_text.ru"]),
        ({"term_days": 0}, ["term_days"]),
        ({"term_days": True}, ["term_days"]),
        ({"third_parties": {}}, ["third_parties"]),
        ({"cross_border": {"is": "yes"}}, ["cross_border"]),
        ({"published": {"is": True, "kk": "Мектеп сайты", "ru": " "}}, ["published.ru"]),
        ({"data": {"kk": ["аты"], "ru": []}}, ["data.ru"]),
        ({"data": {"kk": ["аты", ""], "ru": ["имя"]}}, ["data.kk"]),
        ({"notes": {"kk": "Қайтарып алуға болады"}}, ["notes.ru"]),
        ({"notes": {"kk": "А\u202eБ", "ru": "АБ"}}, ["notes.kk"]),
        ({"audience": "all"}, ["audience"]),
    ],
)
def test_each_missing_content_is_named(changes: dict[str, Any], missing: list[str]) -> None:
    assert lacks() == []
    assert lacks(**changes) == missing


def test_a_term_in_words_will_do() -> None:
    assert lacks(term_days=None) == []


def test_who_receives_data_is_a_third_party_and_web_push_goes_abroad() -> None:
    assert lacks("textbooks", "textbooks") == ["third_parties"]
    assert lacks("textbooks", "textbooks", third_parties=PASSING) == []
    assert lacks("web_push") == ["cross_border"]
    assert lacks("gossip") == ["purpose"]


def test_an_incomplete_text_names_everything_at_once() -> None:
    whole = draft(title={"kk": "", "ru": "Учёт\nпосещений"}, contents=contents(operator_bin="", notes={}))
    with pytest.raises(Incomplete) as refused:
        consent_contents.check("visits", "", whole.title, whole.body, whole.contents)
    assert refused.value.missing == ["title.kk", "title.ru", "operator_bin", "notes.kk", "notes.ru"]


def test_the_sum_is_over_what_is_read_however_it_is_ordered() -> None:
    whole = draft()
    turned = dict(reversed(list(whole.contents.items())))
    first = consent_contents.digest("visits", "", whole.title, whole.body, whole.contents)
    assert first == consent_contents.digest("visits", "", whole.title, whole.body, turned)
    assert first != consent_contents.digest("lms", "", whole.title, whole.body, whole.contents)


def test_better_words_are_not_wider() -> None:
    assert not consent_contents.is_wider(contents(), contents(notes={"kk": "Жаңа", "ru": "Новое"}))
    assert consent_contents.is_wider(contents(), contents(data={"kk": ["аты", "ЖСН"], "ru": ["имя", "ИИН"]}))
