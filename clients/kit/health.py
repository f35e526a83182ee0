"""`/healthz`: the process answers. `/readyz`: its database does too, with every migration applied.

The IdP is not asked: a client that waits for it would drop out of its balancer with the IdP's every restart.
"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from clients.kit.kit import kit

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    return {"status": "ok"}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    try:
        ready = kit().database.is_ready()
    except SQLAlchemyError:
        ready = False
    return ({"status": "ok"}, 200) if ready else ({"status": "unavailable"}, 503)
