"""Plain Python that every other room may use: clock, ids, errors, ИИН, scope, levels.

Owns no table, no protocol and no HTTP. Time and chance come only from here, so tests hold them.
"""
