"""One file per grant type of /oauth/token: what it checks, what it spends, what it mints.

Each takes `(server, door, client, params)`. A refusal that must leave something behind (a family revoked after
replay) is returned, everything else is raised.
"""
