"""What waits for a human, as our pages show it: who asks, and what they hinted. Of either protocol."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from idp.core.clock import Clock
from idp.core.ids import fingerprint, same
from idp.oidc import interaction
from idp.oidc.checks.redirect_uri import origin_of
from idp.oidc.client import Client
from idp.oidc.errors import PageError
from idp.oidc.ports import OidcUnit
from idp.saml.names import INTERACTION_PREFIX
from idp.store import clients, one_time
from idp.store.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class ClientFace:
    """How a client shows itself (OIDC Registration §2); `name` in the reader's language where it gave one."""

    client_id: str
    name: str
    logo_uri: str
    homepage: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """`params` are the single-valued request parameters as sent by the client; of SAML what they would be."""

    id: str
    params: dict[str, str]
    client_id: str
    created_at: datetime
    acr_values: tuple[str, ...]
    login_hint: str
    ui_locales: str
    client: ClientFace
    redirect_origin: str
    """Where a form of ours may lead in the end: for the CSP's `form-action`."""


class Interactions:
    def __init__(self, uow: UnitOfWork, stores: OidcUnit, clock: Clock) -> None:
        self._uow = uow
        self._stores = stores
        self._clock = clock

    def get(self, interaction_id: str, browser: str, *, language: str = "") -> Interaction | None:
        """The interaction of this browser; None when it is over, somebody else's or made up."""
        if is_saml(interaction_id):
            return self._saml(interaction_id, browser, language)
        with self._stores.read() as stores:
            try:
                waiting = interaction.load(stores.one_time, interaction_id, browser, now=self._clock.now())
            except PageError:
                return None
            record = stores.clients.find(waiting.client_id)
        if record is None:
            return None
        params = {name: value for name, value in waiting.params if name != "resource"}
        return Interaction(
            id=interaction_id,
            params=params,
            client_id=waiting.client_id,
            created_at=waiting.created_at,
            acr_values=waiting.acr_values,
            login_hint=params.get("login_hint", "")[:200],
            ui_locales=params.get("ui_locales", "")[:200],
            client=face_of(Client(record), language),
            redirect_origin=origin_of(params.get("redirect_uri", "")),
        )

    def _saml(self, interaction_id: str, browser: str, language: str) -> Interaction | None:
        """What `saml/interaction.py` kept, without loading an XML library for a page."""
        with self._uow.read() as tx:
            data = one_time.peek(tx, interaction_id, purpose=interaction.PURPOSE, now=self._clock.now())
            if data is None or not browser or not same(str(data.get("browser")), fingerprint(browser)):
                return None
            record = clients.find(tx, str(data["client_id"]))
        if record is None:
            return None
        return Interaction(
            id=interaction_id,
            params=dict(data["params"]),
            client_id=record.client_id,
            created_at=datetime.fromisoformat(str(data["created"])),
            acr_values=tuple(data["acr_values"]),
            login_hint="",
            ui_locales="",
            client=face_of(Client(record), language),
            redirect_origin=str(data["origin"]),
        )


def is_saml(interaction_id: str) -> bool:
    """Whether it is a sign-on of SAML that waits."""
    return interaction_id.startswith(INTERACTION_PREFIX)


def face_of(client: Client, language: str = "") -> ClientFace:
    """The displayed half of a client."""
    return ClientFace(
        client_id=client.client_id,
        name=client.text("client_name", language) or client.client_id,
        logo_uri=client.text("logo_uri", language),
        homepage=client.text("client_uri", language),
    )
