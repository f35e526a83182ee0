"""The reader as its people see it."""

from __future__ import annotations

from tests.fakes.client_browser import World

PUPIL = {
    "roles": [{"role": "pupil", "school_id": "s12"}],
    "school": {"id": "s12", "name": "№ 12"},
    "classes": [{"id": "c7", "title": "7 «Ә»", "role": "pupil"}],
}
TEACHER = {
    "sub": "sub-marat",
    "name": "Сейітов Марат",
    "roles": [{"role": "class_teacher", "school_id": "s12"}],
    "school": {"id": "s12", "name": "№ 12"},
    "classes": [
        {"id": "c7", "title": "7 «Ә»", "role": "class_teacher"},
        {"id": "c8", "title": "8 «Б»", "role": "teacher"},
    ],
}


def test_reading_goes_on_where_it_stopped(textbooks: World) -> None:
    textbooks.provider.person |= PUPIL
    browser = textbooks.browser()
    assert 'id="continue"' not in browser.sign_in().text
    browser.get("/books/svet-i-ten/3")
    elsewhere = textbooks.browser()
    assert 'id="continue" href="/books/svet-i-ten/3"' in elsewhere.sign_in().text
    assert 'href="/books/svet-i-ten/3"' in elsewhere.get("/books/svet-i-ten").text


def test_a_quiz_is_answered_with_a_form_and_kept(textbooks: World) -> None:
    browser = textbooks.browser()
    page = browser.sign_in("/books/svet-i-ten/quiz")
    sent = {"csrf_token": browser.form_token(page), "q0": "1", "q1": "0"}
    answer = browser.post("/books/svet-i-ten/quiz", data=sent)
    assert answer.status_code == 303
    page = browser.follow(answer)
    assert "1 / 5" in page.text
    assert 'id="quiz-result"' in browser.get("/books/svet-i-ten/quiz").text
    assert 'id="quiz-submit"' in browser.get("/books/svet-i-ten/quiz?again=1").text


def test_a_teacher_sees_pupils_who_have_opened_a_book(textbooks: World) -> None:
    textbooks.provider.person |= PUPIL
    pupil = textbooks.browser()
    pupil.sign_in("/books/svet-i-ten/2")
    assert pupil.get("/classes/c7").status_code == 404
    assert "c7" not in pupil.get("/classes").text
    textbooks.provider.person = dict(TEACHER)
    teacher = textbooks.browser()
    assert 'id="class-c7"' in teacher.sign_in("/classes").text
    assert "Айгерім Оспанова" in teacher.get("/classes/c7").text
    assert "Айгерім" not in teacher.get("/classes/c8").text
    assert teacher.get("/classes/c9").status_code == 404


def test_a_class_taken_away_is_gone_with_the_next_page(textbooks: World) -> None:
    textbooks.provider.person = dict(TEACHER)
    teacher = textbooks.browser()
    teacher.sign_in()
    assert teacher.get("/classes/c8").status_code == 200
    textbooks.provider.person["classes"] = []
    assert teacher.get("/classes/c8").status_code == 404


def test_what_is_not_there_is_said_so(textbooks: World) -> None:
    browser = textbooks.browser()
    browser.sign_in()
    for path in (
        "/books/none",
        "/books/svet-i-ten/0",
        "/books/svet-i-ten/6",
        "/books/svet-i-ten/x",
        "/books/none/quiz",
    ):
        assert browser.get(path).status_code == 404


def test_pages_need_somebody(textbooks: World) -> None:
    for path in ("/books/svet-i-ten", "/books/svet-i-ten/1", "/books/svet-i-ten/quiz", "/classes", "/classes/c7"):
        assert textbooks.browser().get(path).headers["Location"].startswith("/login?next=%2F")
