"""Paper and files: password sheets, spreadsheets, letters. Data in, bytes out; no query, no HTTP."""
