"""The benchmark: `make bench`, or `python -m tests.bench --help`.

Every path is measured on the real server and, turn about, on its floor: a bare Flask view on the same server with the
same number of threads, that makes the same signatures and runs the same SQL statements in the same transactions, and
nothing else (`floor.py`). What is compared is CPU time per operation, which a busy neighbour disturbs least.
`docs/reference/performance.md` tells how to read the figures.
"""
