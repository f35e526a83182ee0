"""Registers clients as the operator describes them: owner, purpose, approved claims, schools and end date (R2.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import fingerprint, new_id, new_secret
from idp.oidc.scopes import ALL_CLAIMS, NAMED_ONLY, claims_for
from idp.services.client_metadata import SECRET_METHODS, mistakes
from idp.services.scope import of_operator
from idp.store import audit, clients
from idp.store.clients import ClientRow
from idp.store.session import Tx, UnitOfWork


@dataclass(frozen=True, slots=True)
class Added:
    """`record` is what was stored; `client_secret` is empty unless one was made, and is shown this once."""

    record: dict[str, Any]
    client_secret: str


class Clients:
    def __init__(self, uow: UnitOfWork, clock: Clock, make_secret: Callable[[], str] = new_secret) -> None:
        self._uow = uow
        self._clock = clock
        self._make_secret = make_secret

    def add(self, document: Mapping[str, Any], *, replace: bool = False) -> Added:
        """Stores a client from RFC 7591 metadata with our `bilim_` members.

        Raises Invalid with every mistake, one a line, and Conflict when the client_id is taken, unless `replace`.
        """
        wrong = mistakes(document)
        if wrong:
            raise Invalid("\n".join(wrong), code="invalid_client_metadata")
        client_id = str(document.get("client_id") or f"c-{new_id()}")
        secret, made = self._secret(document)
        row = self._row(document, client_id, secret)
        schools = document.get("bilim_schools", [])
        named = () if schools == "all" else tuple(schools)
        now = self._clock.now()
        try:
            with self._uow.write() as tx:
                unknown = set(named) - clients.known_schools(tx, named)
                if unknown:
                    raise Invalid(f"bilim_schools: no such school: {', '.join(sorted(unknown))}")
                before = clients.find(tx, client_id)
                if replace and before is not None and before.protocol == "openid":
                    clients.replace(tx, client_id, {key: value for key, value in row.items() if key != "created_at"})
                else:
                    clients.add(tx, row)
                clients.switch_off(tx, of_operator(tuple(clients.schools_of(tx, client_id))), client_id)
                clients.switch_on(tx, of_operator(named), client_id, begin=local_date(now), by="operator")
                audit.record(tx, event="client_added", now=now, client_id=client_id, data={"schools": list(named)})
                record = self._show(tx, client_id)
        except IntegrityError as error:
            raise Conflict(f"client_id {client_id} is taken") from error
        return Added(record, secret if made else "")

    def list(self) -> list[dict[str, Any]]:
        """Every client, briefly: client_id, name, owner, profile, end date, whether it is switched off."""
        with self._uow.read() as tx:
            return [_brief(row) for row in clients.all_clients(tx)]

    def show(self, client_id: str) -> dict[str, Any]:
        """What is stored, without the secret. Raises NotFound."""
        with self._uow.read() as tx:
            return self._show(tx, client_id)

    def disable(self, client_id: str) -> None:
        """Refused from now on in every flow; its tokens stop counting. Raises NotFound."""
        now = self._clock.now()
        with self._uow.write() as tx:
            if not clients.disable(tx, client_id, now=now):
                raise NotFound(f"no client {client_id}")
            audit.record(tx, event="client_disabled", now=now, client_id=client_id)

    def _secret(self, document: Mapping[str, Any]) -> tuple[str, bool]:
        if document.get("token_endpoint_auth_method", "client_secret_basic") not in SECRET_METHODS:
            return "", False
        given = document.get("client_secret")
        return (str(given), False) if given else (self._make_secret(), True)

    def _row(self, document: Mapping[str, Any], client_id: str, secret: str) -> dict[str, Any]:
        now = self._clock.now()
        scopes = str(document.get("scope", "openid")).split()
        by_default = claims_for(scopes, set(ALL_CLAIMS) - NAMED_ONLY)
        metadata = {
            name: value
            for name, value in document.items()
            if not name.startswith("bilim_") and name not in ("client_id", "client_secret", "scope")
        }
        for name in ("bilim_assertion_audience", "bilim_refresh_rotation", "bilim_iin_basis"):
            if name in document:
                metadata[name] = document[name]
        end = document.get("bilim_end_date")
        return {
            "client_id": client_id,
            "secret_hash": fingerprint(secret) if secret else "",
            "metadata": metadata,
            "profile": document.get("bilim_profile", "modern"),
            "sector": document.get("bilim_sector") or _sector(document, client_id),
            "owner": document.get("bilim_owner", ""),
            "purpose": document.get("bilim_purpose", ""),
            "consent": document.get("bilim_consent", "ask"),
            "approved_scopes": list(dict.fromkeys(scopes)),
            "approved_claims": list(document.get("bilim_claims", by_default)),
            "resources": list(document.get("bilim_resources", [])),
            "all_schools": document.get("bilim_schools") == "all",
            "end_date": date.fromisoformat(end) if end else None,
            "is_disabled": False,
            "created_at": now,
            "updated_at": now,
        }

    def _show(self, tx: Tx, client_id: str) -> dict[str, Any]:
        row = clients.find(tx, client_id)
        if row is None:
            raise NotFound(f"no client {client_id}")
        return {
            "client_id": row.client_id,
            **row.metadata,
            "scope": " ".join(row.approved_scopes),
            "bilim_profile": row.profile,
            "bilim_sector": row.sector,
            "bilim_owner": row.owner,
            "bilim_purpose": row.purpose,
            "bilim_consent": row.consent,
            "bilim_claims": list(row.approved_claims),
            "bilim_resources": list(row.resources),
            "bilim_schools": "all" if row.all_schools else clients.schools_of(tx, client_id),
            "bilim_end_date": row.end_date.isoformat() if row.end_date else None,
            "is_disabled": row.is_disabled,
        }


def _sector(document: Mapping[str, Any], client_id: str) -> str:
    """The one host of its redirect addresses (OIDC Core §8.1), else the client itself."""
    for uri in document.get("redirect_uris", []):
        parts = urlsplit(uri)
        if parts.scheme == "https" and parts.hostname:
            return str(parts.hostname)
    return client_id


def _brief(row: ClientRow) -> dict[str, Any]:
    return {
        "client_id": row.client_id,
        "client_name": row.metadata.get("client_name", ""),
        "owner": row.owner,
        "profile": row.profile,
        "end_date": row.end_date.isoformat() if row.end_date else None,
        "is_disabled": row.is_disabled,
    }
