"""Every page renders in three languages, keeps to the content security policy, and stays small."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g, render_template

from tests.factories import eds_pages, sign_in_pages
from tests.fakes.page_app import LANGUAGES, build_app

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = TEMPLATES / "static"

CLIENT = {
    "name": "Оқулық",
    "logo_uri": "/static/img/icon.svg",
    "homepage": "",
    "client_uri": "https://books.example/",
    "policy_uri": "https://books.example/privacy",
    "tos_uri": "",
    "owner": "«Оқулық» ЖШС, БСН 190 940 000 123",
    "purpose": "Электрондық оқулықты ашу, оқыған бетін сақтау",
    "until": "2027 жылғы 25 мамыр",
}
AIGERIM = {
    "name": "Оспанова Айгерім Серікқызы",
    "username": "aigerim",
    "given_name": "Айгерім",
    "family_name": "Оспанова",
}
MARAT = {"name": "Әбдіқадыров Марат", "username": "marat", "given_name": "Марат", "family_name": "Әбдіқадыров"}
VALUES = [
    {"key": "name", "values": ["Оспанова Айгерім Серікқызы"]},
    {"key": "school", "values": ["№ 12 мектеп-гимназия"]},
    {"key": "classes", "values": ["7 «Ә»", "7 «Ә», математика"]},
    {"key": "roles", "values": ["pupil"]},
    {"key": "locale", "values": ["kk"]},
]
MEMBERSHIPS = [
    {"id": "m1", "role": "class_teacher", "school": "№ 12 мектеп-гимназия", "current": True},
    {"id": "m2", "role": "teacher", "school": "№ 5 ауыл мектебі", "current": False},
    {"id": "m3", "role": "guardian", "school": "№ 12 мектеп-гимназия", "current": False},
]
OTHERS = [("passkey", "/login/passkey", "Passkey", "key"), ("badge", "/login/badge", "Badge", "badge")]
ERRORS = [("new-password", "too_short"), ("new-password", "contains_name"), ("new-password-2", "mismatch")]
CODES = (
    "not_found",
    "denied",
    "invalid",
    "csrf",
    "too_many_attempts",
    "unavailable",
    "server_error",
    "method_not_allowed",
    "request_too_large",
    "link_expired",
    "invalid_client",
    "invalid_redirect_uri",
    "invalid_request",
    "unsupported_response_type",
    "client_disabled",
    "client_not_for_school",
    "consent_missing",
    "session_ended",
    "login_required",
    "step_up",
    "password_needed",
    "app_without_password",
    "first_factor_elsewhere",
    *eds_pages.EDS_CODES,
    *eds_pages.EDS_ERRORS,
)

LOGIN = {"client": CLIENT, "form": {"username": ""}, "shared": False, "error": None, "interaction_id": "i1"}
LOGIN |= {"passkey_options": sign_in_pages.OPTIONS}
CHANGE = {"person": AIGERIM, "role": "pupil", "minimum": 8, "errors": [], "interaction_id": "i1"}
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "home": ("home.html", {}),
    "login": ("login/password.html", LOGIN),
    "login-bare": ("login/password.html", {**LOGIN, "client": None, "interaction_id": ""}),
    "login-others": ("login/password.html", {**LOGIN, "other_methods": OTHERS, "current_person": MARAT["name"]}),
    "login-wrong": (
        "login/password.html",
        {**LOGIN, "error": "wrong", "form": {"username": "aigerim"}, "shared": True},
    ),
    "login-throttled": ("login/password.html", {**LOGIN, "error": "throttled", "retry_minutes": 5}),
    "forgot": ("login/forgot.html", {}),
    "first-password": ("login/change_password.html", CHANGE),
    "first-password-young": ("login/change_password.html", {**CHANGE, "young": True}),
    "first-password-errors": (
        "login/change_password.html",
        {**CHANGE, "person": MARAT, "role": "teacher", "errors": ERRORS},
    ),
    "logout": ("login/logout.html", {"client": CLIENT, "fields": [("state", "s")], "person": MARAT}),
    "signing-out": ("login/signing_out.html", {"address": "/saml/slo?SAMLRequest=x"}),
    "signed-out": ("login/signed_out.html", {"return_link": {"href": "/books", "name": "Оқулық"}}),
    "consent": (
        "consent/consent.html",
        {
            "client": CLIENT,
            "person": AIGERIM,
            "membership": {"role": "pupil", "school": "№ 12 мектеп-гимназия"},
            "values": VALUES,
            "offline": True,
            "interaction_id": "i1",
        },
    ),
    "consent-bare": (
        "consent/consent.html",
        {"client": CLIENT, "person": AIGERIM, "membership": None, "values": [], "offline": False},
    ),
    "form-post": (
        "oidc/form_post.html",
        {"action": "/callback", "fields": [("code", "c"), ("state", '"><script>')], "client": CLIENT},
    ),
    "account": (
        "account/home.html",
        {
            "person": MARAT,
            "memberships": MEMBERSHIPS,
            "services": [{"name": "Оқулық", "logo_uri": "", "href": "/books"}],
        },
    ),
    "account-bare": (
        "account/home.html",
        {"person": AIGERIM, "memberships": MEMBERSHIPS[:1], "services": []},
    ),
    "password": ("account/change_password.html", {"person": MARAT, "role": "teacher", "minimum": 10, "errors": []}),
    "password-wrong": (
        "account/change_password.html",
        {"person": MARAT, "role": "teacher", "minimum": 10, "errors": [("old-password", "wrong")]},
    ),
    "styleguide": ("styleguide.html", {}),
    **eds_pages.PAGES,
    **sign_in_pages.PAGES,
    **{
        f"error-{code}": (
            "errors/error.html",
            {"code": code, "reference": "K7M 4Q2", "status": 400, "retry_minutes": 2},
        )
        for code in (*CODES, "something_new")
    },
}
LOGIN_LIMIT = 30_000
PAGE_LIMIT = 50_000
LIGHT = ("login", "login-bare", "login-wrong", "eds-egov", "eds-egov-fetched", "eds-egov-delivered", "eds-second")


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """The compiled form is not in git; put in place whole, since other workers of the test run read it too."""
    for lang, _, _ in LANGUAGES:
        source = TEMPLATES / "i18n" / lang / "LC_MESSAGES" / "messages.po"
        with source.open("rb") as file, NamedTemporaryFile(dir=source.parent, delete=False) as compiled:
            write_mo(compiled, read_po(file, locale=lang))
        Path(compiled.name).chmod(0o644)
        Path(compiled.name).replace(source.with_suffix(".mo"))


def render(page: str, lang: str) -> str:
    template, values = PAGES[page]
    with build_app().test_request_context("/page"):
        g.lang = lang
        return render_template(template, **values)


class _Page(HTMLParser):
    """Collects what the rules below speak of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def resources(self) -> list[str]:
        """Addresses the browser fetches by itself."""
        found = [a.get("href") for tag, a in self.tags if tag == "link"]
        found += [a.get("src") for tag, a in self.tags if tag in ("script", "img")]
        return [address for address in found if address]


every_page = pytest.mark.parametrize("page", PAGES)
every_language = pytest.mark.parametrize("lang", [code for code, _, _ in LANGUAGES])


def test_every_template_compiles() -> None:
    environment = build_app().jinja_env
    for path in TEMPLATES.rglob("*.html"):
        environment.get_template(path.relative_to(TEMPLATES).as_posix())


@every_page
@every_language
def test_a_page_renders_in_its_language(page: str, lang: str) -> None:
    text = render(page, lang)
    assert f'<html lang="{lang}">' in text
    assert "%(" not in text
    assert '<main id="main">' in text


@every_page
def test_a_page_keeps_to_the_content_security_policy(page: str) -> None:
    """`default-src 'none'; style-src 'self'; script-src 'self'`: nothing inline, nothing from another host."""
    parsed = _Page(render(page, "kk"))
    for tag, attrs in parsed.tags:
        assert "style" not in attrs, (tag, attrs)
        assert tag not in ("style", "iframe", "object", "base"), tag
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        assert tag != "script" or attrs.get("src"), "an inline script"
        assert not (attrs.get("href") or "").startswith("javascript:"), attrs
    assert [address for address in parsed.resources() if not address.startswith("/static/")] == []


@every_page
def test_every_resource_of_a_page_is_there(page: str) -> None:
    for address in _Page(render(page, "kk")).resources():
        assert (STATIC / address.removeprefix("/static/")).is_file(), address


def test_no_template_or_static_file_names_a_host() -> None:
    namespace = "http://www.w3.org/"
    for path in (*TEMPLATES.rglob("*.html"), *STATIC.rglob("*.css"), *STATIC.rglob("*.js"), *STATIC.rglob("*.svg")):
        foreign = [a for a in re.findall(r"https?://[^\s\"']+", path.read_text()) if not a.startswith(namespace)]
        assert foreign == [], path


@pytest.mark.parametrize("page", [page for page in PAGES if page != "styleguide"])
@every_language
def test_a_page_with_its_styles_and_scripts_is_small(page: str, lang: str) -> None:
    """Uncompressed; the style guide, which loads every part and is never served in production, is left out."""
    text = render(page, lang)
    size = len(text.encode()) + sum(
        (STATIC / address.removeprefix("/static/")).stat().st_size for address in _Page(text).resources()
    )
    assert size < (LOGIN_LIMIT if page in LIGHT else PAGE_LIMIT)


@every_page
def test_ids_are_unique_and_references_between_elements_hold(page: str) -> None:
    parsed = _Page(render(page, "kk"))
    ids = [attrs["id"] or "" for _, attrs in parsed.tags if attrs.get("id")]
    assert sorted(ids) == sorted(set(ids))
    for _, attrs in parsed.tags:
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            assert set((attrs.get(name) or "").split()) <= set(ids), (name, attrs)


@every_page
def test_every_form_that_changes_something_carries_the_csrf_token(page: str) -> None:
    """Except the one that leaves for a client, and the one that only asks for an answer."""
    text = render(page, "kk")
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        assert 'name="csrf_token"' in form or 'id="form-post"' in form or 'action="/verify"' in form


@pytest.mark.parametrize(
    ("page", "ids"),
    [
        ("login", ("username", "password", "login-submit")),
        ("consent", ("consent-allow", "consent-deny")),
        ("logout", ("logout-yes", "logout-no")),
        ("error-not_found", ("error-code", "error-reference")),
    ],
)
def test_the_fixed_ids_are_on_their_pages(page: str, ids: tuple[str, ...]) -> None:
    found = {attrs.get("id") for _, attrs in _Page(render(page, "kk")).tags}
    assert set(ids) <= found


@every_language
def test_headings_tell_sign_in_signed_out_and_every_error_apart(lang: str) -> None:
    pages = ["login", "signed-out", "logout", *(f"error-{code}" for code in CODES)]
    titles = [re.findall(r"<h1>(.*?)</h1>", render(page, lang))[0] for page in pages]
    assert len(set(titles)) == len(titles)


def test_values_from_outside_are_escaped() -> None:
    assert "<script>" not in render("form-post", "kk")


@every_page
def test_text_has_no_dash_clutter_and_no_emoji(page: str) -> None:
    words = "".join(_Page(render(page, "en")).words)
    assert "—" not in words
    assert not [letter for letter in words if ord(letter) > 0x1F000]
