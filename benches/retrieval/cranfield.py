"""Reads the Cranfield collection: documents, questions, and judgements.

A question's number in the judgements is its place in the file. Judgements go from 1 (a complete
answer) to 4 (of minimum interest) and become gains from 4 to 1; -1 is none of the scale.
"""

import re
import sys
from pathlib import Path


def records(path):
    """The records of a file, each with its number and its parts by their letters."""
    for block in re.split(r"(?m)^\.I +", Path(path).read_text(encoding="utf-8"))[1:]:
        number, _, rest = block.partition("\n")
        parts = re.split(r"(?m)^\.([A-Z])[ \t]*\n", rest)
        yield int(number), {name: text.strip() for name, text in zip(parts[1::2], parts[2::2])}


def documents(folder):
    """Number, title and text; the title, with which each abstract begins, is not repeated."""
    for number, parts in records(folder / "cran.all.1400"):
        title, text = " ".join(parts.get("T", "").split()), parts.get("W", "")
        flat = " ".join(text.split())
        if title and flat.startswith(title):
            text = flat[len(title) :].strip() if len(flat) > len(title) else ""
        yield number, title, text


def queries(folder):
    """The questions, in the order that the judgements number them by."""
    return [" ".join(parts["W"].split()) for _, parts in records(folder / "cran.qry")]


def judgements(folder):
    """For each question the gains of the documents that are relevant to it."""
    judged = {}
    for line in (folder / "cranqrel").read_text(encoding="utf-8").splitlines():
        if line.strip():
            query, document, code = (int(word) for word in line.split())
            judged.setdefault(query, {})[document] = 5 - code if 1 <= code <= 4 else 0
    return judged


def main():
    """Writes each document as a file of its own: `cranfield.py SOURCE FOLDER`."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number, title, text in documents(source):
        if title or text:
            (folder / f"{number}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
