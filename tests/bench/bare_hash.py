"""The least a password can cost: argon2id alone. `python -m tests.bench.bare_hash SECONDS` prints CPU ms per hash.

As many threads as cores, like the server's pool: two hashes at once share the memory's bandwidth and cost more each.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from argon2 import PasswordHasher


def measure(seconds: float) -> float:
    """CPU milliseconds per verification at 19 MiB, t=2, p=1, over `seconds` of nothing else."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    encoded = hasher.hash("pw-user1")
    done: list[int] = []

    def verify() -> None:
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            hasher.verify(encoded, "pw-user1")
            count += 1
        done.append(count)

    threads = [threading.Thread(target=verify) for _ in os.sched_getaffinity(0)]
    began = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.process_time() - began) * 1000 / sum(done)


if __name__ == "__main__":
    print(measure(float(sys.argv[1])))  # noqa: T201 the parent process reads it
