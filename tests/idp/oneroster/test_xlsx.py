"""oneroster/xlsx: workbooks are parsed under defusedxml, whatever else is installed."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.fakes.source import ROOT

_ASKS = """
import lxml
from idp.oneroster import xlsx
import openpyxl
from openpyxl.xml import functions
print(openpyxl.LXML, functions.fromstring.__module__)
"""


def test_lxml_reads_no_workbook_although_it_is_there() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENPYXL_LXML"}
    done = subprocess.run(
        [sys.executable, "-c", _ASKS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "defusedxml.common"]
