"""documents/consent_drafts: every draft has the eight contents in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp.documents.consent_drafts import draft
from idp.services.consent_contents import missing
from idp.store.models.consents import PURPOSES
from tests.fakes.source import ROOT

SCHOOL = {"name": "№ 12 мектеп-гимназия", "name_ru": "", "identifier": "140240000018"}
TEMPLATES = ROOT / "templates"


@pytest.mark.parametrize("purpose", [purpose for purpose in PURPOSES if purpose != "other"])
def test_a_draft_could_be_published_as_it_is(purpose: str) -> None:
    made = draft(TEMPLATES, purpose, SCHOOL)
    assert missing(purpose, "", made.title, made.body, made.contents) == []
    recipient = purpose if purpose in ("textbooks", "lms") else ""
    assert missing(purpose, recipient, made.title, made.body, made.contents) == []


def test_web_push_says_that_it_goes_abroad() -> None:
    abroad = draft(TEMPLATES, "web_push", SCHOOL).contents["cross_border"]
    assert abroad["is"]
    assert ("АҚШ" in abroad["kk"], "США" in abroad["ru"]) == (True, True)


def test_a_purpose_of_the_schools_own_begins_empty() -> None:
    made = draft(Path(TEMPLATES), "other", SCHOOL)
    assert (made.title, made.contents["operator_name"]["ru"]) == ({"kk": "", "ru": ""}, SCHOOL["name"])
    assert "data.kk" in missing("other", "", made.title, made.body, made.contents)
