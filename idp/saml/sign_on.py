"""One sign-on on its way through the checks, and what the endpoint can answer (SAML Profiles §4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from idp.saml.authn_context import RequestedContext
from idp.saml.authn_request import AuthnRequest
from idp.saml.ecp import Bindings, Enhanced
from idp.saml.entity import Endpoint
from idp.saml.name_id import NameId
from idp.saml.ports import SessionView, SpRecord, Stores
from idp.saml.release import Released
from idp.saml.server import Server


class Need(Enum):
    """What a human has to do before the request can be answered."""

    LOGIN = "login"
    CONSENT = "consent"


@dataclass(slots=True)
class SignOn:
    """`consumer_or_none` is set only once metadata is known to name it: from then on the service can be told."""

    server: Server
    stores: Stores
    now: datetime
    record: SpRecord
    request: AuthnRequest | None = None
    """None when it began here."""
    relay_state: str = ""
    is_signed: bool = False
    """Whether the request's sender proved who it is; not kept while it waits for a person."""
    enhanced: Enhanced | None = None
    """None for a browser."""
    bindings: Bindings = frozenset()
    waiting_since: datetime | None = None
    consumer_or_none: Endpoint | None = None
    acr_values: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Of the attributes to be released, in the end."""
    session_or_none: SessionView | None = None
    context_class: str = ""
    name_id_format: str = ""
    """A format, or `none`."""
    name_id: NameId | None = None
    released: tuple[Released, ...] = ()

    @property
    def consumer(self) -> Endpoint:
        assert self.consumer_or_none is not None
        return self.consumer_or_none

    @property
    def session(self) -> SessionView:
        assert self.session_or_none is not None
        return self.session_or_none

    @property
    def context(self) -> RequestedContext | None:
        return self.request.context if self.request else None

    @property
    def is_passive(self) -> bool:
        """Nothing may be shown (SAML Core §3.4.1)."""
        return self.request is not None and self.request.is_passive

    @property
    def in_response_to(self) -> str:
        """The request's ID; empty when there is no request."""
        return self.request.id if self.request else ""

    @property
    def has_signed_in_since(self) -> bool:
        """The person proved who they are after this request began to wait for it."""
        return self.waiting_since is not None and self.session.auth_time >= self.waiting_since


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
class PostForm:
    """Let the browser post `fields` to `uri` (SAML Bindings §3.5)."""

    uri: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Octets of a SOAP envelope for an enhanced client (SAML ECP §2.3)."""

    data: bytes


Answer = Interact | Redirect | PostForm | Envelope
