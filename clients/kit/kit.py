"""What a client is made of, built once by `app.make_app` and found through the Flask app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from clients.kit.db import Database
from clients.kit.provider import ProviderApp
from clients.kit.sessions import Sessions
from clients.kit.settings import ClientSettings
from idp.core.clock import Clock


@dataclass(frozen=True, slots=True)
class Kit:
    settings: ClientSettings
    client_id: str
    """Who this client is to the IdP: a SAML service provider's is its entityID."""
    clock: Clock
    database: Database
    sessions: Sessions


@dataclass(frozen=True, slots=True)
class OidcKit(Kit):
    """Of a client that signs people in by OpenID Connect: it can ask the IdP again at any time."""

    provider: ProviderApp


def kit() -> Kit:
    return cast(Kit, current_app.extensions["kit"])


def oidc_kit() -> OidcKit:
    return cast(OidcKit, current_app.extensions["kit"])
