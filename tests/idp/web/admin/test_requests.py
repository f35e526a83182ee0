"""A parent asks in the account, the school answers in the console, the parent reads and prints the answer."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from idp.core import levels
from idp.store.models.people import Enrolment, Membership
from tests.factories.console import Console


def test_a_request_goes_from_the_account_to_the_inbox_and_back(console: Console) -> None:
    parent, school = console.browser("guardian"), console.school
    assert "/account/requests/new/blocking" in parent.go("/account/requests").text
    parent.go("/account/requests/new/blocking")
    about = f"{console.people['pupil']}:{school}"
    assert parent.submit("/new/blocking", about=about).status_code == 422
    sent = parent.submit("/new/blocking", about=about, text="Басқа біреу оқыған")
    assert (sent.request.path, sent.status_code) == ("/account/requests", 200)
    parent.go("/account/requests/new/blocking")
    assert parent.submit("/new/blocking", about=about, text="Тағы").status_code == 409
    parent.go("/account/requests/new/access")
    assert parent.submit("/new/access", about=f"{console.people['other_pupil']}:{console.other}").status_code == 409

    office = console.browser("data_protection")
    inbox = office.go(f"/admin/schools/{school}/requests").text
    (made,) = [one.id for one in console.parts.protection.requests.of_person(console.people["guardian"])]
    assert f"/requests/{made}" in inbox
    assert "Басқа біреу оқыған" in office.go(f"/admin/schools/{school}/requests/{made}").text
    assert office.submit("/requests", act="refuse").status_code == 409
    assert office.submit("/requests", act="do", text="Бұғатталды").request.path == f"/admin/schools/{school}/requests"
    assert made not in office.page.text
    assert "Бұғатталды" in office.go(f"/admin/schools/{school}/requests/{made}/answer").text

    assert "Бұғатталды" in parent.go(f"/account/requests/{made}").text
    assert console.browser("pupil").go(f"/account/requests/{made}").status_code == 200
    assert console.browser("other_pupil").go(f"/account/requests/{made}").status_code == 404


def test_a_paper_is_entered_for_who_has_no_account(console: Console) -> None:
    office, url = console.browser("data_protection"), f"/admin/schools/{console.school}/requests/new"
    pupil = console.people["pupil"]
    assert "requests/new" in office.go(url.removesuffix("/new")).text
    assert f"?person={pupil}" in office.go(f"{url}?q=Айгерім").text
    assert office.go(f"{url}?person={console.people['other_pupil']}").status_code == 404
    office.go(f"{url}?person={pupil}")
    paper = {"kind": "access", "by": pupil, "number": "7", "date": "2026-09-01"}
    assert office.submit("/new", **paper | {"date": ""}).status_code == 422
    entered = office.submit("/new", **paper)
    assert (entered.status_code, entered.request.path.rpartition("/")[0]) == (200, url.rpartition("/")[0])
    office.go(f"{url}?person={pupil}")
    assert office.submit("/new", **paper).status_code == 422
    assert "7 «Ә»" in office.page.text  # Of two namesakes the right one.
    with console.parts.uow.write() as tx:
        left = update(Membership).where(Membership.person_id == pupil).values(end=date(2026, 9, 1))
        tx.connection.execute(left)
        tx.connection.execute(update(Enrolment).where(Enrolment.person_id == pupil).values(end=date(2026, 9, 1)))
    assert office.go(f"{url}?person={pupil}").status_code == 200  # Who has left has the same rights.
    assert console.browser("secretary").go(url).status_code == 403


def test_who_may_not_answer_does_not_and_a_weak_sign_in_is_asked_again(console: Console) -> None:
    page = f"/admin/schools/{console.school}/requests"
    assert console.browser("secretary").go(page).status_code == 403
    assert console.browser("director").go(f"/admin/schools/{console.other}/requests").status_code == 404
    requests, pupil = console.parts.protection.requests, console.people["pupil"]
    made = requests.make(pupil, "access", about=pupil, school_id=console.school)
    weak = console.browser("director", acr=levels.PASSWORD)
    weak.go(f"{page}/{made}")
    weak.submit("/requests", act="do", text="Жауап")
    assert requests.one_of_person(pupil, made).state == "open"
