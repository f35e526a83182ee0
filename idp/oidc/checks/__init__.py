"""The rules of /oauth/authorize, one function each; `oidc/authorize.py` holds their order.

A check returns nothing when its rule holds. It raises PageError while nothing proves where a redirect would lead,
and OidcError afterwards. Checks of the second table may instead return what a human has to do.
"""
