"""What belongs to the request at hand, for logs and audit: its id only."""

from __future__ import annotations

import contextvars

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
