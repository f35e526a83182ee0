"""A learning management system speaking SAML. Empty until SAML arrives."""
