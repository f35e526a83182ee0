"""methods/sealing: secrets that must be read again."""

import pytest

from idp.core.ids import b64url
from idp.methods.sealing import seal, unseal

KEY = b"k" * 32


def test_what_is_sealed_opens_with_its_key_in_its_row_alone() -> None:
    sealed = seal(KEY, "row 1", "құпия")
    assert sealed != seal(KEY, "row 1", "құпия")
    assert unseal(KEY, "row 1", sealed) == "құпия"
    for key, about, text in (
        (b"o" * 32, "row 1", sealed), (KEY, "row 2", sealed), (KEY, "row 1", b64url(b"x" * 40)), (KEY, "row 1", "="),
    ):  # fmt: skip
        with pytest.raises(ValueError):  # noqa: PT011
            unseal(key, about, text)
