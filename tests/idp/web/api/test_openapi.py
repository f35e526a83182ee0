"""web/api/openapi: the description is valid, whole and kept by whoever read it."""

from __future__ import annotations

from flask import Flask
from openapi_spec_validator import validate

from idp.web.api.schemas import SCHEMAS


def test_every_route_is_described_in_a_valid_document(app: Flask) -> None:
    http = app.test_client()
    answer = http.get("/api/v1/openapi.json")
    document = answer.get_json()
    validate(document)
    served = {
        rule.rule.replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules() if "/api/" in rule.rule
    }
    assert set(document["paths"]) == served
    operations = [one for path in document["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids))
    assert all(one["security"] for one in operations if one["operationId"] != "openapi_describe")
    told = answer.text
    assert [name for name in SCHEMAS if f"#/components/schemas/{name}" not in told] == []

    again = http.get("/api/v1/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
