"""Every pair of colours that meet on a page can be read, in light and in dark (WCAG 2.2 SC 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "templates" / "static" / "css"
TEXT, EDGE = 4.5, 3.0

_GROUNDS = ("paper", "canvas", "sunk")
PAIRS: list[tuple[str, str, float]] = [
    *[(text, ground, TEXT) for text in ("ink", "ink-2") for ground in _GROUNDS],
    *[("sky", ground, TEXT) for ground in ("paper", "canvas")],
    ("on-sky", "sky", TEXT),
    ("on-sky", "sky-hover", TEXT),
    ("sky-ink", "sky-soft", TEXT),
    ("ink", "sky-soft", TEXT),
    ("ink-2", "sky-soft", TEXT),
    ("on-sun", "sun", TEXT),
    ("sun-ink", "sun-soft", TEXT),
    *[(f"{state}-ink", ground, TEXT) for state in ("ok", "warn", "stop") for ground in (f"{state}-soft", "paper")],
    *[("on-state", state, TEXT) for state in ("ok", "warn", "stop")],
    ("stop", "paper", TEXT),
    *[(f"t{number}-ink", f"t{number}", TEXT) for number in range(1, 7)],
    ("paper", "ink", TEXT),
    ("draw-ink", "draw-paper", TEXT),
    *[("line-strong", ground, EDGE) for ground in ("paper", "canvas")],
    *[("focus", ground, EDGE) for ground in (*_GROUNDS, "sky-soft")],
    *[(state, "paper", EDGE) for state in ("ok", "warn", "stop")],
    ("sky", "sunk", EDGE),
]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\s*;", block))


def _modes() -> dict[str, dict[str, str]]:
    """Names to colours in each mode; the dark mode inherits what it does not set."""
    light, dark = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    light_colours = _colours(light)
    return {"light": light_colours, "dark": light_colours | _colours(dark.split("@media print")[0])}


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _ratio(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_a_pair_of_colours_can_be_told_apart(mode: str, front: str, back: str, least: float) -> None:
    colours = _modes()[mode]
    assert _ratio(colours[front], colours[back]) >= least


def test_the_ratio_is_that_of_the_standard() -> None:
    assert _ratio("#000", "#ffffff") == pytest.approx(21)
    assert _ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_sun_is_never_a_text_colour() -> None:
    for path in CSS.rglob("*.css"):
        assert not re.search(r"(?<![-\w])color:\s*var\(--sun\)", path.read_text()), path


def test_colours_are_named_in_the_tokens_only() -> None:
    """White paper and black ink of print are the exception, and shadows are mixed from the ink."""
    for path in CSS.rglob("*.css"):
        if path.name != "tokens.css":
            assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\s*[{,.:])", path.read_text())) <= {"#fff", "#000"}, path


def test_every_token_that_is_used_is_defined() -> None:
    defined = set(re.findall(r"--([\w-]+):", "".join(path.read_text() for path in CSS.rglob("*.css"))))
    for path in CSS.rglob("*.css"):
        assert set(re.findall(r"var\(--([\w-]+)", path.read_text())) <= defined, path
