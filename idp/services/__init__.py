"""Use-cases, one per function. Each opens its own short transaction and never does slow work inside it.

Knows no HTTP: takes plain values, returns plain records, raises `core.errors`.
"""
