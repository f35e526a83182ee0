"""The courses as teachers, pupils and others see them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from clients.lms import assignments
from clients.lms.forms import AssignmentForm
from idp.core.clock import local_date
from idp.core.ids import new_id
from tests.clients.lms.conftest import PUPIL, TEACHER, Browser, World


def day(world: World, shift: int = 0) -> str:
    return (local_date(world.clock.now()) + timedelta(days=shift)).isoformat()


def set_assignment(teacher: Browser, title: str, due: int = 3, course: str = "c7") -> str:
    """Its id."""
    answer = teacher.submit(
        f"/courses/{course}/new", title=title, text="1-ден 5-ке дейін", due_on=day(teacher.world, due)
    )
    assert answer.status_code == 303
    page = teacher.follow(answer).text
    return page.split(title)[0].rpartition('id="assignment-')[2].split('"')[0]


@pytest.fixture
def teacher(lms: World) -> Browser:
    browser = lms.browser()
    browser.sign_in(TEACHER)
    return browser


def test_an_assignment_is_set_handed_in_and_marked(lms: World, teacher: Browser) -> None:
    assert "8 «Б», математика" in teacher.get("/").text
    later, soon = set_assignment(teacher, "Бөлшектер", 5), set_assignment(teacher, "Пайыз", 1)
    assert "Әлі ешбір оқушы кірмеген" in teacher.get(f"/assignments/{later}").text

    pupil = lms.browser()
    home = pupil.sign_in(PUPIL).text
    assert home.index("Пайыз") < home.index("Бөлшектер"), "what is due first comes first"
    answer = pupil.submit(f"/assignments/{soon}", f"/assignments/{soon}/work", text="25\r\nпайыз <b>")
    assert "Тапсырылды" in pupil.follow(answer).text
    assert "25\nпайыз &lt;b&gt;" in pupil.get(f"/assignments/{soon}").text
    course = pupil.get("/courses/c7").text
    assert course.index("Бөлшектер") < course.index("Пайыз"), "open ones come first"
    replaced = pupil.submit(f"/assignments/{soon}?replace=1", f"/assignments/{soon}/work", text="30 пайыз")
    assert replaced.status_code == 303

    assert "1 жұмыс тексерілмеген" in teacher.get("/").text
    listed = teacher.get(f"/assignments/{soon}").text
    assert "Серікова Айгерім" in listed
    assert "тапсырғаны: 1 / 1" in listed
    work = re.findall(r'href="(/works/\w+)"', listed)[0]
    assert "30 пайыз" in teacher.get(work).text
    assert teacher.submit(work, mark="8", remark="Жақсы").status_code == 303
    page = pupil.get(f"/assignments/{soon}").text
    assert "8 / 10" in page
    assert "Жақсы" in page
    assert 'id="hand-in"' not in page


def test_what_changes_meanwhile_is_told_and_nothing_typed_is_lost(lms: World, teacher: Browser) -> None:
    assignment = set_assignment(teacher, "Эссе")
    pupil = lms.browser()
    pupil.sign_in(PUPIL)
    pupil.submit(f"/assignments/{assignment}", f"/assignments/{assignment}/work", text="бірінші")
    work = re.findall(r'href="(/works/\w+)"', teacher.get(f"/assignments/{assignment}").text)[0]
    token = {"csrf_token": teacher.get(work).text.split('name="csrf_token" value="')[1].split('"')[0]}
    again = f"/assignments/{assignment}?replace=1"
    pupil.submit(again, f"/assignments/{assignment}/work", text="екінші")
    stale = teacher.post(work, mark="3", remark="әлсіз", version="1", **token)
    assert stale.status_code == 409
    assert "екінші" in stale.text
    assert "әлсіз" in stale.text
    mine = {"csrf_token": pupil.get(again).text.split('name="csrf_token" value="')[1].split('"')[0]}
    assert teacher.submit(work, mark="9").status_code == 303
    late = pupil.post(f"/assignments/{assignment}/work", text="үшінші", **mine)
    assert late.status_code == 409
    assert "үшінші" in late.text
    assert "9 / 10" in late.text
    twice = pupil.post(f"/assignments/{assignment}/work", text="екінші", **mine)
    assert twice.status_code == 303, "the same form once more is no mistake"


def test_a_second_click_adds_one_assignment(lms: World, teacher: Browser) -> None:
    page = teacher.get("/courses/c7/new").text
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf_token", "form_id")}
    for _ in range(2):
        answer = teacher.post("/courses/c7/new", title="Бір рет", text="", due_on=day(lms), **hidden)
        assert answer.status_code == 303
    assert teacher.get("/courses/c7").text.count("<b>Бір рет</b>") == 1
    elsewhere = teacher.post("/courses/c8m/new", title="Бір рет", text="", due_on=day(lms), **hidden)
    assert elsewhere.status_code == 404


def test_a_late_work_is_taken_and_shown_as_late(lms: World, teacher: Browser) -> None:
    past = AssignmentForm("Кеше", "", day(lms, -1))
    assignment = assignments.add(lms.kit.database, "c7", "marat", past, new_id(), lms.clock.now())
    set_assignment(teacher, "Бүгінгі", 0)
    pupil = lms.browser()
    home = pupil.sign_in(PUPIL).text
    assert "Бүгін тапсырылады" in home
    assert "Мерзімі өтті" in home
    pupil.submit(f"/assignments/{assignment}", f"/assignments/{assignment}/work", text="кеш")
    for browser in (pupil, teacher):
        assert "Кеш тапсырылды" in browser.get(f"/assignments/{assignment}").text
    unchanged = teacher.submit(f"/assignments/{assignment}/edit", title="Кеше", text="", due_on=day(lms, -1))
    assert unchanged.status_code == 303, "a day that has passed may stay"


def test_an_assignment_is_changed_and_removed_while_nobody_has_handed_in(lms: World, teacher: Browser) -> None:
    assignment = set_assignment(teacher, "Қате")
    changed = teacher.submit(f"/assignments/{assignment}/edit", title="Дұрыс", text="", due_on=day(lms, 2))
    assert "Дұрыс" in teacher.follow(changed).text
    gone = teacher.submit(f"/assignments/{assignment}/remove")
    assert "Дұрыс" not in teacher.follow(gone).text
    kept = set_assignment(teacher, "Қалады")
    pupil = lms.browser()
    pupil.sign_in(PUPIL)
    pupil.submit(f"/assignments/{kept}", f"/assignments/{kept}/work", text="жұмыс")
    assert "жойылған жоқ" in teacher.follow(teacher.submit(f"/assignments/{kept}/remove")).text
    assert teacher.get(f"/assignments/{kept}").status_code == 200


def test_wrong_input_is_shown_at_its_field_and_kept(lms: World, teacher: Browser) -> None:
    answer = teacher.submit("/courses/c7/new", title=" ", text="мәтін", due_on=day(lms, -1))
    assert answer.status_code == 400
    for part in ('id="error-summary"', 'id="title-error"', 'id="due_on-error"', ">\nмәтін</textarea>"):
        assert part in answer.text
    assignment = set_assignment(teacher, "Бос")
    pupil = lms.browser()
    pupil.sign_in(PUPIL)
    empty = pupil.submit(f"/assignments/{assignment}", f"/assignments/{assignment}/work", text=" \n ")
    assert empty.status_code == 400
    assert 'id="text-error"' in empty.text
    long = pupil.submit(f"/assignments/{assignment}", f"/assignments/{assignment}/work", text="ә" * 8001)
    assert long.status_code == 400
    pupil.submit(f"/assignments/{assignment}", f"/assignments/{assignment}/work", text="ә" * 8000)
    work = re.findall(r'href="(/works/\w+)"', teacher.get(f"/assignments/{assignment}").text)[0]
    for mark in ("", "0", "11", "5.5", "-1"):
        assert teacher.submit(work, mark=mark, remark="х").status_code == 400


def test_nobody_reaches_into_another_s_course(lms: World, teacher: Browser) -> None:
    assignment = set_assignment(teacher, "Жабық", course="c8m")
    pupil = lms.browser()
    pupil.sign_in(PUPIL)
    other: dict[str, Any] = TEACHER | {"pairwise-id": "x@bilim.example", "classes": TEACHER["classes"][:1]}
    stranger = lms.browser()
    stranger.sign_in(other)
    paths = ("/courses/c8m", f"/assignments/{assignment}", f"/assignments/{assignment}/edit", "/courses/c8m/new")
    for browser in (pupil, stranger):
        assert [browser.get(path).status_code for path in paths] == [404] * 4
    assert pupil.get("/courses/c7/new").status_code == 404, "a pupil sets nothing"
    assert lms.browser().get("/courses/c8m").headers["Location"] == "/login?next=%2Fcourses%2Fc8m"
    for path in ("/assignments/none", "/works/%00", f"/works/{new_id()}", "/courses/none"):
        assert teacher.get(path).status_code == 404


@pytest.mark.parametrize("role", ["guardian", "librarian"])
def test_others_are_told_kindly_whom_this_is_for(lms: World, role: str) -> None:
    person = PUPIL | {"roles": [{"role": role, "school_id": "s12", "active": True}], "classes": []}
    page = lms.browser().sign_in(person)
    assert page.status_code == 200
    assert 'id="not-for-you"' in page.text
    assert "librarian" not in page.text.split("<main")[1]
    assert 'id="several-roles"' not in page.text
    both = [*person["roles"], {"role": "teacher", "school_id": "s5"}]
    assert 'id="several-roles"' in lms.browser().sign_in(person | {"roles": both}).text


def test_a_pupil_without_a_class_and_a_course_without_assignments(lms: World) -> None:
    assert 'id="no-courses"' in lms.browser().sign_in(PUPIL | {"classes": []}).text
    # A school may withhold roles, and the name, on which the menu with the way out hangs.
    unknown = lms.browser().sign_in(PUPIL | {"classes": [], "roles": [], "displayName": ""}).text
    assert 'id="no-courses"' in unknown
    assert 'id="sign-out"' in unknown
    pupil = lms.browser()
    assert 'id="nothing-open"' in pupil.sign_in(PUPIL).text
    assert "Әзірге тапсырма жоқ" in pupil.get("/courses/c7").text


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_page_is_small_and_plain_in_three_languages(lms: World, teacher: Browser, lang: str) -> None:
    assignment = set_assignment(teacher, "Есеп")
    pupil = lms.browser()
    pupil.sign_in(PUPIL)
    open_page = pupil.get(f"/assignments/{assignment}", query_string={"lang": lang})
    pupil.submit(f"/assignments/{assignment}", f"/assignments/{assignment}/work", text="жауап")
    work = re.findall(r'href="(/works/\w+)"', teacher.get(f"/assignments/{assignment}").text)[0]
    told = f"/courses/c7?done=added&lang={lang}"
    pages = [open_page, lms.browser().get(f"/?lang={lang}"), teacher.get(told)]
    for browser, paths in (
        (pupil, ("/", "/courses/c7", f"/assignments/{assignment}", "/logout", "/none")),
        (teacher, ("/", "/courses/c7/new", f"/assignments/{assignment}", f"/assignments/{assignment}/edit", work)),
        (teacher, (f"/assignments/{assignment}/remove", "/courses/c8m")),
    ):
        pages += [browser.get(path, query_string={"lang": lang}) for path in paths]
    for page in pages:
        assert f'<html lang="{lang}">' in page.text
        assert len(page.data) < 50_000
        assert page.text.count("<h1") == 1
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        for inline in (" style=", "<style", " onclick="):
            assert inline not in page.text
        assert page.text.count("<script") == page.text.count("<script src=")
