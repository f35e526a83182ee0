"""Sealed values open in their place only."""

from __future__ import annotations

from clients.kit.sealing import Sealer, derive_key


def test_a_sealed_value_opens_where_it_was_sealed() -> None:
    sealer = Sealer(derive_key("secret", "tokens"))
    sealed = sealer.seal("token", "row.access")
    assert sealer.open(sealed, "row.access") == "token"
    assert "token" not in sealed
    assert sealer.seal("token", "row.access") != sealed


def test_another_place_key_or_byte_opens_nothing() -> None:
    sealer = Sealer(derive_key("secret", "tokens"))
    sealed = sealer.seal("token", "row.access")
    assert sealer.open(sealed, "row.refresh") is None
    assert Sealer(derive_key("other", "tokens")).open(sealed, "row.access") is None
    assert Sealer(derive_key("secret", "cookie")).open(sealed, "row.access") is None
    for broken in ("", "a", sealed[:-2], sealed + "A", "=" + sealed, sealed.swapcase()):
        assert sealer.open(broken, "row.access") is None
