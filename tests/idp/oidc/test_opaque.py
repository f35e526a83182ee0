"""oidc/opaque: found by key, tagged by purpose, told apart from noise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.core.ids import fingerprint, new_id
from idp.oidc import opaque

_KEY = b"k" * 32
_GRANT = new_id()
_CODE = opaque.mint(_KEY, opaque.CODE, _GRANT)


def test_what_we_minted_is_read_back() -> None:
    assert opaque.read(_KEY, opaque.CODE, _CODE.text) == _CODE
    assert (_CODE.grant_id, _CODE.digest) == (_GRANT, fingerprint(_CODE.text))
    assert len(_CODE.text) == opaque.LENGTH


def test_no_two_are_alike() -> None:
    assert len({opaque.mint(_KEY, opaque.CODE, _GRANT).text for _ in range(50)}) == 50


@pytest.mark.parametrize(("key", "purpose"), [(_KEY, opaque.REFRESH), (b"o" * 32, opaque.CODE)])
def test_another_purpose_or_key_is_noise(key: bytes, purpose: bytes) -> None:
    assert opaque.read(key, purpose, _CODE.text) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, opaque.LENGTH - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_changed_character_goes_unnoticed(at: int, letter: str) -> None:
    changed = _CODE.text[:at] + letter + _CODE.text[at + 1 :]
    assert (opaque.read(_KEY, opaque.CODE, changed) is None) is (changed != _CODE.text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert opaque.read(_KEY, opaque.CODE, text) is None
