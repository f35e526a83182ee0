"""The console of operators, authorities, schools and class teachers: one set of pages.

`door.py` decides who comes in, by the table in `services/rights.py`; each file is one blueprint of a few pages and
decides nothing. `menu.py` says what stands in the side bar, `lists.py` reads what a list was asked for.
"""
