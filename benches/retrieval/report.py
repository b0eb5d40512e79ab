"""Puts what was measured into the words of benches/RETRIEVAL.md.

    report.py quality NAME=FILE ... PEERS=FILE      (rows of `vpaura eval retrieval --json`)
"""

import json
import sys
from pathlib import Path

COLUMNS = ("nDCG@10", "recall@10", "MRR@10", "recall@100", "ms a query")


def rows_of(path):
    read = json.loads(Path(path).read_text(encoding="utf-8"))
    if isinstance(read, list):
        return read
    return [
        {**row, "ms": row["median_ms"]} for row in read["rankings"]
    ]


def main():
    tables = dict(argument.split("=", 1) for argument in sys.argv[2:])
    print(f"| | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for name, path in tables.items():
        for row in rows_of(path):
            figures = [f"{row[key]:.4f}" for key in ("ndcg", "recall", "mrr", "recall_100")]
            print(f"| {name}: {row['by']} | {' | '.join(figures)} | {row['ms']:.2f} |")


if __name__ == "__main__":
    main()
