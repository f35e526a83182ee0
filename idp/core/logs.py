"""Logs: one JSON object a line, with the request's id. What may be secret is never passed in, and masked if it is."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

from idp.core.context import request_id

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRETS = re.compile(
    r"(?P<jwt>eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)|(?P<iin>(?<!\d)\d{12}(?!\d))|(?P<opaque>(?<![\w-])[\w-]{43,}(?![\w-]))"
)
"""JWTs, twelve digits that could be an ИИН, and long random words: the last net, not the rule."""


_PUBLIC = frozenset(("checkpoint",))
"""Extras for others to read: a signed checkpoint of the audit log looks like a token and opens nothing."""


def mask(text: str) -> str:
    """Replaces what looks like a token or an ИИН."""
    return _SECRETS.sub("***", text)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if request := request_id.get():
            line["request_id"] = request
        for key, value in vars(record).items():
            if key not in _STANDARD:
                line[key] = mask(value) if isinstance(value, str) and key not in _PUBLIC else value
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        extras = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        extra = " ".join(f"{key}={value}" for key, value in extras.items() if key not in _PUBLIC)
        text = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():7} {record.getMessage()} {extra}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        public = "".join(f" {key}={extras[key]}" for key in sorted(_PUBLIC & extras.keys()))
        return mask(text.rstrip()) + public


def configure(log_format: str, level: int = logging.INFO) -> None:
    """Sends every log of this process to standard error in the given format (`json` or `text`)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)
