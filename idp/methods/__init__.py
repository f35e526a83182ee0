"""Ways to prove who somebody is. One file a method, all fitting `method.Method`; none knows another.

Throttling, the neutral refusal, levels and audit are `services/login.py`'s, so a method cannot forget them.
"""
