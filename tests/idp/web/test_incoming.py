"""web/incoming: raw bytes in an address are read, not stumbled over."""

import io

import pytest
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app


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
