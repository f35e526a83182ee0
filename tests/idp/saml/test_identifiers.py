"""Identifiers of messages, and of people as they are kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from idp.saml import names
from idp.saml.identifiers import NameId, instant, new_identifier


def test_an_identifier_is_an_ncname_with_160_random_bits() -> None:
    made = {new_identifier() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"_[0-9a-f]{40}", one) for one in made)


def test_a_moment_is_written_in_whole_seconds_of_utc() -> None:
    almaty = datetime(2026, 9, 1, 8, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=5)))
    assert instant(almaty) == "2026-09-01T03:00:00Z"


def test_a_name_identifier_comes_back_from_where_it_is_kept() -> None:
    name_id = NameId("abc", names.PERSISTENT, "https://id.example", "https://lms.example")
    assert NameId.from_json(name_id.as_json()) == name_id
    assert set(name_id.as_json()) == {"value", "format", "name_qualifier", "sp_name_qualifier"}
