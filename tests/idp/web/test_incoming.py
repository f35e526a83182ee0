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


def test_what_no_database_can_hold_is_refused_in_the_words_of_the_door(app: Flask) -> None:
    @app.route("/odd/<text>", methods=["GET", "POST"])
    def odd(text: str) -> str:
        return text + "".join(request.form.values()) + "".join(file.filename or "" for file in request.files.values())

    app.extensions["csrf"].exempt(odd)
    http = app.test_client()
    assert http.post("/odd/a", data={"x": "ә"}).text == "aә"
    named = {"file": (io.BytesIO(b"x"), "a\x00.csv")}
    for answer in (
        http.get("/odd/%00"), http.get("/odd/a?x=%00"), http.get("/odd/a?%00=x"), http.get("/nothing/%00"),
        http.post("/odd/a", data={"x": "\x00"}), http.post("/odd/a", data={"\x00": "x"}),
        http.post("/odd/a", data=named), http.post("/login/password", data={"i": "\x00"}),
    ):  # fmt: skip
        assert (answer.status_code, answer.mimetype) == (400, "text/html")
        assert 'id="error-code"' in answer.text
        assert "invalid_characters" in answer.text
    for path in ("/api/v1/schools/%00/people", "/api/v1/schools?x=%00"):
        machine = http.get(path)
        assert (machine.status_code, machine.get_json(force=True)["type"]) == (
            400, "urn:bilim:problem:invalid_characters",
        )  # fmt: skip
