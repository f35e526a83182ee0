"""web/static_files: what is the same for everybody is compressed, pages are not."""

from __future__ import annotations

import gzip

from flask import Flask

ASKS = {"Accept-Encoding": "gzip, br"}


def test_styles_travel_compressed_and_pages_do_not(app: Flask) -> None:
    client = app.test_client()
    plain = client.get("/static/css/base.css")
    squeezed = client.get("/static/css/base.css", headers=ASKS)
    assert [one.headers.get("Content-Encoding", "") for one in (plain, squeezed)] == ["", "gzip"]
    assert gzip.decompress(squeezed.data) == plain.data
    assert squeezed.content_length == len(squeezed.data) < len(plain.data)
    assert "Accept-Encoding" in squeezed.headers["Vary"]
    again = client.get("/static/css/base.css", headers={**ASKS, "If-None-Match": squeezed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Encoding" not in client.get("/login", headers=ASKS).headers
