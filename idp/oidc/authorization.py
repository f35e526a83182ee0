"""One authorization request on its way through the checks, and what the endpoint can answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from idp.oidc.client import Client
from idp.oidc.ports import SessionView, Stores
from idp.oidc.request import Params
from idp.oidc.server import Server


@dataclass(slots=True)
class Authorization:
    """Filled by the checks in their order; `redirect_uri` is set only once it is known to be the client's."""

    server: Server
    params: Params
    stores: Stores
    now: datetime
    waiting_since: datetime | None = None
    """When the interaction began that this request continues; a sign-in since then is fresh."""
    client_or_none: Client | None = None
    redirect_uri: str = ""
    response_mode: str = "query"
    state: str = ""
    scopes: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    prompts: frozenset[str] = field(default_factory=frozenset)
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    hint_sub: str = ""
    code_challenge: str = ""
    session_or_none: SessionView | None = None

    @property
    def client(self) -> Client:
        assert self.client_or_none is not None
        return self.client_or_none

    @property
    def session(self) -> SessionView:
        assert self.session_or_none is not None
        return self.session_or_none

    @property
    def is_silent(self) -> bool:
        """`prompt=none`: nothing may be shown."""
        return "none" in self.prompts

    @property
    def has_signed_in_since(self) -> bool:
        """The person proved who they are after this request began to wait for it."""
        return self.waiting_since is not None and self.session.auth_time >= self.waiting_since


class Need(Enum):
    """What a human has to do before the request can be answered."""

    LOGIN = "login"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Interact:
    """Send the browser to our page for `need`, which comes back with the interaction's id."""

    need: Need
    interaction_id: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser to `uri` with a GET."""

    uri: str


@dataclass(frozen=True, slots=True)
class FormPost:
    """Let the browser post `fields` to `uri` (OAuth 2.0 Form Post Response Mode)."""

    uri: str
    fields: tuple[tuple[str, str], ...]


Answer = Interact | Redirect | FormPost
