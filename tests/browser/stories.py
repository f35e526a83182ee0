"""The stories themselves, told of anybody at any browser."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

from idp.core.clock import SystemClock, local_date
from tests.browser.walk import BOOK, Visitor, Walk, until


def the_whole_day(walk: Walk, *, language: str = "kk", width: int = 1280, scripts: bool = True) -> None:
    """A pupil reads, her mother and her teacher look in, and one sign-out ends what the pupil had opened."""
    axe = language == "kk"  # The markup is one for all languages and widths.
    aigerim = walk.visitor("aigerim", language=language, width=width, scripts=scripts, axe=axe)
    reads_a_book(aigerim)
    assert aigerim.passwords_typed() == 1
    sees_her_children(walk.visitor("gulnara", language=language, width=width, scripts=scripts, axe=axe))
    sees_his_class(walk.visitor("marat", language=language, width=width, scripts=scripts, axe=axe))
    is_signed_out_everywhere(walk, aigerim)


def reads_a_book(pupil: Visitor) -> None:
    pupil.sign_in()
    page = pupil.page
    assert page.locator("#resource-cabinet").count() == 0
    pupil.open_textbooks()
    page.click(f"#book-{BOOK}")
    pupil.check("contents")
    page.click("#read")
    pupil.check("a page to read")
    if page.locator("#next[rel=next]").count():
        page.click("#next")
        pupil.check("the next page")
    page.goto(f"{pupil.dev.urls['textbooks']}/books/{BOOK}/quiz?again=1")
    pupil.check("quiz")
    for number in range(5):
        page.locator(f"input[name=q{number}]").nth(1).check()
    page.click("#quiz-submit")
    expect(page.locator("#quiz-result")).to_contain_text("4 / 5")
    pupil.check("quiz result")


def sees_her_children(parent: Visitor) -> None:
    parent.sign_in()
    children = parent.page.locator(".kid h2")
    expect(children).to_have_count(2)
    assert {text.split()[1] for text in children.all_inner_texts()} == {"Айгерім", "Нұрлан"}
    assert parent.passwords_typed() == 1


def sees_his_class(teacher: Visitor) -> None:
    teacher.sign_in()
    page = teacher.page
    expect(page.locator(".resource b")).to_have_text("7 «Ә»")
    page.goto(f"{teacher.dev.urls['cabinet']}/resources")
    teacher.check("resources")
    teacher.open_textbooks()
    page.goto(f"{teacher.dev.urls['textbooks']}/classes")
    teacher.check("classes")
    page.click(".class-card")
    teacher.check("class")
    reading = page.get_by_role("rowheader")
    expect(reading.first).to_be_visible()
    assert set(reading.all_inner_texts()) == {"Серікова Айгерім Болатқызы"}
    assert teacher.passwords_typed() == 1


def is_signed_out_everywhere(walk: Walk, person: Visitor) -> None:
    """The IdP tells the textbooks by the back channel: their row is gone before the browser comes by again."""
    page, urls = person.page, person.dev.urls
    assert person.cookie_hosts("bilim_id") == {"127.0.0.1"}
    assert person.cookie_hosts("bilim_cabinet") == {"127.0.0.2"}
    assert person.cookie_hosts("bilim_textbooks") == {"127.0.0.3"}
    before = walk.sessions_of("textbooks")
    person.sign_out()
    until(lambda: walk.sessions_of("textbooks") == before - 1)
    page.goto(f"{urls['textbooks']}/books/{BOOK}/2")
    expect(page.locator("#session-ended")).to_be_visible()
    person.check("session ended")
    page.goto(f"{urls['cabinet']}/resources")
    page.wait_for_url(re.compile(re.escape(urls["idp"]) + "/login/password"))
    page.goto(f"{urls['idp']}/account")
    page.wait_for_url(f"{urls['idp']}/login/password")
    assert person.passwords_typed() == 1


def hands_in_a_lesson(walk: Walk, *, language: str = "kk", width: int = 1280) -> None:
    """A pupil enters by SAML and is known to OpenID Connect's services; a sign-out there ends it here."""
    pupil = walk.visitor("aigerim", language=language, width=width, axe=language == "kk")
    page, urls = pupil.page, pupil.dev.urls
    pupil.sign_in_at_lessons()
    page.click(".course")
    pupil.check("course")
    page.goto(f"{urls['cabinet']}/resources?lang={language}")
    pupil.arrived("cabinet")
    page.click(f".resource[href^='{urls['lms']}']")
    pupil.arrived("lms")
    expect(page.locator(".course b")).to_have_text("7 «Ә»")
    assert pupil.passwords_typed() == 1
    assert pupil.cookie_hosts("bilim_lms") == {"127.0.0.4"}
    before = walk.sessions_of("lms")
    pupil.sign_out()
    assert walk.sessions_of("lms") == before - 1  # The browser itself was there on its way.
    page.goto(f"{urls['lms']}/")
    expect(page.locator("#session-ended")).to_be_visible()
    pupil.check("session ended")


def sets_a_lesson(walk: Walk, *, language: str = "kk", width: int = 1280, scripts: bool = True) -> None:
    """A teacher known by the cabinet needs no password at the lessons; a sign-out there ends the cabinet's session."""
    teacher = walk.visitor("marat", language=language, width=width, scripts=scripts, axe=language == "kk")
    page, urls = teacher.page, teacher.dev.urls
    teacher.sign_in()
    page.goto(f"{urls['lms']}/login")
    page.wait_for_url("**/consent?*")
    page.click("#consent-allow")
    teacher.goes_on()
    teacher.arrived("lms")
    page.click(".course")
    page.click("#add")
    teacher.check("new assignment")
    page.fill("#title", "Пайыз")
    page.fill("#due_on", _in_a_week())
    page.click("#save")
    expect(page.locator("#done")).to_be_visible()
    teacher.check("course of a teacher")
    assert teacher.passwords_typed() == 1
    before = walk.sessions_of("cabinet")
    teacher.sign_out("lms")
    until(lambda: walk.sessions_of("cabinet") == before - 1)
    page.goto(f"{urls['cabinet']}/")
    expect(page.locator("#session-ended")).to_be_visible()


def _in_a_week() -> str:
    return (local_date(SystemClock().now()) + timedelta(days=7)).isoformat()
