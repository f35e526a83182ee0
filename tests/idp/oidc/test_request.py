"""oidc/request: parameters read once, strictly."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.oidc.errors import InvalidRequest
from idp.oidc.request import FORM, MAX_BODY, MAX_PARAMETERS, MAX_VALUE, collect, read_form, read_pairs

_names = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20)
_values = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_names.filter(lambda name: name != "resource"), _values, max_size=20))
def test_what_is_encoded_is_read_back(fields: dict[str, str]) -> None:
    assert read_form(urlencode(fields).encode(), FORM).values == fields


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        collect(read_pairs(body))
    except InvalidRequest:
        return


def test_only_resource_may_be_repeated_and_only_in_front() -> None:
    params = collect([("a", "1"), ("a", "2"), ("resource", "x"), ("resource", "y"), ("resource", "")])
    assert params.repeated == {"a"}
    assert params.resources == ("x", "y")
    with pytest.raises(InvalidRequest):
        read_form(b"a=1&a=1", FORM)


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=x", "application/json"])
def test_a_body_of_another_type_is_refused(kind: str) -> None:
    with pytest.raises(InvalidRequest):
        read_form(b"a=1", kind)


def test_a_charset_beside_the_type_is_fine() -> None:
    assert read_form(b"a=1", f"{FORM.upper()}; charset=utf-8").get("a") == "1"


@pytest.mark.parametrize(
    "pairs",
    [
        [(f"a{n}", "") for n in range(MAX_PARAMETERS + 1)],
        [("a", "x" * (MAX_VALUE + 1))],
        [("a", "\x00")],
        [("\x00", "a")],
    ],
)
def test_excess_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidRequest):
        collect(pairs)


@pytest.mark.parametrize("body", [b"a=" + b"x" * MAX_BODY, b"a=\xff", b"a=%ff", "a=ә".encode()])
def test_a_body_that_is_too_large_or_badly_encoded_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_pairs(body)
