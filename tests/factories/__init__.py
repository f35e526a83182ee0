"""Rows and records for tests, with good defaults: a test names only what it is about."""
