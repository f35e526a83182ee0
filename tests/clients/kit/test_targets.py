"""A login never leads away from its own site."""

from __future__ import annotations

import pytest

from clients.kit.targets import own_path
from idp.core.errors import Invalid

BASE = "http://localhost:8004"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("/books/svet-i-ten/2", "/books/svet-i-ten/2"),
        ("/books?a=1&b=//x", "/books?a=1&b=//x"),
        (BASE, "/"),
        (f"{BASE}/classes/c7?x=1#frag", "/classes/c7?x=1"),
    ],
)
def test_own_pages_pass(target: str, path: str) -> None:
    assert own_path(target, BASE) == path


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "http://localhost:8005/",
        "https://localhost:8004/",
        "http://localhost:8004@evil.example/",
        "http://localhost:8004.evil.example/",
        f"{BASE}//evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\tevil",
        "/a\r\nSet-Cookie: x=1",
        " /a",
        "books",
        "http://[::1",
        "/қазақша",
        "/" + "a" * 2000,
    ],
)
def test_anything_else_is_refused(target: str) -> None:
    with pytest.raises(Invalid):
        own_path(target, BASE)
