"""Bilim ID, the identity provider. This file is the map of its rooms; nothing runs here.

Requests walk downhill and never climb:

    cli       one file per command group; reads settings, builds the app, prints
    app       the only place where parts and doors meet
    parts     every part that works without HTTP, built once
    web       one blueprint per door: HTTP in, HTTP out, nothing decided
    jobs      what happens without a visitor: outbox, rotation, clean-up
    documents sheets, letters, spreadsheets: data in, bytes out
    services  one use-case per function, each opens its own short transaction
    oidc      OAuth 2.0 and OpenID Connect        saml, lti, scim   later protocols
    methods   ways to prove who somebody is       oneroster         rosters in and out
    eds       the national signature (eds = electronic digital signature)
    xml, jose the only doors to XML signatures and to JWT
    store     tables and every SQL statement
    settings  one frozen record, read by app and cli
    core      clock, ids, errors, scope, levels: plain Python
"""
