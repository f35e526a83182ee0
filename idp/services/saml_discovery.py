"""Who is it that asks? A service provider that nobody registered may be known by a federation that the operator trusts.

Anybody can send a request in any name: so names are bounded, it is remembered for a while that nobody knew one, and
questions to others are counted for the whole installation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from idp.core.clock import Clock
from idp.core.errors import BilimError, NotFound, TooSoon
from idp.services.saml_admission import CATEGORY, admit, by_category
from idp.services.saml_reading import SamlReading
from idp.services.saml_sources import entity_row
from idp.services.throttle import Limits, Throttle
from idp.store import one_time, saml_entities
from idp.store.saml_entities import EntityRow, SourceRow
from idp.store.session import UnitOfWork

if TYPE_CHECKING:
    from idp.saml.entity import ServiceProvider

FORGET_AFTER = timedelta(minutes=5)
"""How long nobody is asked again about an entity that nobody knew."""
LIMITS = Limits(account=60, window=timedelta(minutes=1))
"""Questions and admissions in the whole installation."""
_UNKNOWN = "saml_unknown"
_MAX_ENTITY_ID = 1024
_log = logging.getLogger(__name__)


class SamlDiscovery:
    def __init__(
        self, uow: UnitOfWork, clock: Clock, reading: SamlReading, throttle: Callable[[Limits], Throttle]
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._reading = reading
        self._throttle = throttle

    def find(self, entity_id: str) -> str:
        """The client_id of a service that a source vouches for and admits, made a service now if need be; else empty.

        May ask over the network: never inside a transaction.
        """
        now = self._clock.now()
        with self._uow.read() as tx:
            known = saml_entities.find(tx, entity_id)
            sources = [one for one in saml_entities.sources(tx) if one.admits == CATEGORY]
            is_unknown = one_time.peek(tx, entity_id, purpose=_UNKNOWN, now=now) is not None
        if known is not None and known.client_id:
            return known.client_id
        telling = [one for one in sources if known is not None and one.id == known.source_id and _is_good(known, now)]
        asked = [] if telling else [one for one in sources if one.kind == "mdq"]
        if not (telling or asked) or is_unknown or not 0 < len(entity_id) <= _MAX_ENTITY_ID:
            return ""
        if telling and known is not None and not _has_category(known):
            return ""
        try:
            self._throttle(LIMITS).enter_alone("saml discovery")
        except TooSoon:
            _log.warning("too many questions about unknown service providers")
            return ""
        return next(filter(None, (self._admit(one, entity_id) for one in telling)), "") or self._ask_all(
            asked, entity_id
        )

    def look_up(self, entity_id: str) -> tuple[ServiceProvider, str | None]:
        """For the operator: what the sources know of an entity, and which one; asks MDQ. Raises NotFound."""
        from idp.saml.entity import ServiceProvider

        now = self._clock.now()
        with self._uow.read() as tx:
            known = saml_entities.find(tx, entity_id)
            sources = saml_entities.sources(tx)
        if known is not None and _is_good(known, now):
            return ServiceProvider.from_json(known.provider), known.source_id
        for source in sources:
            if source.kind == "mdq" and (provider := self._ask(source, entity_id)) is not None:
                return provider, source.id
        raise NotFound(f"no source knows {entity_id}")

    def _ask_all(self, sources: list[SourceRow], entity_id: str) -> str:
        for source in sources:
            provider = self._ask(source, entity_id)
            if provider is None or by_category(provider) is None:
                continue
            now = self._clock.now()
            with self._uow.write() as tx:
                saml_entities.put_many(tx, source.id, [entity_row(provider.as_json())], now=now)
            if client_id := self._admit(source, entity_id):
                return client_id
        if sources:
            self._remember_unknown(entity_id)
        return ""

    def _ask(self, source: SourceRow, entity_id: str) -> ServiceProvider | None:
        try:
            return self._reading.one(source, entity_id, now=self._clock.now())
        except BilimError as error:
            reason = f"{error.code}: {error.description} {error.detail}".strip()
            _log.info("a source does not vouch for a service provider", extra={"url": source.url, "reason": reason})
            return None

    def _admit(self, source: SourceRow, entity_id: str) -> str:
        with self._uow.write() as tx:
            return admit(tx, source, entity_id, now=self._clock.now())

    def _remember_unknown(self, entity_id: str) -> None:
        now = self._clock.now()
        with self._uow.write() as tx:
            one_time.forget_expired(tx, entity_id, purpose=_UNKNOWN, now=now)
            one_time.put_if_new(tx, entity_id, purpose=_UNKNOWN, now=now, ttl=FORGET_AFTER)


def _is_good(known: EntityRow, now: datetime) -> bool:
    return known.valid_until is None or known.valid_until > now


def _has_category(known: EntityRow) -> bool:
    from idp.saml.entity import ServiceProvider

    return by_category(ServiceProvider.from_json(known.provider)) is not None
