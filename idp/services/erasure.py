"""Destroying what is known about somebody (Law № 94-V art. 18), in place and in one transaction.

The row stays without a name: who signed a consent or a document remains provable, and traces keep their meaning.
"""

from __future__ import annotations

from datetime import datetime

from idp.core.clock import local_date
from idp.services import logout
from idp.store import audit, erasure, feed, subject_requests
from idp.store.session import Tx


def erase(tx: Tx, person_id: str, *, by: str, why: str, now: datetime, school_id: str = "") -> None:
    """Ends every role, link, card and session of a person and of records merged into them, and empties the rows.

    `why` is a word for the log: `request` or `term`. Whoever reads the feed hears of it.
    """
    today = local_date(now)
    for one in erasure.same_person(tx, person_id):
        schools = erasure.schools(tx, one)
        logout.end_all(tx, [one], now=now, reason="erased")
        for kind, where, record in erasure.end_ties(tx, one, by=by, today=today, now=now):
            feed.append(tx, kind, "ended", [(where, record)], now=now)
        erasure.remove_rows(tx, one, now=now)
        erasure.empty_person(tx, one, now=now)
        subject_requests.forget_words(tx, one, now=now)
        feed.append(tx, "people", "ended", [(school, one) for school in schools], now=now)
        audit.record(
            tx, event="person_erased", now=now, actor_id=by, person_id=one, school_id=school_id, data={"why": why}
        )
