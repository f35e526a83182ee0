"""Lists of people, and somebody new."""

from __future__ import annotations

from sqlalchemy import func, select

from idp.core import levels
from idp.store.models.people import Person
from tests.factories.console import Console

IIN = "130517600019"
ASEL = {"family_name": "Тілеуова", "given_name": "Әсел", "birth_date": "2013-05-17", "iin": IIN, "role": "pupil"}


def test_a_school_lists_filters_searches_and_adds_its_people(console: Console) -> None:
    console.parts.person_words()
    browser = console.browser("secretary")
    url = f"/admin/schools/{console.school}/people"
    page = browser.go(url)
    assert page.status_code == 200
    assert "Серікова Айгерім" in page.text
    for spelling in ("Serikova", "серикова", "SERYKOVA aig"):
        assert "Серікова Айгерім" in browser.go(f"{url}?q={spelling}&role=pupil").text
    assert "Серікова Гүлнара" in browser.go(f"{url}?role=guardian").text
    assert "Омарова" not in browser.go(f"{url}?class={console.klass}").text
    assert "Серікова" not in browser.go(f"{url}?state=left").text
    assert "xyzzy" in browser.go(f"{url}?q=xyzzy").text

    browser.go(f"{url}/new")
    wrong = browser.submit("/new", **ASEL, email="x", language="kk")
    assert (wrong.status_code, wrong.text.count('aria-invalid="true"')) == (422, 1)
    browser.go(f"{url}/new")
    fields = {**ASEL, "class": console.klass, "language": "kk"}
    added = browser.submit("/new", **fields)
    assert added.status_code == 200
    assert "Тілеуова Әсел" in added.text
    browser.go(f"{url}/new")
    taken = browser.submit("/new", **{**fields, "given_name": "Басқа"})
    assert taken.status_code == 422
    assert added.request.path in taken.text


def test_a_form_sent_twice_adds_one_person(console: Console) -> None:
    browser = console.browser("director")
    url = f"/admin/schools/{console.school}/people/new"
    form = browser.go(url)
    sultan = {"given_name": "Сұлтан", "role": "guard", "language": "kk", "birth_date": "2004-02-29"}
    first = browser.submit("/new", **sultan)
    assert first.status_code == 200
    browser.page = form
    assert browser.submit("/new", **sultan).request.path == first.request.path
    with console.parts.uow.read() as tx:
        count = tx.connection.execute(select(func.count()).where(Person.given_name == "Сұлтан")).scalar_one()
    assert count == 1


def test_the_operator_searches_every_school_and_an_official_none(console: Console) -> None:
    console.parts.person_words()
    operator = console.browser("operator")
    assert "жазуға болады" in operator.go("/admin/people").text
    page = operator.go("/admin/people?q=zhumabaeva")
    assert page.status_code == 200
    found = operator.go("/admin/people?q=serikova").text
    assert found.count("Серікова") >= 3
    assert "№ 5 ауыл мектебі" in found
    assert console.browser("official").go("/admin/people").status_code == 403
    assert console.browser("director").go("/admin/people").request.path == f"/admin/schools/{console.school}/people"


def test_a_class_teacher_sees_the_own_class_and_its_guardians(console: Console) -> None:
    page = console.browser("class_teacher", acr=levels.PASSWORD).go(f"/admin/schools/{console.school}/people")
    assert "Серікова Айгерім" in page.text
    assert "Серікова Гүлнара" in page.text
    assert "Омарова Сәуле" not in page.text


def test_a_list_is_saved_only_by_who_may(console: Console) -> None:
    url = f"/admin/schools/{console.school}/people?format=csv"
    assert "Серікова Айгерім" in console.browser("director").go(url).get_data(as_text=True)
    assert console.browser("deputy").go(url).status_code == 403
