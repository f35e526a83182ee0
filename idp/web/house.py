"""What `app.py` hands to the doors, in one frozen record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from idp.core.clock import Clock
    from idp.oidc.ports import OidcUnit
    from idp.oidc.server import Server
    from idp.services.acting import Acting
    from idp.services.consent import Consents
    from idp.services.credentials import Credentials
    from idp.services.eds_login import EdsLogin
    from idp.services.eds_names import EdsNames
    from idp.services.interactions import Interactions
    from idp.services.keys import Keys
    from idp.services.login import Login
    from idp.services.logout import Logout
    from idp.services.organisations import Organisations
    from idp.services.phone_errands import PhoneErrands
    from idp.services.sessions import Sessions
    from idp.services.signature_check import SignatureCheck
    from idp.services.signing import Signing
    from idp.services.signing_requests import SigningRequests
    from idp.services.throttle import Throttle


@dataclass(frozen=True)
class House:
    issuer: str
    is_https: bool
    is_dev: bool
    trusted_proxies: int
    clock: Clock
    keys: Keys
    login: Login
    eds_login: EdsLogin
    eds_names: EdsNames
    sessions: Sessions
    acting: Acting
    organisations: Organisations
    credentials: Credentials
    throttle: Callable[[], Throttle]
    oidc: Server
    oidc_stores: OidcUnit
    interactions: Interactions
    consents: Consents
    logout: Logout
    signing: Signing
    signing_requests: SigningRequests
    signature_check: SignatureCheck
    errands: PhoneErrands
    ncalayer_url: str
    check_ready: Callable[[], str]
    """What keeps this node from serving, in a word; empty when nothing does."""

    @property
    def session_cookie(self) -> str:
        return "__Host-bilim_id" if self.is_https else "bilim_id"


def house() -> House:
    return cast(House, current_app.extensions["house"])
