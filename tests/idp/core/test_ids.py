"""core/ids: ids, secrets, encodings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.ids import (
    b64url,
    b64url_decode,
    code,
    keyed_hash,
    new_id,
    new_secret,
    reference,
    reference_of,
    typed_code,
)


def test_an_id_is_a_uuid_of_version_7_and_later_ones_sort_later() -> None:
    ids = [new_id() for _ in range(200)]
    assert all(re.fullmatch(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", one) for one in ids)
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)
    assert len(set(ids)) == 200


def test_a_secret_has_the_bytes_asked_for() -> None:
    assert len(b64url_decode(new_secret(32))) == 32
    assert new_secret() != new_secret()


def test_a_reference_can_be_read_aloud() -> None:
    assert all(
        re.fullmatch(r"[2-9BCDFGHJKLMNPQRSTVWXZ]{3} [2-9BCDFGHJKLMNPQRSTVWXZ]{3}", reference()) for _ in range(50)
    )


@given(st.binary(max_size=80))
def test_base64url_comes_back_as_it_was(data: bytes) -> None:
    assert b64url_decode(b64url(data)) == data


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "A A", "Ä", "a+b/", "AA\n"])
def test_only_canonical_base64url_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|alphabet|character|adding"):
        b64url_decode(text)


def test_a_keyed_hash_knows_where_parts_end() -> None:
    assert keyed_hash(b"k", "ab", "c") != keyed_hash(b"k", "a", "bc")
    assert keyed_hash(b"k", "ab") != keyed_hash(b"l", "ab")


def test_the_reference_of_a_secret_is_always_the_same_and_of_another_differs() -> None:
    assert reference_of("secret") == reference_of("secret") != reference_of("another")
    assert re.fullmatch(r"[2-9B-Z]{3} [2-9B-Z]{3}", reference_of("secret"))


def test_a_code_is_typed_as_people_type() -> None:
    made = code(4, 4, 2)
    assert [len(group) for group in made.split("-")] == [4, 4, 2]
    assert code(4, 4, 2) != made
    assert typed_code(" kvtz 4m7q–hd ") == typed_code("KVTZ-4M7Q-HD") == "KVTZ4M7QHD"
    assert typed_code("КVТZ-4М7Q-НD") == "KVTZ4M7QHD", "Cyrillic letters that look alike"
    assert len(typed_code("A" * 1000)) == 64
