"""Searches the same passages with what databases have themselves, one a line in a file:

    databases.py TEXTS WORK

SQLite's FTS5 by its bm25(); pgvector by its HNSW index, on the server that comes with it in the
package pgserver. Both databases are made in the folder WORK.
"""

import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pgserver

QUESTIONS = 100
VECTORS = 384


def main():
    texts, work = sys.argv[1], Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    print("### The databases alone, same passages\n")
    print("| | filled | on the disk | p50 ms | p95 ms |\n|---|---|---|---|---|")
    print(fts5(texts, work / "fts5.db"))
    print(pgvector(texts, work / "postgres"))
    print()


def questions(texts):
    """Some words of passages that are spread over the file."""
    chosen = random.Random(3)
    with open(texts, encoding="utf-8") as file:
        passages = [line.split() for number, line in enumerate(file) if number % 97 == 0]
    rare = [[word for word in passage if len(word) > 6] or passage for passage in passages]
    return [chosen.sample(words, min(4, len(words))) for words in chosen.choices(rare, k=QUESTIONS)]


def fts5(texts, path):
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE VIRTUAL TABLE passages USING fts5(text, tokenize = 'porter unicode61')")
    begun = time.perf_counter()
    with open(texts, encoding="utf-8") as file, database:
        database.executemany("INSERT INTO passages VALUES (?)", ((line,) for line in file))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filled = time.perf_counter() - begun
    ask = "SELECT rowid, text FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT 10"
    times = timed(
        lambda words: database.execute(ask, (" OR ".join(words),)).fetchall(), questions(texts)
    )
    size = os.path.getsize(path) / 1e6
    return f"| FTS5, bm25() | {filled:.0f} s | {size:.0f} MB | {times[0]:.2f} | {times[1]:.2f} |"


def timed(ask, all_questions):
    """The median and the 95th percentile in milliseconds, after one round to warm up."""
    times = []
    for round_ in range(2):
        for question in all_questions:
            begun = time.perf_counter()
            ask(question)
            if round_ == 1:
                times.append((time.perf_counter() - begun) * 1e3)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.95)]


def pgvector(texts, folder):
    """With psql alone: its own timing is that of the server and a local connection."""
    with open(texts, encoding="utf-8") as file:
        rows = sum(1 for _ in file)
    server = pgserver.get_server(folder)
    try:
        return hnsw(rows, server.get_uri())
    finally:
        server.cleanup()


def hnsw(rows, postgres):
    """Vectors in one table, with an index of the extension's own settings that fits in memory."""

    def run(*statements):
        arguments = [part for statement in statements for part in ("-c", statement)]
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", postgres, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    random_vector = (
        f"(SELECT array_agg(random() - 0.5) FROM generate_series(1, {VECTORS}) WHERE n >= 0)"
    )
    begun = time.perf_counter()
    made = run(
        "CREATE EXTENSION vector",
        # An index that does not fit into it is built many times slower; it is not taken up at once.
        "SET maintenance_work_mem = '4GB'",
        f"CREATE TABLE bench_passages (n int PRIMARY KEY, v vector({VECTORS}))",
        f"INSERT INTO bench_passages SELECT n, {random_vector}::vector({VECTORS}) "
        f"FROM generate_series(1, {rows}) AS n",
        "CREATE INDEX ON bench_passages USING hnsw (v vector_cosine_ops)",
    )
    filled = time.perf_counter() - begun
    if made.returncode != 0:
        return f"| pgvector | {made.stderr.strip().splitlines()[0]} | | | |"
    size = int(run("SELECT pg_total_relation_size('bench_passages')").stdout) / 1e6
    ask = "SELECT n FROM bench_passages ORDER BY v <=> (SELECT v FROM bench_passages WHERE n = {})"
    chosen = random.Random(3)
    numbers = [chosen.randrange(1, rows + 1) for _ in range(QUESTIONS)]
    timing = [f"EXPLAIN (ANALYZE, TIMING OFF) {ask.format(n)} LIMIT 10" for n in numbers * 2]
    told = run(*timing).stdout.splitlines()
    times = [float(line.split()[2]) for line in told if line.startswith("Execution Time")]
    times = sorted(times[QUESTIONS:])
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    return f"| pgvector, HNSW | {filled:.0f} s | {size:.0f} MB | {p50:.2f} | {p95:.2f} |"


if __name__ == "__main__":
    main()
