"""OneRoster 1.1 and 1.2: the CSV binding read as a stream, and the spreadsheet for schools without it.

Owns how a bundle is written and every error of one file, by file and line with a code (`codes.py`, explained in
docs/reference/roster-import.md). Knows neither the database nor where rows go: `services/rosters.py` stages the
records, checks what spans files, and applies them. Answers to IMS OneRoster 1.1 and 1.2 (CSV bindings).

    container → lines → csv_bulk ─┬→ mapping → records
                        workbook ─┘
"""
