"""Documents waiting to be signed and the signatures they got. A request is closed by one conditional UPDATE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, insert, select, update

from idp.core.scope import Scope
from idp.store.clients import is_on
from idp.store.models.clients import ClientSchool
from idp.store.models.org import Organisation
from idp.store.models.people import Person
from idp.store.models.signing import Signature, SigningRequest
from idp.store.session import Tx

_requests = cast(Table, SigningRequest.__table__)
_signatures = cast(Table, Signature.__table__)
_r = _requests.c
_s = _signatures.c


class RequestRow(NamedTuple):
    """A request without its document, whose length in octets is `size`."""

    id: str
    client_id: str
    title: Mapping[str, str]
    media_type: str
    document_sha256: str
    signers: Mapping[str, Any]
    return_uri: str
    state: str
    person_id: str | None
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    size: int

    def state_at(self, now: datetime) -> str:
        """`waiting`, `signed`, `declined`, `cancelled` or `expired`."""
        return "expired" if self.state == "waiting" and self.expires_at <= now else self.state


class SignatureRow(NamedTuple):
    id: str
    request_id: str
    person_id: str
    cms_sha256: str
    evidence_sealed: bytes
    signer: Mapping[str, Any]
    created_at: datetime


class SignerRow(NamedTuple):
    """A person as far as a signature must match them."""

    id: str
    status: str
    iin_lookup: bytes | None
    family_name: str
    given_name: str
    middle_name: str


class SchoolRow(NamedTuple):
    id: str
    name: str
    name_ru: str
    identifier: str
    """БИН or another public number."""


_FIND = select(*(_r[name] for name in RequestRow._fields[:-1]), func.length(_r.document)).where(
    _r.id == bindparam("b_id")
)
_DOCUMENT = select(_r.document).where(_r.id == bindparam("b_id"))
_CLOSE = (
    update(_requests)
    .where(
        _r.id == bindparam("b_id"), _r.state == "waiting", _r.expires_at > bindparam("b_now", type_=_r.expires_at.type)
    )
    .values(state=bindparam("b_state"), person_id=bindparam("b_person"), closed_at=bindparam("b_now"))
)
_SIGNATURE = select(*(_s[name] for name in SignatureRow._fields))


def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """A row with the columns of `signing_requests`."""
    tx.connection.execute(insert(_requests), dict(row))


def find(tx: Tx, request_id: str) -> RequestRow | None:
    row = tx.connection.execute(_FIND, {"b_id": request_id}).first()
    return None if row is None else RequestRow._make(row)


def document(tx: Tx, request_id: str) -> bytes:
    """The octets to be signed, of a request that exists."""
    return bytes(tx.connection.execute(_DOCUMENT, {"b_id": request_id}).scalar_one())


def close(tx: Tx, request_id: str, *, state: str, person_id: str | None, now: datetime) -> bool:
    """Ends a waiting request. Of any number of parallel callers exactly one is told True."""
    bound = {"b_id": request_id, "b_state": state, "b_person": person_id, "b_now": now}
    return tx.connection.execute(_CLOSE, bound).rowcount == 1


def add_signature(tx: Tx, row: Mapping[str, Any]) -> None:
    """A row with the columns of `signatures`."""
    tx.connection.execute(insert(_signatures), dict(row))


def signature_of(tx: Tx, request_id: str) -> SignatureRow | None:
    row = tx.connection.execute(_SIGNATURE.where(_s.request_id == request_id)).first()
    return None if row is None else SignatureRow._make(row)


def signature_by_cms(tx: Tx, cms_sha256: str) -> SignatureRow | None:
    """The first record of a signature, by the SHA-256 of its DER."""
    query = _SIGNATURE.where(_s.cms_sha256 == cms_sha256).order_by(_s.created_at).limit(1)
    row = tx.connection.execute(query).first()
    return None if row is None else SignatureRow._make(row)


def signer(tx: Tx, person_id: str) -> SignerRow | None:
    columns = (Person.id, Person.status, Person.iin_lookup, Person.family_name, Person.given_name, Person.middle_name)
    row = tx.connection.execute(select(*columns).where(Person.id == person_id)).first()
    return None if row is None else SignerRow._make(row)


def schools(tx: Tx, school_ids: Sequence[str]) -> dict[str, SchoolRow]:
    """Names and public numbers of these organisations, by id."""
    columns = (Organisation.id, Organisation.name, Organisation.name_ru, Organisation.identifier)
    rows = tx.connection.execute(select(*columns).where(Organisation.id.in_(school_ids)))
    return {row.id: SchoolRow._make(row) for row in rows}


def schools_on(tx: Tx, scope: Scope, client_id: str, *, today: date) -> set[str]:
    """Those schools of the scope at which the client is switched on."""
    query = select(ClientSchool.school_id).where(
        ClientSchool.client_id == client_id, ClientSchool.school_id.in_(scope.schools), is_on(today)
    )
    return set(tx.connection.execute(query).scalars())
