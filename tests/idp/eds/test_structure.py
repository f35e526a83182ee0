"""Field by field, nothing skipped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp.cli.dev.nca import der as written
from idp.eds import der
from idp.eds.errors import Malformed
from idp.eds.structure import Structure, dotted, structure

OID = "1.2.398.3.3.4.1.1"


def read(*parts: bytes) -> Structure:
    return structure(der.check(written.sequence(*parts)), der.SEQUENCE, "Example")


def test_fields_come_in_order() -> None:
    fields = read(
        written.integer(-129),
        written.oid(OID),
        written.octets(b"abc"),
        written.sequence(written.null()),
        written.generalized(datetime(2026, 9, 1, 3, 0, 7, tzinfo=UTC)),
    )
    assert fields.integer() == -129
    assert fields.oid() == OID
    assert fields.content(der.OCTET_STRING) == b"abc"
    assert fields.whole(der.SEQUENCE) == b"\x30\x02\x05\x00"
    assert fields.moment() == datetime(2026, 9, 1, 3, 0, 7, tzinfo=UTC)
    fields.end()


def test_another_element_than_the_expected_is_refused() -> None:
    with pytest.raises(Malformed, match="Example lacks a part"):
        read(written.integer(1)).oid()
    with pytest.raises(Malformed):
        read().integer()


def test_an_optional_element_is_taken_only_when_it_is_there() -> None:
    fields = read(written.integer(1))
    assert fields.optional(der.OID) is None
    assert fields.has(der.INTEGER)
    assert fields.optional(der.INTEGER) is not None
    fields.end()


def test_leftovers_are_refused() -> None:
    fields = read(written.integer(1), written.integer(2))
    fields.integer()
    with pytest.raises(Malformed, match="more than it may"):
        fields.end()


def test_an_algorithm_has_no_parameters_or_null() -> None:
    assert read(written.algorithm(OID)).algorithm() == OID
    assert read(written.algorithm(OID, with_null=False)).algorithm() == OID
    for spoiled in (written.sequence(written.oid(OID), written.integer(1)), written.sequence(), written.oid(OID)):
        with pytest.raises(Malformed):
            read(spoiled).algorithm()


@pytest.mark.parametrize("oid", ["0.0", "1.39.1", "2.5.4.3", "2.999.16777216", "1.2.840.113549.1.7.2"])
def test_object_identifiers_are_read_as_they_are_written(oid: str) -> None:
    assert dotted(written.oid(oid)[2:]) == oid
