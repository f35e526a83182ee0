"""Request ids, the access log and metrics. Paths are logged without their query: queries carry codes and hints."""

from __future__ import annotations

import ipaddress
import logging
import os

from flask import Blueprint, Flask, Response, g, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from idp.core.clock import monotonic
from idp.core.context import request_id
from idp.core.errors import NotFound
from idp.core.ids import new_secret
from idp.web.house import house
from idp.web.qr import qr_svg

bp = Blueprint("health", __name__)
_access = logging.getLogger("idp.access")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_requests = Counter("bilim_http_requests_total", "Answered requests", ("endpoint", "method", "status"))
_seconds = Histogram(
    "bilim_http_request_seconds",
    "Time to answer",
    ("endpoint",),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def init(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.register_blueprint(bp)


def _begin() -> None:
    g.began = monotonic()
    request_id.set(new_secret(9))


def _end(response: Response) -> Response:
    took = monotonic() - g.get("began", monotonic())
    endpoint = request.endpoint or "unknown"
    method = request.method if request.method in _METHODS else "other"
    _requests.labels(endpoint, method, str(response.status_code)).inc()
    _seconds.labels(endpoint).observe(took)
    response.headers["X-Request-Id"] = request_id.get()
    if endpoint != "static" and _access.isEnabledFor(logging.INFO):
        _access.info(
            "request",
            extra={
                "method": method,
                "path": request.path[:200],
                "status": response.status_code,
                "ms": round(took * 1000, 2),
            },
        )
    return response


@bp.get("/healthz")
def healthz() -> tuple[dict[str, str], int]:
    """Alive: this process answers."""
    return {"status": "ok"}, 200


@bp.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Ready: database, schema and keys are there."""
    trouble = house().check_ready()
    return ({"status": "ok"}, 200) if not trouble else ({"status": trouble}, 503)


@bp.get("/styleguide")
def styleguide() -> str:
    """Every component on one page, in development only."""
    if not house().is_dev:
        raise NotFound("no such page")
    return render_template("styleguide.html", qr_svg=qr_svg(house().issuer))


@bp.get("/metrics")
def metrics() -> Response:
    """Prometheus text, to this machine only: counts of sign-ins are nobody else's business."""
    forwarded = "X-Forwarded-For" in request.headers and not house().trusted_proxies
    address = request.remote_addr or ""
    if forwarded or not _is_loopback(address):
        return Response("only from this machine\n", 403, content_type="text/plain")
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
