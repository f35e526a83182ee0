"""When metadata is read again: often enough that nothing expires, and not so often that a federation minds."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

LEAST, MOST = timedelta(hours=1), timedelta(hours=24)
RETRY, LONGEST_RETRY = timedelta(minutes=10), timedelta(hours=6)
HEAD = 16_384
"""Octets of a document in which its root's start tag ends."""
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<[^!?][^>]*")
_DURATION = re.compile(
    rb"""\scacheDuration\s*=\s*["']\s*P(?:(\d{1,3})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d+)?S)?)?\s*["']"""
)


def next_reading(now: datetime, *, valid_until: datetime | None, cache_duration: timedelta | None) -> datetime:
    """At half of what is left, or when its publisher wants it (SAML Metadata §2.3.1), between LEAST and MOST; sooner
    only where it would expire before."""
    waits = [MOST] + ([cache_duration] if cache_duration else [])
    if valid_until is None:
        return now + max(LEAST, min(waits))
    left = valid_until - now
    return now + max(RETRY, min(max(LEAST, min(*waits, left / 2)), left * 3 / 4))


def next_try(now: datetime, failures: int) -> datetime:
    """After so many failures in a row, this one counted: each wait is twice the one before."""
    return now + min(LONGEST_RETRY, RETRY * (1 << min(failures - 1, 10)))


def cache_duration(head: bytes) -> timedelta | None:
    """What the root says, by the beginning of the document, which has been verified; None for nothing or for years and
    months. A hint: nothing hangs on it but the next reading."""
    root = _ROOT.search(_COMMENT.sub(b"", head[:HEAD]))
    found = _DURATION.search(root[0]) if root else None
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) or None
