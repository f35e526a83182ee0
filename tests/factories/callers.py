"""Apps that call /api/v1 with a person's token: answers are held against the schemas that the interface publishes.

api = Callers(console)                       an app of the operator's with every scope of a person
guardian = api.of("guardian")                somebody's token, of a sign-in a moment ago; `acr=`, `age=` change that
guardian.get("/me", "Me")                    the JSON of an answer in the shape `Me`
guardian.ask("POST", "/me/cards/block")      the bare answer
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from openapi_schema_validator import OAS31Validator
from werkzeug.test import TestResponse

from idp.core import levels
from idp.oidc.scopes import ALL_CLAIMS
from idp.web.api.schemas import SCHEMAS
from tests.factories.console import Console
from tests.factories.relying_party import RelyingParty

SCOPE = "openid children me me:write me:data admin"


@dataclass
class Caller:
    console: Console
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        given = {} if body is None else {"json": body}
        return self.console.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **given)

    def get(self, path: str, shape: str) -> Any:
        return shaped(self.ask("GET", path), shape)

    def post(self, path: str, shape: str, body: Any = None) -> Any:
        return shaped(self.ask("POST", path, body), shape)

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code of a refusal, which must be a Problem."""
        answer = self.ask(method, path, body)
        assert answer.content_type == "application/problem+json", answer.text
        _check(answer.get_json(force=True), "Problem")
        return answer.status_code, str(answer.get_json(force=True)["type"]).removeprefix("urn:bilim:problem:")


class Callers:
    def __init__(self, console: Console, client_id: str = "cabinet", **changes: Any) -> None:
        self.console = console
        fields = {"scope": SCOPE, "bilim_claims": [claim for claim in ALL_CLAIMS if claim != "iin"]} | changes
        self.client = RelyingParty(console.parts.clients, console.app.test_client(), client_id, **fields)

    def of(
        self, name: str, *, acr: str = levels.EDS, age: timedelta = timedelta(0), scope: str = SCOPE
    ) -> Caller:  # fmt: skip
        browser = self.console.browser(name, acr=acr, age=age)
        return Caller(self.console, str(self.client.tokens(browser, scope=scope)["access_token"]))


def shaped(answer: TestResponse, shape: str) -> Any:
    """The JSON of an answer that went well. Fails for a member that the published schema does not have."""
    assert answer.status_code in (200, 201), (answer.status_code, answer.text)
    _check(answer.get_json(), shape)
    return answer.get_json()


def _check(value: Any, shape: str) -> None:
    schema = {"$ref": f"#/components/schemas/{shape}", "components": {"schemas": SCHEMAS}}
    wrong = [f"{list(error.absolute_path)}: {error.message}" for error in OAS31Validator(schema).iter_errors(value)]
    assert wrong == [], (shape, wrong)
