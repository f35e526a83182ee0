"""web/admin/person_consents: the tab of one person, and papers."""

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


def test_staff_enter_papers_and_notices_of_withdrawal(ground: ConsentGround, app: Flask) -> None:
    text_id = ground.publish()
    url = f"/admin/schools/{ground.school}/people/{ground.people['aigerim']}/consents"
    teacher = ground.browser(app, "marat", levels.PASSWORD)
    page = teacher.go(url).text
    assert ("Серікова Gulnara" in page, "Серікова Blocked" in page) == (True, False)
    paper = {"text_id": text_id, "number": "7-12", "date": "2026-09-01", "signer": ground.people["gulnara"]}
    teacher.submit("/paper", **paper | {"date": ""})
    assert teacher.page.status_code == 422
    teacher.submit("/paper", **paper)
    assert (teacher.page.status_code, ground.record("aigerim").channel) == (200, "paper")
    assert ground.record("aigerim").proof["entered_by"] == ground.people["marat"]
    assert "paper-enter" not in teacher.page.text  # Everything is given: there is no text to choose.
    # The words of what is opened are one box: on a telephone two would stand side by side, a letter wide.
    summary = teacher.page.text.rsplit("<summary>", 1)[1].split("</summary>", 1)[0].split("</svg>", 1)[1]
    assert (summary.startswith("<span>"), summary.endswith("</span></span>")) == (True, True)
    teacher.submit("/withdraw", number="8", date="2026-09-01", signer=ground.people["serik"])
    assert (teacher.page.status_code, ground.record("aigerim").state) == (200, "withdrawn")
    foreign = f"/admin/schools/{ground.school}/people/{ground.people['nurlan']}/consents"
    assert teacher.go(foreign).status_code == 404
    assert ground.browser(app, "saule").go(f"{foreign}?lang=en").status_code == 200
    assert (
        ground.browser(app, "saule").go(url.replace(ground.people["aigerim"], ground.people["marat"])).status_code
        == 200
    )
    assert {"what": "consents", "role": "class_teacher"} in ground.events("person_viewed")
