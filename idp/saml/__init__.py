"""SAML 2.0 identity provider: metadata, requests, assertions, bindings, logout. Knows neither Flask nor SQL.

`sso.py` is its dispatcher as `oidc/authorize.py` is OpenID Connect's; XML is read and signed by `idp.xml` alone. Leaves
to others who somebody is (`services.login`), what a school lets go (`ports.Facts`) and where rows lie (`store.saml`).
OASIS SAML 2.0 Core, Bindings, Profiles, Metadata with errata 05; Kantara's SAML federation interoperability profile.
"""
