"""The cabinet as its people see it, afresh at each page."""

from __future__ import annotations

from typing import Any

from tests.fakes.client_browser import World

SCHOOL = {"id": "s12", "name": "№ 12 мектеп-гимназия"}
TEXTBOOKS = {"client_id": "textbooks", "name": {"kk": "Оқулықтар"}, "initiate_login_uri": "http://localhost:8004/login"}
CHILD = {"name": "Оспанов Нұрлан", "given_name": "Нұрлан", "school": SCHOOL, "classes": [{"title": "1 «А»"}]}


def test_a_stranger_sees_what_this_is_and_how_to_enter(cabinet: World) -> None:
    answer = cabinet.browser().get("/")
    assert answer.status_code == 200
    assert 'id="sign-in"' in answer.text
    assert 'id="signed-out"' not in answer.text


def test_a_pupil_sees_what_the_school_has_switched_on_now(cabinet: World) -> None:
    cabinet.provider.person |= {"roles": [{"role": "pupil"}], "licences": [TEXTBOOKS]}
    browser = cabinet.browser()
    page = browser.sign_in().text
    assert 'id="resource-textbooks"' in page
    assert "http://localhost:8004/login?iss=http%3A%2F%2Flocalhost%3A8000" in page
    cabinet.provider.person["licences"] = []
    assert "resource-textbooks" not in browser.get("/").text


def test_a_parent_sees_children_and_loses_a_blocked_one_at_once(cabinet: World) -> None:
    cabinet.provider.person |= {"roles": [{"role": "guardian"}], "children": [CHILD]}
    browser = cabinet.browser()
    page = browser.sign_in().text
    assert "Оспанов Нұрлан" in page
    assert "1 «А»" in page
    cabinet.provider.person["children"] = []
    assert "Нұрлан" not in browser.get("/children").text


def test_a_teacher_sees_classes(cabinet: World) -> None:
    classes = [{"id": "c7", "title": "7 «Ә»", "role": "class_teacher"}]
    cabinet.provider.person |= {"roles": [{"role": "class_teacher"}], "classes": classes}
    assert 'id="class-c7"' in cabinet.browser().sign_in().text


def test_somebody_with_several_roles_is_led_to_switch(cabinet: World) -> None:
    roles = [{"role": "teacher", "school_id": "s12"}, {"role": "guardian", "school_id": "s5"}]
    cabinet.provider.person |= {"school": SCHOOL, "roles": roles}
    browser = cabinet.browser()
    assert 'id="switch-role" href="http://localhost:8000/account"' in browser.sign_in().text
    page = browser.get("/me?lang=en").text
    assert "Teacher" in page
    assert 'id="switch"' in page
    assert "Parent" not in page


def test_every_page_needs_somebody(cabinet: World) -> None:
    for path in ("/resources", "/children", "/classes", "/me"):
        answer = cabinet.browser().get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/login?next=%2F")


def test_names_from_outside_are_only_text(cabinet: World) -> None:
    cabinet.provider.person |= {
        "name": "<b>x</b>",
        "roles": [{"role": "guardian"}],
        "children": [CHILD | {"name": "<i>"}],
    }
    page = cabinet.browser().sign_in().text
    assert "<b>x</b>" not in page
    assert "<i>" not in page


def test_a_parent_whom_no_school_knows_yet_is_told_where_to_go(cabinet: World) -> None:
    cabinet.provider.person |= {"roles": [{"role": "guardian", "active": True}]}
    browser = cabinet.browser()
    page = browser.sign_in().text
    assert "Сізге әлі бала байланыстырылмаған" in page
    assert "Жеке куәлігіңізді" in page
    assert browser.get("/me").status_code == 200
    assert 'id="switch"' not in browser.get("/me").text


def test_the_page_of_a_child_is_asked_of_the_idp_at_every_view(cabinet: World) -> None:
    told = {
        "sub": "sub-nurlan", "name": "Оспанов Нұрлан", "given_name": "Нұрлан", "school": SCHOOL,
        "class": {"title": "1 «А»", "teacher": "Ахметов Марат"}, "card": {"state": "blocked"},
        "consents": {"waiting": 2},
    }  # fmt: skip
    answers: dict[str, Any] = {"sub-nurlan": told}

    def one(sub: str) -> Any:
        return answers.get(sub) or ({"type": "urn:bilim:problem:not_found"}, 404)

    cabinet.provider.app.add_url_rule("/api/v1/me/children/<sub>", "child", one)
    cabinet.provider.person |= {"roles": [{"role": "guardian"}], "children": [CHILD | {"sub": "sub-nurlan"}]}
    browser = cabinet.browser()
    assert 'href="/children/sub-nurlan"' in browser.sign_in().text
    page = browser.get("/children/sub-nurlan?lang=en")
    assert page.status_code == 200
    for words in ("Оспанов Нұрлан", "№ 12 мектеп-гимназия", "1 «А»", "Ахметов Марат", "blocked", "<span>2</span>"):
        assert words in page.text, words
    assert 'href="http://localhost:8000/account/consents"' in page.text
    answers.clear()
    page = browser.get("/children/sub-nurlan")
    assert page.status_code == 404
    assert 'id="child-gone"' in page.text
    assert "Нұрлан" not in page.text
    assert "№ 12" not in page.text
    cabinet.provider.end_session()
    assert browser.get("/children/sub-nurlan").headers["Location"].startswith("/session-ended")
    assert cabinet.browser().get("/children/x").headers["Location"] == "/login?next=%2Fchildren%2Fx"
