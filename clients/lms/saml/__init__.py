"""A SAML 2.0 service provider on python3-saml: metadata, sign-in, single logout.

Knows nothing of courses. What python3-saml leaves open even in strict mode is checked here: unsolicited answers, exact
addresses, the shape of signatures, the age of logout requests, how much may be inflated.
"""
