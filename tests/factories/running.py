"""A running IdP that knows a person and takes clients, for tests that come from outside like everybody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from idp.core.clock import SystemClock
from idp.core.ids import new_id
from idp.methods.password import hash_password
from idp.parts import Parts, build
from idp.settings import Settings
from idp.store import credentials
from tests.factories.relying_party import document, without
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.http_browser import HttpBrowser
from tests.fakes.servers import running_idp

USERNAME = "aigerim"
PASSWORD = "тау мен көл"
NAME = "Әбілқасымқызы Айгерім"
REDIRECT = "http://127.0.0.1:9/callback"
AFTER_LOGOUT = "http://127.0.0.1:9/bye"


@dataclass(frozen=True)
class Provider:
    """`issuer` answers over real HTTP; `parts` are the same database, for what an operator does."""

    issuer: str
    parts: Parts

    def register(self, **changes: Any) -> str:
        """Adds a client with a new id; returns the id. Its secret is `relying_party.SECRET`."""
        client_id = f"client-{new_id()}"
        changes = {"redirect_uris": [REDIRECT], "post_logout_redirect_uris": [AFTER_LOGOUT]} | changes
        fields = document(client_id, **changes)
        if fields.get("token_endpoint_auth_method") in ("none", "private_key_jwt"):
            fields = without(fields, "client_secret")
        self.parts.clients.add(fields)
        return client_id

    def browser(self) -> HttpBrowser:
        return HttpBrowser(self.issuer)


@contextmanager
def running_provider(database_url: str, *, env: Mapping[str, str] | None = None) -> Iterator[Provider]:
    """Starts the IdP on a migrated database and adds USERNAME, a pupil. `env` adds to its environment."""
    with running_idp(database_url, env=env) as idp:
        parts = build(Settings.from_env(idp.environment))
        hashed = hash_password(PASSWORD)
        family, given = NAME.split()
        with parts.uow.write() as tx:
            person_id = add_person(tx, USERNAME, family_name=family, given_name=given)
            add_membership(tx, person_id, add_school(tx), "pupil", is_primary=True)
            now = SystemClock().now()
            credentials.replace(tx, "password", [(person_id, {"hash": hashed})], must_change=False, now=now)
        yield Provider(idp.url, parts)
        parts.engine.dispose()
