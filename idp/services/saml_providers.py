"""Registers SAML service providers: what the metadata says, what the operator approves.

A service provider is a client like any other, with one list, one switch and one end date for both protocols; its
metadata lies beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.services.saml_terms import Terms, client_id_of, client_row, mistakes
from idp.services.scope import of_operator
from idp.store import audit, clients, saml_entities, school_services
from idp.store.saml_entities import EntityRow
from idp.store.session import Tx, UnitOfWork

if TYPE_CHECKING:
    from idp.saml.entity import ServiceProvider, Settings


class SamlProviders:
    def __init__(self, uow: UnitOfWork, clock: Clock, issuer: str) -> None:
        self._uow = uow
        self._clock = clock
        self._issuer = issuer

    def register(
        self,
        provider: ServiceProvider,
        *,
        settings: Settings | None = None,
        owner: str = "",
        purpose: str = "",
        attributes: Sequence[str] | None = None,
        schools: str | Sequence[str] = (),
        end_date: date | None = None,
        consent: str = "ask",
        start_url: str = "",
        client_id: str = "",
        logo_uri: str = "",
        source_id: str | None = None,
        replace: bool = False,
    ) -> dict[str, Any]:
        """Stores a client and its metadata; returns what `show` does. The words are those of `saml_terms.Terms`.

        `source_id` goes on describing it; without one the metadata stays as it is. Raises Invalid with every mistake,
        one a line, and Conflict when the entity is registered or the client_id taken, unless `replace`.
        """
        from idp.saml.entity import Settings as Chosen

        settings = settings or Chosen()
        approved = None if attributes is None else tuple(attributes)
        start_url = start_url or (self._begins_here(provider, settings) if settings.idp_initiated else "")
        places = schools if isinstance(schools, str) else tuple(schools)
        terms = Terms(owner, purpose, approved, places, end_date, consent, start_url, client_id, logo_uri)
        if wrong := mistakes(provider, terms, settings):
            raise Invalid("\n".join(wrong), code="invalid_client_metadata")
        entry = {
            "entity_id": provider.entity_id, "source_id": source_id, "provider": provider.as_json(),
            "settings": settings.as_json(), "valid_until": provider.valid_until,
        }  # fmt: skip
        try:
            with self._uow.write() as tx:
                return self._store(tx, client_row(provider, terms, client_id), entry, terms, replace=replace)
        except IntegrityError as error:
            raise Conflict("the client_id is taken") from error

    def _begins_here(self, provider: ServiceProvider, settings: Settings) -> str:
        """A sign-on that we begin, for a service with no address to begin one at (SAML Profiles §4.1.5)."""
        target = {"target": settings.relay_states[0]} if settings.relay_states else {}
        return f"{self._issuer}/saml/sso?" + urlencode({"providerId": provider.entity_id, **target})

    def _store(
        self, tx: Tx, row: dict[str, Any], entry: dict[str, Any], terms: Terms, *, replace: bool
    ) -> dict[str, Any]:
        now = self._clock.now()
        named = () if isinstance(terms.schools, str) else terms.schools
        if unknown := set(named) - clients.known_schools(tx, named):
            raise Invalid(f"schools: no such school: {', '.join(sorted(unknown))}", code="invalid_client_metadata")
        known = saml_entities.find(tx, entry["entity_id"], hold=True)
        client_id, is_new = _place(tx, entry["entity_id"], known, terms.client_id, replace=replace)
        row = row | {"client_id": client_id, "updated_at": now}
        before = of_operator(tuple(clients.schools_of(tx, client_id)))
        limits = school_services.limits(tx, before, client_id)
        if is_new:
            clients.add(tx, row | {"created_at": now})
        else:
            clients.replace(tx, client_id, row)
            clients.switch_off(tx, before, client_id)
        clients.switch_on(tx, of_operator(named), client_id, begin=local_date(now), by="operator")
        still_on = limits.keys() if row["all_schools"] else limits.keys() & set(clients.schools_of(tx, client_id))
        for school_id in still_on:  # What a school does not let go is not the operator's to give.
            scope = of_operator((school_id,))
            school_services.withhold(tx, scope, client_id, limits[school_id], begin=local_date(now))
        saml_entities.put(tx, entry | {"client_id": client_id, "refreshed_at": now})
        audit.record(tx, event="client_added", now=now, client_id=client_id, data={"schools": list(named)})
        return _show(tx, client_id)

    def list(self) -> list[dict[str, Any]]:
        """Every registered service provider, briefly."""
        with self._uow.read() as tx:
            return [_brief(row) for row in saml_entities.registered(tx)]

    def show(self, name: str) -> dict[str, Any]:
        """What is stored under a client_id or an entityID. Raises NotFound."""
        with self._uow.read() as tx:
            return _show(tx, _client_id(tx, name))

    def disable(self, name: str) -> str:
        """Refused from now on in every flow; returns the client_id. Raises NotFound."""
        now = self._clock.now()
        with self._uow.write() as tx:
            client_id = _client_id(tx, name)
            clients.disable(tx, client_id, now=now)
            audit.record(tx, event="client_disabled", now=now, client_id=client_id)
        return client_id

    def remove(self, name: str) -> str:
        """Switched off, and its metadata forgotten, or left to the source that knows it; no category admits it again.

        The client stays, for consents and the log speak of it. Raises NotFound.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            client_id = _client_id(tx, name)
            found = saml_entities.of_client(tx, client_id)
            assert found is not None
            clients.disable(tx, client_id, now=now)
            if found.source_id:
                saml_entities.forget(tx, found.entity_id)
            else:
                saml_entities.delete_entity(tx, found.entity_id)
            audit.record(tx, event="client_disabled", now=now, client_id=client_id)
        return client_id


def _place(tx: Tx, entity_id: str, known: EntityRow | None, wanted: str, *, replace: bool) -> tuple[str, bool]:
    """Under which client_id, and whether the client is new: consents and pairwise identifiers hang on it, so a service
    that comes back has the one it had."""
    if known is not None and known.client_id:
        if not replace:
            raise Conflict(f"{entity_id} is registered as {known.client_id}")
        if wanted not in ("", known.client_id):
            raise Conflict(f"{entity_id} is registered as {known.client_id}, which stays its client_id")
        return known.client_id, False
    client_id = wanted or client_id_of(entity_id)
    taken = clients.find(tx, client_id)
    if taken is None:
        return client_id, True
    if taken.protocol != "saml" or taken.sector != entity_id:
        raise Conflict(f"client_id {client_id} is taken")
    return client_id, False


def _client_id(tx: Tx, name: str) -> str:
    found = saml_entities.of_client(tx, name) or saml_entities.find(tx, name)
    if found is None or found.client_id is None:
        raise NotFound(f"no service provider {name} is registered")
    return found.client_id


def _show(tx: Tx, client_id: str) -> dict[str, Any]:
    row, entity = clients.find(tx, client_id), saml_entities.of_client(tx, client_id)
    assert row is not None
    assert entity is not None
    source = saml_entities.source(tx, entity.source_id) if entity.source_id else None
    return {
        "client_id": client_id,
        "entity_id": entity.entity_id,
        **row.metadata,
        "owner": row.owner,
        "purpose": row.purpose,
        "consent": row.consent,
        "attributes": list(row.approved_claims),
        "schools": "all" if row.all_schools else clients.schools_of(tx, client_id),
        "end_date": row.end_date.isoformat() if row.end_date else None,
        "is_disabled": row.is_disabled,
        "settings": dict(entity.settings),
        "source": source.url if source else None,
        "valid_until": entity.valid_until.isoformat() if entity.valid_until else None,
        "refreshed_at": entity.refreshed_at.isoformat(),
        **_described(entity.provider),
    }


def _described(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of the metadata what an operator compares with what the service's operator says."""
    from idp.saml.entity import ServiceProvider

    provider = ServiceProvider.from_json(kept)
    return {
        "acs": [f"{one.binding.rpartition(':')[2]} {one.location}" for one in provider.acs],
        "slo": [f"{one.binding.rpartition(':')[2]} {one.location}" for one in provider.slo],
        "entity_categories": list(provider.entity_categories),
        "signing_sha256": [hashlib.sha256(one).hexdigest() for one in provider.signing_certificates],
        "encryption_sha256": [hashlib.sha256(one).hexdigest() for one in provider.encryption_certificates],
    }


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "client_id": row["client_id"],
        "entity_id": row["entity_id"],
        "client_name": row["metadata"].get("client_name", ""),
        "owner": row["owner"],
        "end_date": row["end_date"].isoformat() if row["end_date"] else None,
        "valid_until": row["valid_until"].isoformat() if row["valid_until"] else None,
        "is_disabled": row["is_disabled"],
    }
