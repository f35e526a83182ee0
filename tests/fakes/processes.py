"""Several processes that do one thing at the same moment: the honest way to test a race.

They come from a fork server, so they share no connection, no lock and no memory with the test. `function` must be
importable (a module-level function), its arguments and results plain data.
"""

from __future__ import annotations

import multiprocessing
import queue
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

_SECONDS = 600
_START_SECONDS = 60
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["idp.store.models", "idp.store.session", "psycopg"])
T = TypeVar("T")


def run_together(function: Callable[..., T], arguments: Sequence[tuple[Any, ...]]) -> list[T]:
    """Calls `function(*arguments[n])` in a process each, all starting together; results in order of arguments.

    Raises AssertionError with the traceback of the first that failed.
    """
    barrier = _context.Barrier(len(arguments))
    results: Any = _context.Queue()
    processes = [
        _context.Process(target=_child, args=(function, given, number, barrier, results), daemon=True)
        for number, given in enumerate(arguments)
    ]
    for process in processes:
        process.start()
    try:
        answers = [_next(results, processes) for _ in processes]
    finally:
        for process in processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()
    failed = [failure for _, _, failure in answers if failure]
    assert not failed, failed[0]
    return [value for _, value, _ in sorted(answers, key=lambda answer: answer[0])]


def _next(results: Any, processes: Sequence[BaseProcess]) -> tuple[int, Any, str]:
    """The next answer. Raises AssertionError when every process is gone, or the time is."""
    for _ in range(_SECONDS):
        are_gone = not any(process.is_alive() for process in processes)
        try:
            answer: tuple[int, Any, str] = results.get(timeout=1)
        except queue.Empty:
            assert not are_gone, "a process died without an answer"
        else:
            return answer
    raise AssertionError(f"no answer within {_SECONDS} s")


def _child(function: Callable[..., T], given: tuple[Any, ...], number: int, barrier: Barrier, results: Any) -> None:
    try:
        barrier.wait(timeout=_START_SECONDS)
        results.put((number, function(*given), ""))
    except BaseException:
        results.put((number, None, traceback.format_exc()))
