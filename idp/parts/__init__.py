"""Every part that works without HTTP, built once and shared by the app, the command line and the worker."""

from __future__ import annotations

from datetime import timedelta

from idp.core.clock import Clock, SystemClock
from idp.jobs import audit_seal, backchannel_logout, deliveries, saml_metadata
from idp.jobs.backchannel_logout import BackchannelLogout
from idp.jobs.crl_import import CrlImport
from idp.jobs.deliveries import Deliveries
from idp.jobs.feed_lapses import FeedLapses
from idp.jobs.outbox import Handler, Outbox
from idp.jobs.retention import Retention
from idp.jobs.schedule import Job, Worker
from idp.parts.saml import SamlParts
from idp.services import logout
from idp.settings import Settings
from idp.store.session import open_engine

__all__ = ["Parts", "build"]


class Parts(SamlParts):
    """Everything, and the worker."""

    def worker(self) -> Worker:
        """The outbox and every singleton job."""
        settings = self.settings
        handlers: dict[str, Handler] = {
            backchannel_logout.KIND: BackchannelLogout(self.oidc, self.oidc_stores, self.fetcher),
            logout.SAML_KIND: lambda data: self.saml_door.logout.tell(data),
            deliveries.KIND: Deliveries(
                self.clock,
                self.sign_in.post,
                settings.smtp_url,
                settings.mail_from,
                site=settings.issuer,
                ca_file=str(settings.extra_ca_file or ""),
            ),
        }
        jobs = [
            audit_seal.job(self.audit_chain),
            Job("key_rotation", timedelta(hours=1), self.keys.rotate),
            Job("iin_rotation", timedelta(minutes=5), self.iin_rotation),
            Job("person_words", timedelta(days=1), self.person_words),
            Job("consent_expiry", timedelta(hours=1), self.consent_desk.expiry),
            Job("feed_lapses", timedelta(hours=1), FeedLapses(self.uow, self.clock)),
            Job("retention", timedelta(hours=1), Retention(self.uow, self.clock, self.retention_rules)),
            saml_metadata.job(self.saml_sources),
            Job("pulse", timedelta(minutes=1), self.protection.maintenance.pulse),
        ]
        if lists := self.settings.crl_urls:
            run = CrlImport(self.uow, self.clock, self.eds, self.nca, lists)
            jobs.append(Job("crl_import", timedelta(hours=1), run))
        return Worker(self.uow, self.clock, Outbox(self.uow, self.clock, handlers), jobs)


def build(settings: Settings, clock: Clock | None = None) -> Parts:
    """All parts on an engine of their own, for commands and workers."""
    return Parts(settings, open_engine(settings.database_url), clock or SystemClock())
