"""The screens of a page: three languages, a telephone and a desk. `make check` sees each language and each width once,
`make soak` every pair."""

from __future__ import annotations

import pytest

_AT_ONCE = {("kk", 360), ("ru", 1280), ("en", 360)}
SCREENS = [
    pytest.param(language, width, marks=() if (language, width) in _AT_ONCE else pytest.mark.soak)
    for language in ("kk", "ru", "en")
    for width in (360, 1280)
]
