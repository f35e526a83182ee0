"""What a proof uses up is used up here: once, in the transaction of what it opens."""

from __future__ import annotations

from datetime import datetime

from idp.methods.method import Proof
from idp.methods.passkey_challenge import LIFETIME
from idp.store import audit, credentials, one_time
from idp.store.session import Tx

_ONCE = "passkey"


def spend(tx: Tx, proof: Proof, *, now: datetime) -> str:
    """Empty when the proof was good and is used up now; else why not: `replaced`, `used_before`, `counter_back`.

    What a refused one used up stays used up, so the caller's transaction must be kept and not rolled back.
    """
    spends = proof.spends
    if spends is None:
        is_there = not proof.credential_id or credentials.used(tx, proof.credential_id, now=now)
        return "" if is_there else "replaced"
    if not once(tx, spends.once, now=now):
        return "used_before"
    if spends.whole:
        return "" if credentials.remove(tx, proof.person_id, proof.credential_id) else "used_before"
    went_up = credentials.raise_counter(
        tx, proof.credential_id, spends.counter, from_zero=spends.counts_from_zero, now=now
    )
    if not went_up:
        if not credentials.is_current(tx, proof.credential_id):
            return "replaced"
        return "counter_back" if spends.once else "used_before"
    if spends.notes is not None:
        credentials.keep(tx, proof.credential_id, spends.notes)
    return ""


def once(tx: Tx, value: str, *, now: datetime) -> bool:
    """Whether a challenge is seen for the first time; an empty one is none."""
    return not value or one_time.put_if_new(tx, value, purpose=_ONCE, now=now, ttl=2 * LIFETIME)


def note_refusal(tx: Tx, proof: Proof, method: str, why: str, *, now: datetime) -> None:
    """Writes down a proof that was refused when it was to be spent. A counter that went back may be a copied key
    (WebAuthn L3 §6.1.1), so it is told of the person, and not only of the attempt."""
    if why == "counter_back":
        data = {"credential": proof.credential_id}
        audit.record(tx, event="passkey_counter_back", now=now, person_id=proof.person_id, data=data)
    audit.record(tx, event="login_failed", now=now, data={"method": method, "why": why})
