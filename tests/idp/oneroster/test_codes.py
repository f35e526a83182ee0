"""Every code speaks three languages and is explained in the reference."""

from __future__ import annotations

import re
from pathlib import Path

from idp.oneroster.codes import ACCEPTABLE, CODES, LANGUAGES

_REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "roster-import.md"


def test_every_code_has_words_in_three_languages() -> None:
    for name, code in CODES.items():
        texts = [code.text(lang, "X") for lang in LANGUAGES]
        assert all(texts), name
        assert len(set(texts)) == len(LANGUAGES), name
        assert {("X" in text) for text in texts} in ({True}, {False}), name


def test_the_reference_names_exactly_these_codes_with_their_weight() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (error|acceptable|warning)", _REFERENCE.read_text(encoding="utf-8"), re.M)
    assert dict(rows) == {name: code.weight for name, code in CODES.items()}


def test_structure_and_identity_are_never_acceptable() -> None:
    assert not ACCEPTABLE & {"column_missing", "manifest_value", "duplicate_id", "duplicate_iin", "enrolled_as_teacher"}
