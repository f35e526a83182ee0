"""core/logs: one JSON object a line, and a last net under secrets."""

import json
import logging

from idp.core.context import request_id
from idp.core.ids import new_secret
from idp.core.logs import JsonFormatter, TextFormatter, mask


def test_a_line_is_json_with_the_request_id_and_extras() -> None:
    record = logging.makeLogRecord(
        {"msg": "кіру %s", "args": ("ok",), "levelname": "INFO", "name": "idp", "status": 200}
    )
    token = request_id.set("r1")
    line = json.loads(JsonFormatter().format(record))
    request_id.reset(token)
    assert (line["message"], line["request_id"], line["status"]) == ("кіру ok", "r1", 200)


def test_tokens_and_numbers_like_iin_are_masked() -> None:
    secret = new_secret()
    text = mask(f"Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln code={secret} iin=130901500000 id=12345")
    assert secret not in text
    assert "eyJ" not in text
    assert "130901500000" not in text
    assert "id=12345" in text


def test_an_exception_is_masked_too() -> None:
    secret = new_secret()
    try:
        raise ValueError(secret)
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "x", "exc_info": (ValueError, error, error.__traceback__)})
    assert secret not in JsonFormatter().format(record)


def test_a_checkpoint_is_written_out_for_who_keeps_it_and_nothing_else_like_it() -> None:
    jws = "eyJhbGciOiJFUzI1NiJ9.eyJzZXEiOjN9.c2lnbmF0dXJl"
    record = logging.makeLogRecord(
        {"msg": "audit checkpoint", "levelname": "INFO", "name": "idp", "seq": 3, "checkpoint": jws, "token": jws}
    )
    line = json.loads(JsonFormatter().format(record))
    assert (line["checkpoint"], line["token"]) == (jws, "***")
    assert TextFormatter().format(record).endswith(f"token=*** checkpoint={jws}")
