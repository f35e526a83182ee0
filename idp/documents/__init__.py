"""Paper and files: password sheets, spreadsheets, letters, cards of signatures and their evidence.

Data in, bytes out; no query, no HTTP.
"""
