"""services/clients: what is stored, and what is shown once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import fingerprint
from idp.oidc.scopes import NAMED_ONLY
from idp.services.clients import Clients
from idp.store import clients as store
from idp.store.session import UnitOfWork
from tests.factories.relying_party import SECRET, document, without
from tests.factories.rows import add_school


@pytest.fixture
def clients(uow: UnitOfWork, clock: FixedClock) -> Clients:
    return Clients(uow, clock)


def test_what_was_stored_is_echoed_without_the_secret(clients: Clients, uow: UnitOfWork) -> None:
    added = clients.add(document(bilim_end_date="2027-08-31", bilim_claims=["name", "birthdate"]))
    assert added.client_secret == ""
    assert SECRET not in repr(added)
    assert added.record == clients.show("textbooks")
    assert added.record["bilim_end_date"] == "2027-08-31"
    assert added.record["bilim_sector"] == "textbooks.example"
    assert added.record["client_name#ru"] == "Учебники"
    with uow.read() as tx:
        row = store.find(tx, "textbooks")
    assert row
    assert row.secret_hash == fingerprint(SECRET)
    assert SECRET not in repr(row)


def test_a_secret_is_made_when_none_is_given(clients: Clients) -> None:
    added = clients.add(without(document(), "client_secret", "client_id"))
    assert len(added.client_secret) >= 43
    assert added.record["client_id"].startswith("c-")


def test_a_public_client_has_no_secret(clients: Clients) -> None:
    added = clients.add(without(document(token_endpoint_auth_method="none"), "client_secret"))
    assert added.client_secret == ""


def test_sensitive_claims_are_approved_only_by_name(clients: Clients) -> None:
    record = clients.add(document(scope="openid profile phone iin children birthdate school")).record
    assert NAMED_ONLY.isdisjoint(record["bilim_claims"])
    assert {"name", "school"} <= set(record["bilim_claims"])


def test_an_id_is_taken_once_unless_it_is_replaced(clients: Clients) -> None:
    clients.add(document())
    with pytest.raises(Conflict):
        clients.add(document(bilim_owner="another"))
    assert clients.show("textbooks")["bilim_owner"] == "Атамұра"
    clients.add(document(bilim_owner="another"), replace=True)
    assert clients.show("textbooks")["bilim_owner"] == "another"


def test_schools_are_switched_on_by_name_and_must_exist(clients: Clients, uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
    assert clients.add(document(bilim_schools=[school])).record["bilim_schools"] == [school]
    with pytest.raises(Invalid, match="no such school"):
        clients.add(document("other", bilim_schools=[school, "nowhere"]))
    with pytest.raises(NotFound):
        clients.show("other")
    assert clients.add(document(bilim_schools="all"), replace=True).record["bilim_schools"] == "all"


def test_a_wrong_document_changes_nothing(clients: Clients) -> None:
    with pytest.raises(Invalid) as caught:
        clients.add(document(redirect_uris=["javascript:alert(1)"]))
    assert caught.value.code == "invalid_client_metadata"
    assert clients.list() == []


def test_a_client_is_listed_and_switched_off(clients: Clients, clock: FixedClock) -> None:
    clients.add(document())
    clock.advance(**{"seconds": timedelta(days=1).total_seconds()})
    clients.disable("textbooks")
    (brief,) = clients.list()
    assert (brief["client_id"], brief["is_disabled"]) == ("textbooks", True)
    with pytest.raises(NotFound):
        clients.disable("nobody")
