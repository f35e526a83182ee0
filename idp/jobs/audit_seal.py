"""Chains audit events every few seconds, under a lease (order-456 reference, D18)."""

from __future__ import annotations

from datetime import timedelta

from idp.jobs.schedule import Job
from idp.services.audit_chain import AuditChain

EVERY = timedelta(seconds=2)


def job(chain: AuditChain) -> Job:
    """A worker that dies loses its lease after one period, and the next one goes on where the chain ends."""
    return Job("audit_seal", EVERY, chain.seal)
