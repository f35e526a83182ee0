"""The one way to openpyxl, which reads what strangers send.

Where lxml is installed openpyxl would parse with it, and that takes a document with a DTD; without it the standard
library parses under defusedxml, which refuses one. openpyxl looks at the variable once, when it is first imported.
"""

from __future__ import annotations

import os

os.environ["OPENPYXL_LXML"] = "False"

from openpyxl import load_workbook

__all__ = ["load_workbook"]
