"""What every other part stands on: database, keys, sessions, the protocol engine, the log."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from idp.core.clock import Clock
from idp.core.errors import BilimError
from idp.jobs.person_words import PersonWords
from idp.oidc.server import Server
from idp.services import saml_keys, scope
from idp.services.acting import Acting
from idp.services.audit_chain import AuditChain
from idp.services.audit_check import AuditCheck
from idp.services.clients import Clients
from idp.services.credentials import Credentials
from idp.services.exports import Exports
from idp.services.fetch import ClientKeySets, Fetcher
from idp.services.form_tickets import FormTickets
from idp.services.iin_rotation import IinRotation
from idp.services.keys import IinVault, Keys
from idp.services.logout import Logout
from idp.services.school_days import SchoolDays
from idp.services.sessions import Sessions
from idp.services.throttle import Throttle
from idp.services.viewing import Viewing
from idp.settings import Settings, read_master_key
from idp.store.oidc import OidcStores
from idp.store.session import UnitOfWork


@dataclass(frozen=True)
class Foundation:
    """Made once; everything else is built on first use."""

    settings: Settings
    engine: Engine
    clock: Clock

    @cached_property
    def uow(self) -> UnitOfWork:
        return UnitOfWork(self.engine)

    @cached_property
    def keys(self) -> Keys:
        path, makers = self.settings.secret_file, saml_keys.makers(self.clock, self.settings.domain)
        return Keys(self.uow, self.clock, lambda: read_master_key(path), makers)

    @cached_property
    def iin_vault(self) -> IinVault:
        return IinVault(self.keys)

    @cached_property
    def iin_rotation(self) -> IinRotation:
        return IinRotation(self.uow, self.keys, self.iin_vault)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.uow, self.clock)

    @cached_property
    def credentials(self) -> Credentials:
        return Credentials(self.uow, self.clock)

    def throttle(self) -> Throttle:
        return Throttle(self.uow, self.clock, self.keys.secret("token"))

    def check_ready(self) -> str:
        """What keeps this installation from serving: `database`, `schema`, `keys`, or nothing."""
        from idp.store import migrations

        try:
            with self.uow.read() as tx:
                if migrations.current(tx.connection) != migrations.HEAD:
                    return "schema"
            self.keys.demand_made()
        except DBAPIError:
            return "database"
        except BilimError:
            return "keys"
        return ""

    @cached_property
    def oidc_stores(self) -> OidcStores:
        return OidcStores(self.uow, scope.of_person)

    @cached_property
    def fetcher(self) -> Fetcher:
        return Fetcher(allow=self.settings.fetch_allow, ca_file=self.settings.extra_ca_file)

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
    def audit_chain(self) -> AuditChain:
        return AuditChain(self.uow, self.clock, self.keys.ring, self.settings.issuer)

    @cached_property
    def audit_check(self) -> AuditCheck:
        return AuditCheck(self.uow, self.clock, self.keys.ring, self.settings.issuer)

    @cached_property
    def exports(self) -> Exports:
        settings = self.settings
        return Exports(
            self.uow,
            self.clock,
            person_limit=settings.export_limit_person,
            client_limit=settings.export_limit_client,
        )

    @cached_property
    def viewing(self) -> Viewing:
        return Viewing(self.uow, self.clock)

    @cached_property
    def form_tickets(self) -> FormTickets:
        return FormTickets(self.clock)

    @cached_property
    def person_words(self) -> PersonWords:
        return PersonWords(self.uow)

    @cached_property
    def school_days(self) -> SchoolDays:
        return SchoolDays(self.uow)

    @cached_property
    def clients(self) -> Clients:
        return Clients(self.uow, self.clock)

    @cached_property
    def logout(self) -> Logout:
        return Logout(self.uow, self.clock)
