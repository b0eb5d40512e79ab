"""A server of the rerank API (`POST /v1/rerank`, as vLLM, Jina and Cohere speak it), to measure what
reranking does where no cross-encoder can be had:

    reranker.py MODEL PORT_FILE

It orders by late interaction: each token of the question looks for the token of the passage whose
vector is most like its own, and the mean of these likenesses is the passage's score (Khattab and
Zaharia, ColBERT, 2020). The vectors are MiniLM's own, which was not trained for this.

Listens on a free port of 127.0.0.1 and writes its number into PORT_FILE. Vectors are kept, so only
the first question that meets a passage waits for it.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from peers import MiniLM


class Scorer:
    def __init__(self, folder):
        self.model = MiniLM(folder)
        self.kept = {}
        self.lock = threading.Lock()

    def vectors(self, text):
        """Those of the text's tokens, without the marks around it, each of length 1."""
        found = self.kept.get(text)
        if found is None:
            ids = self.model.tokenizer.encode(text).ids
            states = self.model.states(np.array([ids]))[0, 1:-1]
            found = states / np.linalg.norm(states, axis=1, keepdims=True)
            self.kept[text] = found.astype(np.float16)
        return found.astype(np.float32)

    def score(self, query, passage):
        asked, there = self.vectors(query), self.vectors(passage)
        if not len(asked) or not len(there):
            return 0.0
        return float((asked @ there.T).max(1).mean())


def handler(scorer):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path != "/v1/rerank":
                return self.answer(404, {"error": {"message": f"no {self.path} here"}})
            try:
                asked = json.loads(body)
                query, passages = asked["query"], asked["documents"]
            except (ValueError, KeyError, TypeError) as error:
                return self.answer(400, {"error": {"message": f"not understood: {error!r}"}})
            with scorer.lock:
                scores = [scorer.score(query, passage) for passage in passages]
            results = [{"index": at, "relevance_score": score} for at, score in enumerate(scores)]
            results.sort(key=lambda result: -result["relevance_score"])
            return self.answer(200, {"model": asked.get("model"), "results": results})

        def answer(self, status, body):
            body = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                # Who asked did not wait. What was computed is kept for the next time.
                self.close_connection = True

        def log_message(self, *_):
            pass

    return Handler


def main():
    folder, port_file = Path(sys.argv[1]), Path(sys.argv[2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(Scorer(folder)))
    unfinished = port_file.with_suffix(".part")
    unfinished.write_text(str(server.server_address[1]), encoding="utf-8")
    unfinished.rename(port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
