"""store/saml_entities: who may describe whom, and what is left when nobody does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from idp.core.clock import FixedClock
from idp.store import clients, saml_entities
from idp.store.session import Tx, UnitOfWork
from tests.factories.oidc import client_row
from tests.factories.rows import BEGINNING

LATER = BEGINNING + timedelta(hours=1)


def _source(tx: Tx, source_id: str, **changes: Any) -> str:
    row = {
        "id": source_id, "kind": "aggregate", "url": f"https://{source_id}.example/", "certificates": [],
        "due_at": BEGINNING, "created_at": BEGINNING,
    }  # fmt: skip
    saml_entities.add_source(tx, row | changes)
    return source_id


def _said(entity_id: str, name: str = "a") -> dict[str, Any]:
    return {"entity_id": entity_id, "provider": {"entity_id": entity_id, "names": {"en": name}}, "valid_until": None}


def _register(tx: Tx, entity_id: str, client_id: str) -> None:
    clients.add(tx, client_row(client_id)._asdict() | {"created_at": BEGINNING, "updated_at": BEGINNING})
    assert saml_entities.admit(tx, entity_id, client_id)


def _names(tx: Tx, *entity_ids: str) -> list[str]:
    found = saml_entities.hold_many(tx, entity_ids)
    return [found[one].provider["names"]["en"] if one in found else "" for one in entity_ids]


def test_a_source_describes_its_own_and_nobody_else_s(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        one, other = _source(tx, "one"), _source(tx, "other")
        saml_entities.put_many(tx, one, [_said("a"), _said("b")], now=BEGINNING)
        saml_entities.put_many(tx, other, [_said("b", "stolen"), _said("c")], now=LATER)
        assert _names(tx, "a", "b", "c", "d") == ["a", "a", "a", ""]
        saml_entities.put_many(tx, one, [_said("a", "new")], now=LATER)
        saml_entities.put_many(tx, one, [_said("a", "late")], now=BEGINNING)
        assert _names(tx, "a") == ["new"]
        assert saml_entities.numbers(tx) == {one: (2, 0), other: (1, 0)}


def test_what_a_source_names_no_more_goes_and_what_is_registered_is_over(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        one = _source(tx, "one")
        saml_entities.put_many(tx, one, [_said(name) for name in "abcd"], now=BEGINNING)
        _register(tx, "b", "client-b")
        _register(tx, "c", "client-c")
        saml_entities.put_many(tx, one, [_said("d")], now=LATER)
        assert saml_entities.drop_unnamed(tx, one, before=LATER, spared=["c"]) == [("b", "client-b")]
        assert _names(tx, *"abcd") == ["", "a", "a", "a"]
        over = saml_entities.find(tx, "b")
        assert over is not None
        assert (over.valid_until, over.provider["valid_until"]) == (LATER, LATER.isoformat())
        assert saml_entities.drop_unnamed(tx, one, before=LATER, spared=["c"]) == []
        assert [row.entity_id for row in saml_entities.of_source(tx, one)] == ["b", "c"]


def test_an_entity_gets_one_client(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        saml_entities.put_many(tx, _source(tx, "one"), [_said("a")], now=BEGINNING)
        _register(tx, "a", "client-a")
        assert not saml_entities.admit(tx, "a", "client-b")
        found = saml_entities.of_client(tx, "client-a")
        assert found is not None
        assert found.entity_id == "a"
        assert [row["client_id"] for row in saml_entities.registered(tx)] == ["client-a"]
        saml_entities.forget(tx, "a")
        assert saml_entities.of_client(tx, "client-a") is None
        saml_entities.delete_entity(tx, "a")
        assert saml_entities.find(tx, "a", hold=True) is None


def test_a_removed_source_leaves_what_is_registered(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        one = _source(tx, "one")
        saml_entities.put_many(tx, one, [_said("a"), _said("b")], now=BEGINNING)
        _register(tx, "a", "client-a")
        assert saml_entities.remove_source(tx, one) == 1
        assert _names(tx, "a", "b") == ["a", ""]
        assert saml_entities.sources(tx) == []


def test_one_node_gets_a_source_that_is_due(uow: UnitOfWork, clock: FixedClock) -> None:
    until = BEGINNING + timedelta(minutes=10)
    with uow.write() as tx:
        one = _source(tx, "one")
        assert saml_entities.claim(tx, one, now=BEGINNING, until=until)
        assert not saml_entities.claim(tx, one, now=BEGINNING, until=until)
        saml_entities.note_failed(tx, one, due_at=BEGINNING, error="why")
        saml_entities.note_failed(tx, one, due_at=BEGINNING, error="why")
        found = saml_entities.source(tx, one)
        assert found is not None
        assert (found.failures, found.last_error) == (2, "why")
        saml_entities.note_refreshed(tx, one, now=LATER, due_at=until, valid_until=until)
        found = saml_entities.source(tx, one)
        assert found is not None
        assert (found.failures, found.last_error, found.refreshed_at, found.due_at) == (0, "", LATER, until)
    with pytest.raises(IntegrityError), uow.write() as tx:
        _source(tx, "two", url="https://one.example/")


def test_single_answers_go_when_they_expire(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        one = _source(tx, "one", kind="mdq")
        saml_entities.put_many(tx, one, [_said("a") | {"valid_until": LATER}, _said("b")], now=BEGINNING)
        saml_entities.drop_expired(tx, one, now=LATER)
        assert _names(tx, "a", "b") == ["", "a"]
