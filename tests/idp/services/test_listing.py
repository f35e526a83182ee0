"""A page of a list knows its place."""

from __future__ import annotations

from idp.services.listing import Asked, Found


def test_a_page_counts_from_one_and_names_its_rows() -> None:
    found = Found(["a", "b"], 32, Asked(page=2))
    assert (found.asked.offset, found.first, found.last, found.pages) == (30, 31, 32, 2)
    nothing: Found[str] = Found([], 0, Asked(filters={"role": ""}))
    assert (nothing.first, nothing.last, nothing.pages, nothing.asked.is_narrowed) == (0, 0, 1, False)
    assert Asked(words="Әли").is_narrowed
    assert Asked(filters={"role": "pupil"}).is_narrowed
