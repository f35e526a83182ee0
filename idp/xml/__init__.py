"""The one hardened XML parser and the one signature door (SAML Core §5, XML-DSig, XML-Enc): parses, signs, encrypts.

Everything else in the house is forbidden to import lxml or xmlsec. Keys are handed in, algorithms are closed tables,
and what is read is the very tree that was verified.
"""
