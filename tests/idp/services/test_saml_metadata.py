"""services/saml_metadata: signed once in hours, and anew with every change of keys."""

from __future__ import annotations

import pytest

from idp.core.clock import FixedClock
from idp.services.saml_metadata import KEEP, SamlMetadata
from idp.xml.parser import parse
from idp.xml.signature import verify
from tests.factories.saml_metadata import credential
from tests.factories.saml_sp import identity_provider


@pytest.mark.parametrize(("operator", "name"), [("Bilim ID", "Bilim ID"), ("№ 12 мектеп", "№ 12 мектеп (Bilim ID)")])
def test_it_is_built_when_it_must_be(clock: FixedClock, operator: str, name: str) -> None:
    version = ["1"]
    server = identity_provider(clock)
    made = SamlMetadata(lambda: server, clock, lambda: version[0], operator=operator, contact="id@example.kz")
    first = made()
    assert verify(parse(first), [credential(0).certificate]).get("entityID") == server.entity_id
    text = first.decode()
    assert f">{name}<" in text
    assert "mailto:id@example.kz" in text
    clock.moment += KEEP / 2
    assert made() is first
    version[0] = "2"
    second = made()
    assert second != first
    clock.moment += KEEP
    assert made() not in (first, second)
