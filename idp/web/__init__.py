"""The doors: one blueprint each turns HTTP into a call and the answer back into HTTP, deciding nothing.

Queries nothing itself. `house.py` holds what `app.py` hands over; `errors.py` is the one translator of errors.
"""
