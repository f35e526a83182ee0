"""OAuth 2.0 and OpenID Connect, as functions over typed records (RFC 6749, 7636, 9068, 9207, 9700; OIDC Core 1.0).

Owns every protocol rule. Reaches stores through `ports.py` only; knows neither Flask nor SQL.
"""
