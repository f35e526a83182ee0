"""/api/v1 over HTTP: programs with bearer tokens of ours, JSON, errors as RFC 9457. No cookie means anything here.

One file a subject, each with a blueprint from `token_door`, where tokens are read and refusals put into words. What is
answered is decided in `services`; a new file is listed in `BLUEPRINTS`.
"""

from __future__ import annotations

from flask import Blueprint

from idp.web.api import (
    authorities,
    feed,
    me,
    me_children,
    me_consents,
    me_requests,
    openapi,
    school_cards,
    school_consents,
    school_requests,
    school_services,
    schools,
    signing,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    signing.bp, feed.bp, me.bp, me_children.bp, me_consents.bp, me_requests.bp, schools.bp, school_cards.bp,
    school_consents.bp, school_requests.bp, school_services.bp, authorities.bp, openapi.bp,
)  # fmt: skip
