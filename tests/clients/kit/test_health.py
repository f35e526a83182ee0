"""Health does not depend on the IdP."""

from __future__ import annotations

from requests import ConnectionError as NoConnection
from sqlalchemy import text

from tests.fakes.client_browser import World


def test_a_client_is_ready_without_its_idp(cabinet: World) -> None:
    cabinet.transport.failing = NoConnection()
    browser = cabinet.browser()
    assert browser.get("/healthz").get_json() == {"status": "ok"}
    assert browser.get("/readyz").status_code == 200


def test_a_client_without_its_tables_is_not_ready(cabinet: World) -> None:
    with cabinet.kit.database.write() as connection:
        connection.execute(text("DELETE FROM schema_versions"))
    browser = cabinet.browser()
    assert browser.get("/readyz").status_code == 503
    assert browser.get("/healthz").status_code == 200
