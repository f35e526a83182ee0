"""What a school has switched on, and the switch that works in the next request."""

from __future__ import annotations

from typing import Any

import pytest

from idp.core.errors import NotFound
from idp.saml.entity import Settings
from idp.services import scope as scopes
from idp.services.school_services import SchoolServices, Service
from idp.store import audit
from tests.factories.console import Console
from tests.factories.relying_party import document
from tests.idp.services.test_saml_terms import SP


def _register(console: Console, client_id: str, **more: Any) -> None:
    console.parts.clients.add(document(client_id, **({"bilim_consent": "ask", "bilim_schools": []} | more)))


def _of(console: Console, school_id: str) -> dict[str, Service]:
    scope = scopes.of_operator((school_id,))
    return {one.client_id: one for one in console.parts.school_services.of(scope)}


def test_a_school_sees_and_switches_its_services_and_no_others(console: Console) -> None:
    _register(
        console, "textbooks", bilim_schools=[console.other], bilim_claims=["given_name", "iin"], bilim_iin_basis="шарт"
    )
    _register(console, "canteen", bilim_schools="all", bilim_consent="implicit")
    _register(console, "gone")
    console.parts.clients.disable("gone")
    here, there = _of(console, console.school), _of(console, console.other)
    assert here.keys() == there.keys() == {"textbooks", "canteen"}
    assert [(one.is_on, one.basis) for one in (here["textbooks"], there["textbooks"], here["canteen"])] == [
        (False, "consent"), (True, "consent"), (True, "contract"),
    ]  # fmt: skip
    assert (there["textbooks"].claims, there["textbooks"].iin_basis) == (("given_name", "iin"), "шарт")
    director = console.parts.acting.actor(
        person_id=console.people["director"], membership_id=console.memberships["director"], acr="", amr=(),
        auth_time=console.clock.now(),
    )  # fmt: skip
    scope = scopes.of_operator((console.school,))
    services: SchoolServices = console.parts.school_services
    for client_id, is_on in (("textbooks", True), ("textbooks", True), ("canteen", False)):
        services.switch(scope, director, client_id, is_on=is_on)
    with console.parts.uow.write() as tx:
        audit.record(tx, event="code_issued", now=console.clock.now(), client_id="textbooks", school_id=console.school)
    here = _of(console, console.school)
    assert (here["textbooks"].is_on, here["canteen"].is_on) == (True, False)
    assert here["textbooks"].last_used == console.clock.now()
    console.parts.clients.add(
        document("canteen", bilim_owner="Атамұра", bilim_schools="all", bilim_consent="implicit"), replace=True
    )
    assert not _of(console, console.school)["canteen"].is_on, "the operator registers it anew, the school has decided"
    there = _of(console, console.other)
    assert (there["canteen"].is_on, there["textbooks"].last_used) == (True, None)
    with pytest.raises(NotFound):
        services.switch(scope, director, "gone", is_on=True)
    with console.parts.uow.read() as tx:
        assert audit.happened(tx, "client_switched_on", since=console.clock.now(), client_id="textbooks")
        assert audit.happened(tx, "client_switched_off", since=console.clock.now(), client_id="canteen")


def test_a_school_sees_and_withholds_what_a_name_gives_away(console: Console) -> None:
    """The operator approved no attribute, and the NameID was the username: the school was shown nothing."""
    saml = console.parts.saml_providers
    for settings, told in (
        (Settings(name_id="unspecified"), ("uid",)),
        (Settings(name_id="email", name_id_source="eduPersonPrincipalName"), ("eduPersonPrincipalName",)),
        (Settings(name_id="persistent"), ()),
    ):
        saml.register(SP, settings=settings, attributes=[], schools="all", client_id="lms", replace=True)
        assert _of(console, console.school)["lms"].claims == told
    saml.register(SP, settings=Settings(name_id="email"), attributes=["sn"], schools="all", replace=True)
    director = console.parts.acting.actor(
        person_id=console.people["director"], membership_id=console.memberships["director"], acr="", amr=(),
        auth_time=console.clock.now(),
    )  # fmt: skip
    scope = scopes.of_operator((console.school,))
    console.parts.school_services.withhold(scope, director, "lms", ["sn"])
    assert _of(console, console.school)["lms"].withheld == ("mail",)
