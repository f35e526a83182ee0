"""Runs a script of Node.js that asks for what only a person or an operator can do, one line of JSON a question."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_SECONDS = 60


def run_script(name: str, given: Mapping[str, Any], answer: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Gives every line that it prints to `answer` and sends back the answer, until it prints `{"seen": …}`."""
    node = shutil.which("node")
    assert node is not None, "Node.js 20 or newer is needed: make components"
    assert (_HERE / "node_modules" / "openid-client").is_dir(), "npm ci has not run here: make components"
    command = [node, str(_HERE / name), json.dumps(given)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as script:
        assert script.stdin is not None
        assert script.stdout is not None
        assert script.stderr is not None
        for line in script.stdout:
            said = json.loads(line)
            if "seen" in said:
                script.wait(_SECONDS)
                return dict(said["seen"])
            script.stdin.write(json.dumps(answer(said)) + "\n")
            script.stdin.flush()
        raise AssertionError(script.stderr.read())
