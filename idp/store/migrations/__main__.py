"""`python -m idp.store.migrations "what changes"` drafts the next revision from the models."""

from __future__ import annotations

import sys

from idp.store import migrations

if len(sys.argv) != 2 or not sys.argv[1].strip():
    sys.exit('usage: python -m idp.store.migrations "what changes"')
sys.stdout.write(f"{migrations.draft(sys.argv[1], revision=f'{int(migrations.HEAD) + 1:04d}')}\n")
sys.stdout.write("Read it, clean it, and set HEAD in idp/store/migrations/__init__.py.\n")
