"""Where a login may lead back to: own pages only (RFC 9700 §4.11, open redirectors)."""

from __future__ import annotations

from urllib.parse import urlsplit

from idp.core.errors import Invalid

_MAX = 1024


def own_path(target: str, base_url: str) -> str:
    """`target` as a path of this client with its query; raises Invalid for anything that leads elsewhere.

    Takes a path (`/books/svet-i-ten/2`) or an address that starts with our own origin. Browsers read a backslash as
    a slash and drop tabs and line ends inside an address, so those never pass.
    """
    if not target:
        return "/"
    if len(target) > _MAX or not target.isascii() or any(letter <= " " or letter in "\\\x7f" for letter in target):
        raise Invalid("bad target", code="invalid_request")
    try:
        parts = urlsplit(target)
        own = urlsplit(base_url)
        is_own = (parts.scheme, parts.netloc) in (("", ""), (own.scheme, own.netloc)) and not target.startswith("//")
    except ValueError:
        is_own = False
    path = parts.path or "/" if is_own else ""
    if not path.startswith("/") or path.startswith("//"):
        raise Invalid("bad target", code="invalid_request")
    return f"{path}?{parts.query}" if parts.query else path
