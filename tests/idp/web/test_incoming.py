"""web/incoming: raw bytes in an address are read, not stumbled over."""

import io

import pytest
from flask import Flask, request
from werkzeug.test import create_environ, run_wsgi_app

from idp.app import MAX_BODY
from idp.web.incoming import takes


@pytest.mark.parametrize("path", ["/login/password", "/oauth/authorize", "/oauth/logout", "/consent", "/nothing"])
def test_a_raw_byte_in_the_query_is_no_failure_of_ours(app: Flask, path: str) -> None:
    environ = create_environ(path, "http://localhost:8000")
    environ |= {"QUERY_STRING": "i=\x80&lang=\xff", "wsgi.input": io.BytesIO()}
    _body, status, _headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    assert 300 <= int(status.split()[0]) < 500


def test_what_is_encoded_already_stays_as_it_is(app: Flask) -> None:
    environ = create_environ("/", query_string="name=%D3%98&x=a+b%20c&raw=\xd3\x98")
    environ["QUERY_STRING"] = "name=%D3%98&x=a+b%20c&raw=\xd3\x98"
    assert app.request_class(environ).args.to_dict() == {"name": "Ә", "x": "a b c", "raw": "Ә"}


def test_only_a_view_that_says_so_takes_more_than_others(app: Flask) -> None:
    @app.post("/wide")
    @takes(MAX_BODY + 1)
    def wide() -> str:
        return str(len(request.get_data()))

    @app.post("/narrow")
    def narrow() -> str:
        return str(len(request.get_data()))

    for view in (wide, narrow):
        app.extensions["csrf"].exempt(view)
    http = app.test_client()
    assert http.post("/wide", data=b"a" * (MAX_BODY + 1)).text == str(MAX_BODY + 1)
    assert http.post("/wide", data=b"a" * (MAX_BODY + 2)).status_code == 413
    assert http.post("/narrow", data=b"a" * (MAX_BODY + 1)).status_code == 413
