"""Services that nobody registered one by one: a federation vouches for them, their entity category says what they may
have, and the operator trusts both. And what follows when the metadata of a registered service changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from idp.services.saml_terms import Terms, client_id_of, client_row, shown
from idp.store import audit, clients, saml_entities
from idp.store.clients import ClientRow
from idp.store.saml_entities import EntityRow, SourceRow
from idp.store.session import Tx

if TYPE_CHECKING:
    from idp.saml.entity import ServiceProvider

CATEGORY = "category"
"""The one word of `saml_sources.admits`."""
_MARK = "bilim_admitted"
"""A member of the client's metadata: who it is registered by."""
_SHOWN = ("client_name", "client_uri", "policy_uri")
_UNSAID = ("valid_until",)
"""Changes with every reading and is no news."""


def by_category(provider: ServiceProvider) -> tuple[str, ...] | None:
    """What the entity categories allow and nothing beyond; None without a category that we know.

    Only a Code of Conduct lets the metadata itself name attributes, the required ones.
    """
    from idp.saml import names
    from idp.saml.release import BUNDLES, proposed

    held = set(provider.entity_categories)
    if held & {names.CATEGORY_COCO_1, names.CATEGORY_COCO_2}:
        return proposed(provider)
    return proposed(replace(provider, attribute_services=())) if held & BUNDLES.keys() else None


def admit(tx: Tx, source: SourceRow, entity_id: str, *, now: datetime) -> str:
    """Makes a known entity of an admitting source a service; returns its client_id, empty when that may not be.

    Of two requests at once one makes it and the other finds it. What the operator switched off or removed does not come
    back by itself, under whatever client_id it was, and nobody gets the identifiers of another service's sector by
    taking its name.
    """
    from idp.saml.entity import ServiceProvider

    known = saml_entities.find(tx, entity_id, hold=True)
    if known is None or known.client_id:
        return (known and known.client_id) or ""
    provider = ServiceProvider.from_json(known.provider)
    attributes = by_category(provider)
    is_over = known.valid_until is not None and known.valid_until <= now
    if attributes is None or is_over or known.source_id != source.id or source.admits != CATEGORY:
        return ""
    if clients.has_sector(tx, entity_id):
        return ""
    client_id = client_id_of(entity_id)
    row = client_row(provider, Terms(attributes=attributes, schools="all" if source.all_schools else ()), client_id)
    row["metadata"][_MARK] = CATEGORY
    if not clients.add_if_new(tx, row | {"created_at": now, "updated_at": now}):
        return ""
    saml_entities.admit(tx, entity_id, client_id)
    audit.record(tx, event="client_added", now=now, client_id=client_id, data={"schools": [], "by": CATEGORY})
    return client_id


def changes(before: EntityRow, provider: Mapping[str, Any], *, now: datetime) -> list[str]:
    """Which members of the metadata are others now; `valid_until` only when the service had expired or was dropped."""
    members = before.provider.keys() | provider.keys()
    found = [name for name in members if before.provider.get(name) != provider.get(name) and name not in _UNSAID]
    if before.valid_until is not None and before.valid_until <= now:
        found.append("valid_until")
    return sorted(found)


def follow(tx: Tx, client_id: str, kept: Mapping[str, Any], changed: list[str], *, now: datetime) -> None:
    """A registered service described anew: people read its new name, the log says which members changed. One that its
    category let in has what the category allows now, and is switched off when none does any more."""
    from idp.saml.entity import ServiceProvider

    row = clients.find(tx, client_id)
    assert row is not None
    provider = ServiceProvider.from_json(kept)
    values: dict[str, Any] = {"metadata": _renamed(row, provider), "updated_at": now}
    audit.record(tx, event="saml_metadata_changed", now=now, client_id=client_id, data={"changed": changed})
    if _MARK in row.metadata:
        attributes = by_category(provider)
        values["approved_claims"] = list(attributes or ())
        if attributes is None and not row.is_disabled:
            values["is_disabled"] = True
            audit.record(tx, event="client_disabled", now=now, client_id=client_id)
    clients.replace(tx, client_id, values)


def _renamed(row: ClientRow, provider: ServiceProvider) -> dict[str, Any]:
    kept = {name: value for name, value in row.metadata.items() if name.partition("#")[0] not in _SHOWN}
    return kept | shown(provider)
