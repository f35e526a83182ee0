"""Tables, sessions and every SQL statement of the IdP.

CRUD goes through the ORM, hot statements are prebuilt Core. Statements on school-bound tables take a Scope first.
Knows no HTTP; whoever opens a transaction is in services, or is a door in web through the unit of work.
"""
