"""Measures what people would use otherwise, on the same documents and questions: bm25s with its
English stop words and a Snowball stemmer, and a plain search with MiniLM's vectors.

    peers.py CRANFIELD MODEL OUTPUT

MiniLM's forward pass is written out in numpy here, so that no framework is needed.
"""

import json
import math
import sys
import time
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from safetensors.numpy import load_file
from tokenizers import Tokenizer

import cranfield

RANKED = 100
AT = 10


def measures(rankings, judged):
    """nDCG, recall and MRR by the first ten, and recall by the first hundred; means."""
    rows = []
    for query, ranking in enumerate(rankings, 1):
        gains = judged.get(query, {})
        relevant = sum(gain > 0 for gain in gains.values())
        if not relevant:
            continue
        found = [gains.get(document, 0) for document in ranking[:AT]]
        ideal = sorted(gains.values(), reverse=True)[:AT]
        first = next((place for place, gain in enumerate(found, 1) if gain > 0), None)
        rows.append(
            (
                discounted(found) / discounted(ideal),
                sum(gain > 0 for gain in found) / relevant,
                1 / first if first else 0.0,
                sum(gains.get(document, 0) > 0 for document in ranking[:RANKED]) / relevant,
            )
        )
    ndcg, recall, mrr, recall_100 = (sum(column) / len(rows) for column in zip(*rows))
    return {"ndcg": ndcg, "recall": recall, "mrr": mrr, "recall_100": recall_100}


def discounted(gains):
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))


def by_words(numbers, texts, questions):
    """bm25s at its usual best."""
    stemmer = Stemmer.Stemmer("english")

    def tokens(texts):
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(tokens(texts), show_progress=False)
    begun = time.perf_counter()
    found, _ = index.retrieve(tokens(questions), k=RANKED, show_progress=False)
    spent = time.perf_counter() - begun
    return [[numbers[place] for place in row] for row in found.tolist()], spent


class MiniLM:
    """all-MiniLM-L6-v2, as its configuration says: six layers, mean pooling, 256 tokens."""

    HEADS, SIZE = 12, 384

    def __init__(self, folder):
        tensors = load_file(folder / "model.safetensors")
        self.tensors = {
            name: tensor.astype(np.float32)
            for name, tensor in tensors.items()
            if tensor.dtype.kind == "f"
        }
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(256)
        self.tokenizer.no_padding()

    def embed(self, texts):
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        vectors = np.zeros((len(texts), self.SIZE), np.float32)
        lengths = {}
        for place, tokens in enumerate(ids):
            lengths.setdefault(len(tokens), []).append(place)
        for places in lengths.values():
            for start in range(0, len(places), 16):
                batch = places[start : start + 16]
                vectors[batch] = self.forward(np.array([ids[place] for place in batch]))
        return vectors

    def forward(self, ids):
        """The vectors of texts with equally many tokens."""
        pooled = self.states(ids).mean(1)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def states(self, ids):
        """A vector for each token of texts with equally many."""
        texts, length = ids.shape
        embeddings = self.tensors["embeddings.word_embeddings.weight"][ids]
        embeddings = embeddings + self.tensors["embeddings.position_embeddings.weight"][:length]
        embeddings = embeddings + self.tensors["embeddings.token_type_embeddings.weight"][0]
        state = self.norm(embeddings, "embeddings.LayerNorm")
        width = self.SIZE // self.HEADS
        for layer in range(6):
            name = f"encoder.layer.{layer}"
            query, key, value = (
                self.linear(state, f"{name}.attention.self.{part}")
                .reshape(texts, length, self.HEADS, width)
                .transpose(0, 2, 1, 3)
                for part in ("query", "key", "value")
            )
            weights = query @ key.transpose(0, 1, 3, 2) / math.sqrt(width)
            weights = np.exp(weights - weights.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            read = (weights @ value).transpose(0, 2, 1, 3).reshape(texts, length, self.SIZE)
            read = self.linear(read, f"{name}.attention.output.dense")
            state = self.norm(state + read, f"{name}.attention.output.LayerNorm")
            inner = gelu(self.linear(state, f"{name}.intermediate.dense"))
            inner = self.linear(inner, f"{name}.output.dense")
            state = self.norm(state + inner, f"{name}.output.LayerNorm")
        return state

    def linear(self, state, name):
        return state @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]

    def norm(self, state, name):
        centred = state - state.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]


def gelu(x):
    return 0.5 * x * (1 + erf(x / np.float32(math.sqrt(2))))


def erf(x):
    """The error function to within 1.5e-7 (Abramowitz and Stegun, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    series = sum(term * t ** (power + 1) for power, term in enumerate(terms))
    return np.sign(x) * (1 - series * np.exp(-x * x))


def main():
    source, model, output = (Path(argument) for argument in sys.argv[1:4])
    documents = [it for it in cranfield.documents(source) if it[1] or it[2]]
    numbers = [number for number, _, _ in documents]
    texts = [f"{title}\n{text}".strip() for _, title, text in documents]
    questions, judged = cranfield.queries(source), cranfield.judgements(source)

    rankings, spent = by_words(numbers, texts, questions)
    rows = [{"by": "bm25s", **measures(rankings, judged), "ms": spent / len(questions) * 1e3}]

    minilm = MiniLM(model)
    vectors = minilm.embed(texts)
    begun = time.perf_counter()
    likeness = minilm.embed(questions) @ vectors.T
    rankings = [[numbers[place] for place in row[:RANKED]] for row in np.argsort(-likeness)]
    spent = time.perf_counter() - begun
    rows.append({"by": "MiniLM", **measures(rankings, judged), "ms": spent / len(questions) * 1e3})
    output.write_text(json.dumps(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
