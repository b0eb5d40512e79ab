"""Puts what was measured into the words of benches/RETRIEVAL.md.

    report.py quality NAME=FILE ... PEERS=FILE      (rows of `vpaura eval retrieval --json`)
    report.py filling NAME FOLDER BEGUN TOLD        (what `vpaura ingest` said of the folder)
"""

import json
import re
import sys
import time
from pathlib import Path

COLUMNS = ("nDCG@10", "recall@10", "MRR@10", "recall@100", "ms a query")


def rows_of(path):
    read = json.loads(Path(path).read_text(encoding="utf-8"))
    if isinstance(read, list):
        return read
    return [
        {**row, "ms": row["median_ms"]} for row in read["rankings"]
    ]


def filling(name, folder, begun, told):
    """One way of filling a collection, which has just ended."""
    took = time.time() - float(begun)
    sizes = [file.stat().st_size for file in Path(folder).iterdir()]
    chunks = re.search(r"(\d+) chunks?\b", Path(told).read_text(encoding="utf-8").replace(",", ""))
    each = f", {int(chunks[1]) / took:.0f} chunks/s" if chunks else ""
    print(
        f"- {name}: {took:.1f} s; {sum(sizes) / 1e6 / took:.2f} MB/s of text, "
        f"{len(sizes) / took:.0f} documents/s{each}"
    )


def main():
    if sys.argv[1] == "filling":
        filling(*sys.argv[2:])
        return
    tables = dict(argument.split("=", 1) for argument in sys.argv[2:])
    print(f"| | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for name, path in tables.items():
        for row in rows_of(path):
            figures = [f"{row[key]:.4f}" for key in ("ndcg", "recall", "mrr", "recall_100")]
            print(f"| {name}: {row['by']} | {' | '.join(figures)} | {row['ms']:.2f} |")


if __name__ == "__main__":
    main()
