"""web/health: alive, ready, counted; request ids on every answer."""

from dataclasses import replace

import pytest
from flask import Flask

from idp.core.clock import FixedClock
from idp.parts import Parts, build
from idp.services.keys import SECRET_USES
from tests.fakes.browser import Browser


def test_alive_and_ready(browser: Browser) -> None:
    assert browser.client.get("/healthz").json == {"status": "ok"}
    assert browser.client.get("/readyz").json == {"status": "ok"}


def test_an_old_schema_is_not_ready(browser: Browser, parts: Parts) -> None:
    with parts.uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num='0000'")
    answer = browser.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "schema"}


@pytest.mark.parametrize("use", SECRET_USES)
def test_an_installation_older_than_one_of_its_secrets_is_not_ready(parts: Parts, clock: FixedClock, use: str) -> None:
    with parts.uow.write() as tx:
        tx.connection.exec_driver_sql(f"DELETE FROM keys WHERE use = '{use}'")
    upgraded = build(parts.settings, clock)
    assert upgraded.check_ready() == "keys"
    upgraded.keys.init()
    assert upgraded.check_ready() == ""
    upgraded.engine.dispose()


def test_metrics_are_for_this_machine_only(browser: Browser) -> None:
    answer = browser.client.get("/metrics")
    assert answer.status_code == 200
    assert "bilim_http_requests_total" in answer.text
    for environ in ({"REMOTE_ADDR": "10.0.0.8"}, {"HTTP_X_FORWARDED_FOR": "10.0.0.8"}):
        assert browser.client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"} | environ).status_code == 403


def test_labels_do_not_grow_with_what_visitors_send(browser: Browser) -> None:
    browser.client.get("/made-up-1")
    browser.client.open("/made-up-2", method="BREW")
    text = browser.client.get("/metrics").text
    assert "made-up" not in text
    assert "BREW" not in text


def test_every_answer_has_its_own_request_id(browser: Browser) -> None:
    ids = {browser.client.get("/healthz").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_form_without_its_token_is_refused_under_an_id_of_its_own(browser: Browser) -> None:
    before = browser.client.get("/healthz").headers["X-Request-Id"]
    refused = browser.client.post("/login/password", data={"username": "x"})
    assert refused.status_code == 400
    assert refused.headers["X-Request-Id"] != before


def test_the_styleguide_is_for_development(app: Flask, browser: Browser) -> None:
    assert browser.client.get("/styleguide").status_code == 200
    app.extensions["house"] = replace(app.extensions["house"], is_dev=False)
    assert browser.client.get("/styleguide").status_code == 404
