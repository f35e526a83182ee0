"""SCIM 2.0 (RFC 7643, 7644). Empty until SCIM arrives."""
