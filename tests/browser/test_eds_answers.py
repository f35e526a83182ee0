"""What ncalayer.js asks, and what it makes of every answer that some build of NCALayer gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.eds import says
from tests.factories.eds_pages import PAGES
from tests.fakes.chromium import visitor
from tests.fakes.page_app import serving

pytestmark = pytest.mark.browser
_SIGNATURE = "MIIsignature="
_UNKNOWN = {"success": False, "errorCode": "MODULE_NOT_FOUND"}
Answer = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(PAGES) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = visitor(browser, language="en")
    yield context.new_page()
    context.close()


class Fake:
    """Stands in the browser where NCALayer would listen. `asked` are the requests; an answer of None is silence."""

    def __init__(self, page: Page, answer: Answer, *, version: str | None = "1.4") -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer
        self._version = version
        page.route_web_socket("wss://127.0.0.1:13579/**", self._serve)

    def _serve(self, socket: WebSocketRoute) -> None:
        socket.on_message(lambda message: self._reply(socket, json.loads(message)))
        if self._version is not None:
            socket.send(json.dumps({"result": {"version": self._version}}))

    def _reply(self, socket: WebSocketRoute, asked: dict[str, Any]) -> None:
        self.asked.append(asked)
        answer = self._answer(asked)
        if answer is not None:
            socket.send(answer if isinstance(answer, str) else json.dumps(answer))


def _always(answer: Any) -> Answer:
    return lambda _asked: answer


def _old(asked: dict[str, Any]) -> Any:
    if asked["module"] != "kz.gov.pki.knca.commonUtils":
        return _UNKNOWN
    is_tokens = asked["method"] == "getActiveTokens"
    return {"code": "200", "responseObject": ["AKKZIDCardStore"] if is_tokens else _SIGNATURE}


def _sent(page: Page, url: str) -> dict[str, list[str]]:
    """Presses the button and returns the form that is sent."""
    page.goto(url)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click("[data-sign]")
    return parse_qs(sent.value.post_data or "")


@pytest.mark.parametrize(
    "result",
    [[_SIGNATURE], _SIGNATURE, {"signatures": [_SIGNATURE], "certificate": "MII"}],
    ids=["list", "text", "object"],
)
def test_a_signature_is_found_in_each_shape(page: Page, site: str, result: Any) -> None:
    Fake(page, _always({"status": True, "body": {"result": result}}))
    form = _sent(page, f"{site}/page/eds-ncalayer?lang=en")
    assert form["signature"] == [_SIGNATURE]
    assert form["challenge"] == [PAGES["eds-ncalayer"][1]["challenge"]]


def test_a_sign_in_asks_for_a_detached_signature_without_a_timestamp(page: Page, site: str) -> None:
    fake = Fake(page, _always({"status": True, "body": {"result": [_SIGNATURE]}}))
    _sent(page, f"{site}/page/eds-ncalayer?lang=en")
    shown = PAGES["eds-ncalayer"][1]
    assert fake.asked == [
        {
            "module": "kz.gov.pki.knca.basics",
            "method": "sign",
            "args": {
                "allowedStorages": None,
                "format": "cms",
                "data": shown["data_b64"],
                "signingParams": {"decode": True, "encapsulate": False, "digested": False},
                "signerParams": {
                    "extKeyUsageOids": shown["oids"],
                    "iin": "",
                    "bin": "",
                    "serialNumber": "",
                    "chain": None,
                },
                "locale": "kk",
            },
        }
    ]


def test_a_document_gets_a_timestamp(page: Page, site: str) -> None:
    fake = Fake(page, _always({"status": True, "body": {"result": [_SIGNATURE]}}))
    _sent(page, f"{site}/page/sign?lang=en")
    assert fake.asked[0]["args"]["signingParams"]["tsaProfile"] == {}
    assert fake.asked[0]["args"]["data"] == PAGES["sign"][1]["document_b64"]


@pytest.mark.parametrize("version", ["1.4", "1.3", "0.9", ""])
@pytest.mark.parametrize(
    ("name", "method", "data"),
    [("eds-ncalayer", "createCAdESFromBase64", "data_b64"), ("sign", "createCMSSignatureFromBase64", "document_b64")],
)
def test_an_old_version_is_asked_in_the_old_way(
    page: Page, site: str, version: str, name: str, method: str, data: str
) -> None:
    fake = Fake(page, _old, version=version)
    form = _sent(page, f"{site}/page/{name}?lang=en")
    assert form["signature"] == [_SIGNATURE]
    assert [one["method"] for one in fake.asked] == [*(["sign"] if version == "1.4" else []), "getActiveTokens", method]
    assert fake.asked[-1]["args"] == ["AKKZIDCardStore", "SIGNATURE", PAGES[name][1][data], False]


@pytest.mark.parametrize("version", ["1.10", "2.0"])
def test_a_later_version_is_not_taken_for_an_old_one(page: Page, site: str, version: str) -> None:
    fake = Fake(page, _always({"status": True, "body": {"result": [_SIGNATURE]}}), version=version)
    _sent(page, f"{site}/page/eds-ncalayer?lang=en")
    assert fake.asked[0]["module"] == "kz.gov.pki.knca.basics"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": True, "body": {}}, "ncalayer_cancelled"),
        ({"status": True}, "ncalayer_cancelled"),
        ({"status": True, "body": {"result": []}}, "ncalayer_cancelled"),
        ({"status": False, "code": "USER_CANCELED", "message": "canceled"}, "ncalayer_cancelled"),
        ({"code": "500", "message": "action.canceled"}, "ncalayer_cancelled"),
        ({"status": False, "code": "SIGNING_FAILURE", "message": "no", "details": ""}, "ncalayer_failed"),
        ({"status": False, "code": "INVALID_SIGNING_PARAMS"}, "ncalayer_failed"),
        ("not JSON", "ncalayer_failed"),
    ],
)
def test_whatever_else_is_answered_has_its_own_words(page: Page, site: str, answer: Any, code: str) -> None:
    Fake(page, _always(answer))
    page.goto(f"{site}/page/eds-ncalayer?lang=en")
    page.click("#eds-submit")
    says(page, code)
    expect(page.locator("#eds-submit")).not_to_have_attribute("aria-disabled", "true")


def test_silence_instead_of_a_greeting_is_no_running_ncalayer(page: Page, site: str) -> None:
    page.clock.install()
    Fake(page, _always(None), version=None)
    page.goto(f"{site}/page/eds-ncalayer?lang=en")
    page.click("#eds-submit")
    says(page, "connecting")
    page.clock.fast_forward(11_000)
    says(page, "ncalayer_absent")


def test_a_page_that_stood_for_long_takes_a_new_challenge_before_it_signs(page: Page, site: str) -> None:
    page.clock.install()
    fake = Fake(page, _always({"status": True, "body": {"result": [_SIGNATURE]}}))
    page.goto(f"{site}/page/eds-ncalayer?lang=en")
    html = page.content().replace("c" * 43, "f" * 43).replace(PAGES["eds-ncalayer"][1]["data_b64"], "bmV3")
    page.route("**/login/eds_ncalayer?i=i1", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.clock.fast_forward(60_000)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click("#eds-submit")
    assert parse_qs(sent.value.post_data or "")["challenge"] == ["f" * 43]
    assert fake.asked[0]["args"]["data"] == "bmV3"
