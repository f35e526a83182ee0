"""Every part that works without HTTP, built once and shared by the app, the command line and the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from idp.core.clock import Clock, SystemClock
from idp.core.errors import BilimError
from idp.eds.signed_by import SignedBy
from idp.jobs import backchannel_logout
from idp.jobs.backchannel_logout import BackchannelLogout
from idp.jobs.crl_import import CrlImport
from idp.jobs.outbox import Outbox
from idp.jobs.retention import Retention
from idp.jobs.schedule import Job, Worker
from idp.jose.errors import NoSigningKey
from idp.methods.eds_egov_mobile import EgovMobile
from idp.methods.eds_ncalayer import NcaLayer
from idp.methods.method import Attempt, Method
from idp.methods.password import Password, hash_password
from idp.oidc.server import Server
from idp.services import scope
from idp.services.acting import Acting
from idp.services.clients import Clients
from idp.services.credentials import Credentials, StoredCredentials
from idp.services.eds import Eds
from idp.services.eds_accounts import EdsAccounts
from idp.services.eds_login import EdsLogin
from idp.services.egov_relay import EgovRelay
from idp.services.egov_words import Operator
from idp.services.fetch import ClientKeySets, Fetcher
from idp.services.keys import SECRET_USES, IinVault, Keys
from idp.services.login import Login
from idp.services.logout import Logout
from idp.services.nca import Nca, hosts
from idp.services.organisations import Organisations
from idp.services.people import People
from idp.services.phone_errands import PhoneErrands
from idp.services.rosters import Rosters
from idp.services.sealed_signers import SealedSigners
from idp.services.sessions import Sessions
from idp.services.signature_check import SignatureCheck
from idp.services.signing import Signing
from idp.services.signing_requests import SigningRequests
from idp.services.throttle import Throttle
from idp.services.trust import Trust
from idp.settings import Settings, read_master_key
from idp.store.oidc import OidcStores
from idp.store.session import UnitOfWork, open_engine


@dataclass(frozen=True)
class Parts:
    """Every part that works without HTTP; `app`, `cli` and `jobs` share it."""

    settings: Settings
    engine: Engine
    clock: Clock

    @cached_property
    def uow(self) -> UnitOfWork:
        return UnitOfWork(self.engine)

    @cached_property
    def keys(self) -> Keys:
        path = self.settings.secret_file
        return Keys(self.uow, self.clock, lambda: read_master_key(path))

    @cached_property
    def iin_vault(self) -> IinVault:
        return IinVault(self.keys)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.uow, self.clock)

    @cached_property
    def credentials(self) -> Credentials:
        return Credentials(self.uow, self.clock)

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """A new way of signing in is one line here."""
        stored = StoredCredentials(self.uow)
        layer = NcaLayer(self.eds, address=self.settings.ncalayer_url)
        ways: list[Method] = [Password(stored), layer, self.egov_mobile]
        return {method.name: method for method in ways}

    @cached_property
    def egov_mobile(self) -> EgovMobile:
        settings = self.settings
        return EgovMobile(self.eds, is_reachable=bool(settings.operator_bin or settings.egov_relay_url))

    @cached_property
    def errands(self) -> PhoneErrands:
        """A phone signs texts of a sign-in, and documents of signing requests; neither passes for the other."""
        settings = self.settings
        site = urlsplit(settings.issuer).netloc

        def signed_in(signature: str, text: bytes) -> SignedBy:
            attempt = Attempt(self.clock.now(), "", site=site, kept={"text": text.decode()})
            return self.egov_mobile.deliver(attempt, signature).signed_by

        relay = settings.egov_relay_url
        return PhoneErrands(
            self.uow,
            self.clock,
            self.keys.secret,
            {"login": signed_in, "document": self.eds.verify},
            issuer=settings.issuer,
            operator=Operator(settings.operator_name, settings.operator_bin),
            relay=EgovRelay(self.fetcher, relay) if relay else None,
        )

    @cached_property
    def eds_login(self) -> EdsLogin:
        accounts = EdsAccounts(self.uow, self.clock, self.iin_vault, self.settings.eds_second_factor)
        sealed = SealedSigners(self.keys.secret)
        return EdsLogin(self.uow, self.clock, self.sessions, accounts, sealed, self.throttle)

    def throttle(self) -> Throttle:
        return Throttle(self.uow, self.clock, self.keys.secret("token"))

    def check_ready(self) -> str:
        """What keeps this installation from serving: `database`, `schema`, `keys`, or nothing."""
        from idp.store import migrations

        try:
            with self.uow.read() as tx:
                if migrations.current(tx.connection) != migrations.HEAD:
                    return "schema"
            self.keys.ring().signing("ES256")
            for use in SECRET_USES:  # One may be newer than the installation.
                self.keys.secret(use)
        except DBAPIError:
            return "database"
        except (NoSigningKey, BilimError):
            return "keys"
        return ""

    @cached_property
    def oidc_stores(self) -> OidcStores:
        return OidcStores(self.uow, scope.of_person)

    @cached_property
    def fetcher(self) -> Fetcher:
        return Fetcher(allow=self.settings.fetch_allow, ca_file=self.settings.extra_ca_file)

    @cached_property
    def trust(self) -> Trust:
        settings = self.settings
        folder = settings.keys_dir / "trust"
        return Trust(folder, not settings.is_dev, self.clock, allow_legacy=settings.eds_legacy)

    @cached_property
    def nca(self) -> Nca:
        """With a fetcher of its own: what is excepted for the NCA is excepted for nobody else."""
        settings = self.settings
        allow = hosts((settings.ocsp_url, *settings.crl_urls))
        return Nca(Fetcher(allow=allow, ca_file=settings.extra_ca_file), settings.ocsp_url)

    @cached_property
    def eds(self) -> Eds:
        legacy = self.settings.eds_legacy
        return Eds(self.trust, self.nca, self.uow, self.clock, self.keys, allow_legacy=legacy)

    @cached_property
    def oidc(self) -> Server:
        return Server(
            issuer=self.settings.issuer,
            clock=self.clock,
            ring=self.keys.ring,
            secret=self.keys.secret,
            client_keys=ClientKeySets(self.fetcher),
            open_iin=self.iin_vault.open,
        )

    @cached_property
    def acting(self) -> Acting:
        return Acting(self.uow, self.clock)

    @cached_property
    def organisations(self) -> Organisations:
        return Organisations(self.uow)

    @cached_property
    def clients(self) -> Clients:
        return Clients(self.uow, self.clock)

    @cached_property
    def rosters(self) -> Rosters:
        return Rosters(self.uow, self.clock, self.iin_vault, is_dev=self.settings.is_dev)

    @cached_property
    def people(self) -> People:
        return People(self.uow, self.clock, hash_password)

    @cached_property
    def logout(self) -> Logout:
        return Logout(self.uow, self.clock)

    @cached_property
    def signing(self) -> Signing:
        return Signing(self.uow, self.clock, self.oidc.subjects, self.eds, self.iin_vault, self.throttle)

    @cached_property
    def signing_requests(self) -> SigningRequests:
        return SigningRequests(self.uow, self.clock, self.oidc.subjects, self.eds)

    @cached_property
    def signature_check(self) -> SignatureCheck:
        return SignatureCheck(self.uow, self.clock, self.eds, self.throttle)

    def worker(self) -> Worker:
        """The outbox and every singleton job."""
        handlers = {backchannel_logout.KIND: BackchannelLogout(self.oidc, self.oidc_stores, self.fetcher)}
        jobs = [
            Job("key_rotation", timedelta(hours=1), self.keys.rotate),
            Job("retention", timedelta(hours=1), Retention(self.uow, self.clock)),
        ]
        if lists := self.settings.crl_urls:
            run = CrlImport(self.uow, self.clock, self.eds, self.nca, lists)
            jobs.append(Job("crl_import", timedelta(hours=1), run))
        return Worker(self.uow, self.clock, Outbox(self.uow, self.clock, handlers), jobs)

    @cached_property
    def login(self) -> Login:
        return Login(
            self.uow,
            self.clock,
            self.methods,
            self.sessions,
            self.throttle,
            issuer=self.settings.issuer,
            eds=self.eds_login,
            errands=self.errands,
        )


def build(settings: Settings, clock: Clock | None = None) -> Parts:
    """All parts on an engine of their own, for commands and workers."""
    return Parts(settings, open_engine(settings.database_url), clock or SystemClock())
