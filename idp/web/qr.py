"""A QR code as inline SVG, drawn here: no other host learns what is in it, and the policy allows no inline style."""

from __future__ import annotations

from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """Dark squares on nothing, sized by the page; level M survives a fingerprint on the glass."""
    import segno

    drawn = segno.make(text, error="m", micro=False).svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None)
    return Markup(drawn)  # noqa: S704 - made of squares only
