"""The one door to JWT and JWK (RFC 7515, 7517, 7519, 8725): signs, verifies, thumbprints.

Algorithms are pinned by the caller's use, never read from the token. Knows no database: keys are handed in.
"""
