"""A form sent twice does its work once."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from tests.factories.console import Console
from tests.idp.services.test_rank import actor


def test_a_ticket_remembers_what_its_form_made_for_its_sender_only(console: Console) -> None:
    tickets = console.parts.form_tickets
    ticket = tickets.fresh()
    director, secretary = actor(console, "director"), actor(console, "secretary")
    with console.parts.uow.write() as tx:
        assert tickets.spent(tx, director, ticket) == tickets.spent(tx, director, "") == ""
        tickets.spend(tx, director, ticket, "p1")
        tickets.spend(tx, director, "", "p1")
        assert tickets.spent(tx, director, ticket) == "p1"
        assert tickets.spent(tx, secretary, ticket) == ""
    with pytest.raises(IntegrityError), console.parts.uow.write() as tx:
        tickets.spend(tx, director, ticket, "p2")
