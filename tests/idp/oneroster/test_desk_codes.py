"""oneroster/desk_codes: codes of a school's own file."""

from __future__ import annotations

from idp.oneroster.codes import CODES
from idp.oneroster.desk_codes import DESK


def test_each_has_its_weight_and_three_languages_and_none_can_be_accepted_away() -> None:
    for name, words in DESK.items():
        assert words[0] in ("error", "warning")
        assert len({word for word in words[1:] if word}) == 3
        assert CODES[name].weight == words[0]
