"""What every client shares: app, login, back-channel logout, calls with tokens, own database, worker.

May use `idp.core` (clock, ids, iin, calendar) and nothing else of the IdP; meets it on the wire.
"""
