"""The WSGI entry point for any server: `gunicorn wsgi:app`."""

import os

from idp.app import create_app
from idp.settings import Settings

app = create_app(Settings.from_env(os.environ))
