"""Logs: one JSON object a line, with the request's id, without queries, bodies, cookies or tokens."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from flask import Flask, Response, g, request

from idp.core.clock import monotonic
from idp.core.context import request_id
from idp.core.ids import new_id

log = logging.getLogger("bilim.client")
_FIELDS = ("app", "method", "path", "status", "ms", "code", "reference", "detail", "counts")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value != ""}, ensure_ascii=False)


def configure_logs(log_format: str) -> None:
    """Writes to standard error, once a process."""
    if log.handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(JsonFormatter() if log_format == "json" else plain)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def install_request_log(app: Flask, name: str) -> None:
    @app.before_request
    def _begin() -> None:
        g.started = monotonic()
        request_id.set(new_id())

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id.get()
        if request.endpoint not in ("health.healthz", "health.readyz", "static"):
            # The rule, not the path: ids of classes stay out of the log.
            rule = request.url_rule.rule if request.url_rule else "unknown"
            spent = round((monotonic() - g.get("started", monotonic())) * 1000, 1)
            told = {"app": name, "method": request.method, "path": rule, "status": response.status_code, "ms": spent}
            log.info("request", extra=told)
        return response
