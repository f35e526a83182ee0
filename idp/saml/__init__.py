"""SAML 2.0 identity provider: metadata, requests, assertions, bindings. Empty until SAML arrives."""
