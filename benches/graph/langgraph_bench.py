"""LangGraph at the work of benches/graph: one JSON line in, the work done once, one JSON line out.

With an argument the work is that argument instead, done once in a process of its own.
"""

import asyncio
import itertools
import json
import operator
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from importlib.metadata import version
from typing import Annotated, TypedDict

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

THREADS = itertools.count()


class Tally(TypedDict, total=False):
    n: int
    lines: Annotated[list[str], operator.add]


def thread(limit=10_000):
    name = f"{os.getpid()}-{next(THREADS)}"
    return {"configurable": {"thread_id": name}, "recursion_limit": limit}


def raises(state):
    return {"n": state.get("n", 0) + 1}


def linear(node=raises, saver=None):
    g = StateGraph(Tally)
    for name in "abc":
        g.add_node(name, node)
    g.add_edge(START, "a")
    g.add_edge("a", "b")
    g.add_edge("b", "c")
    g.add_edge("c", END)
    return g.compile(checkpointer=saver)


def looping(steps, size, saver=None):
    line = "x" * size

    def node(state):
        update = {"n": state.get("n", 0) + 1}
        return update | {"lines": [line]} if line else update

    g = StateGraph(Tally)
    g.add_node("a", node)
    g.add_edge(START, "a")
    g.add_conditional_edges("a", lambda state: "a" if state["n"] < steps else END, ["a", END])
    return g.compile(checkpointer=saver)


def check(got, want):
    if got != want:
        raise AssertionError(f"{got} instead of {want}")


class Measured:
    """Wall and CPU time, in microseconds per unit."""

    def __init__(self, units):
        self.units = units

    def __enter__(self):
        self.cpu, self.begun = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_):
        self.wall = (time.perf_counter() - self.begun) * 1e6 / self.units
        self.cpu = (time.process_time() - self.cpu) * 1e6 / self.units

    def answer(self, **more):
        return {"wall": self.wall, "cpu": self.cpu, "more": more}


def do_versions(_):
    names = ["langgraph", "langgraph-checkpoint-sqlite", "langgraph-checkpoint-postgres"]
    shown = ", ".join(f"{name} {version(name)}" for name in names)
    python = ".".join(map(str, sys.version_info[:3]))
    return {"wall": 0, "cpu": 0, "more": {"versions": f"{shown}, Python {python}"}}


def do_linear(work):
    graph, runs = linear(), work["runs"]
    with Measured(runs * 3) as measured:
        for _ in range(runs):
            check(graph.invoke({"n": 0})["n"], 3)
    return measured.answer()


def do_loop(work):
    steps, stack = work["steps"], ExitStack()
    with stack:
        saver, path = None, None
        if work["saver"] == "memory":
            saver = InMemorySaver()
        elif work["saver"] == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=work.get("folder")))
            path = f"{folder}/threads.db"
            saver = stack.enter_context(SqliteSaver.from_conn_string(path))
            saver.setup()
            # It turns write-ahead mode on; the level of syncing is SQLite's default.
            saver.conn.execute("PRAGMA synchronous=FULL")
        elif work["saver"] == "postgres":
            saver = stack.enter_context(PostgresSaver.from_conn_string(work["url"]))
            saver.setup()
        graph, config = looping(steps, work["bytes"], saver), thread()
        durability = {"durability": "sync"} if saver else {}
        with Measured(steps) as measured:
            check(graph.invoke({"n": 0, "lines": []}, config, **durability)["n"], steps)
        if path:
            sizes = "sum(length(checkpoint) + length(metadata))", "sum(length(value))"
            tables = "checkpoints", "writes"
            stored = sum(
                saver.conn.execute(f"SELECT {size} FROM {table}").fetchone()[0] or 0
                for size, table in zip(sizes, tables, strict=True)
            )
            return measured.answer(bytes=stored / steps)
        return measured.answer()


def do_fan(work):
    branches = work["branches"]
    g = StateGraph(Tally)
    g.add_node("plan", lambda _: {})
    g.add_node("w", lambda _: {"lines": ["x"]})
    g.add_node("merge", raises)
    g.add_edge(START, "plan")
    g.add_conditional_edges("plan", lambda _: [Send("w", n) for n in range(branches)], ["w"])
    g.add_edge("w", "merge")
    g.add_edge("merge", END)
    graph = g.compile()
    with Measured(branches) as measured:
        check(len(graph.invoke({"n": 0, "lines": []})["lines"]), branches)
    return measured.answer()


def peak_memory():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def do_waiting(work):
    async def node(state):
        await asyncio.sleep(work["seconds"])
        return raises(state)

    graph, times = linear(node), []

    async def run():
        begun = time.perf_counter()
        check((await graph.ainvoke({"n": 0}))["n"], 3)
        times.append((time.perf_counter() - begun) * 1e6)

    async def all_runs():
        await asyncio.gather(*(run() for _ in range(work["runs"])))

    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    with Measured(1) as measured:
        asyncio.run(all_runs())
    p99 = sorted(times)[max(0, -(-len(times) * 99 // 100) - 1)]
    return measured.answer(p99=p99, peak_memory=peak_memory())


def talking(count, said=None):
    def node(_):
        write = get_stream_writer()
        for n in range(count):
            write(n)
            if said is not None:
                said.append(n)
        return {"n": count}

    g = StateGraph(Tally)
    g.add_node("a", node)
    g.add_edge(START, "a")
    g.add_edge("a", END)
    return g.compile()


def do_custom(work):
    tokens = work["tokens"]
    graph = talking(tokens)
    with Measured(tokens) as measured:
        heard = sum(1 for _ in graph.stream({"n": 0}, stream_mode="custom"))
    check(heard, tokens)
    return measured.answer()


def do_messages(work):
    tokens = work["tokens"]
    text = " ".join(["w"] * (tokens // 2 + 1))

    def node(_):
        model = GenericFakeChatModel(messages=iter([AIMessage(text)]))
        model.invoke("hi")
        return {"n": tokens}

    graph = node
    for _ in range(3):
        g = StateGraph(Tally)
        g.add_node("inner", graph)
        g.add_edge(START, "inner")
        g.add_edge("inner", END)
        graph = g.compile()
    with Measured(tokens) as measured:
        chunks = graph.stream({"n": 0}, stream_mode="messages", subgraphs=True)
        heard = sum(1 for _ in chunks)
    if heard < tokens:
        raise AssertionError(f"{heard} tokens instead of {tokens}")
    return measured.answer()


def do_slow(work):
    said, most = [], 0
    stream = talking(work["tokens"], said).stream({"n": 0}, stream_mode="custom")
    for taken, _ in enumerate(stream, 1):
        time.sleep(0.001)
        most = max(most, len(said) - taken)
        if taken == work["taken"]:
            break
    stream.close()
    return {"wall": 0, "cpu": 0, "more": {"queued": most}}


def do_together(work):
    """Many threads at once, each of one run."""
    runs, steps = work["runs"], work["steps"]

    async def run_all():
        async with AsyncExitStack() as stack:
            if work["saver"] == "sqlite":
                folder = stack.enter_context(tempfile.TemporaryDirectory(dir=work.get("folder")))
                saver = await stack.enter_async_context(
                    AsyncSqliteSaver.from_conn_string(f"{folder}/threads.db")
                )
                await saver.setup()
                await saver.conn.execute("PRAGMA synchronous=FULL")
                graph = looping(steps, work["bytes"], saver)
            else:
                options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
                pool = AsyncConnectionPool(
                    work["url"], min_size=4, max_size=30, open=False, timeout=300, kwargs=options
                )
                await stack.enter_async_context(pool)
                saver = AsyncPostgresSaver(pool)
                await saver.setup()
                graph = linear(saver=saver)

            async def run():
                done = await graph.ainvoke({"n": 0, "lines": []}, thread(), durability="sync")
                check(done["n"], steps)

            with Measured(runs * steps if work["per"] == "step" else runs) as measured:
                await asyncio.gather(*(run() for _ in range(runs)))
            return measured.answer()

    return asyncio.run(run_all())


def do(work):
    return globals()[f"do_{work['bench']}"](work)


def main():
    if len(sys.argv) > 1:
        print(json.dumps(do(json.loads(sys.argv[1]))))
        return
    for line in sys.stdin:
        print(json.dumps(do(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
