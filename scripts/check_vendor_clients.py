#!/usr/bin/env python3
"""Runs the vendors' own clients against the scripted provider.

Our dialects are tested against the scripted provider; this checks that the scripted provider
speaks the real formats, by the only judges that count. Fails on the first mismatch.

    pip install openai anthropic
    cargo build -p vpaura-test-support --bin scripted-provider
    scripts/check_vendor_clients.py target/debug/scripted-provider
"""

import json
import subprocess
import sys

import anthropic
import openai

TOKENS = 7
SPOKEN = "".join(f"tok{n} " for n in range(TOKENS))
OPENAI_TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
ANTHROPIC_TOOL = {"name": "add", "input_schema": {"type": "object"}}


def equal(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}: expected {expected!r}, got {actual!r}")


def raises(what, kind, call):
    try:
        call()
    except kind as error:
        return error
    sys.exit(f"{what}: expected {kind.__name__}")


def user(text):
    return [{"role": "user", "content": text}]


def check_openai(url):
    client = openai.OpenAI(base_url=url, api_key="any", max_retries=0)

    def create(text, **options):
        return client.chat.completions.create(model="m", messages=user(text), **options)

    equal("openai models", [model.id for model in client.models.list()], ["scripted"])

    whole = create("Hi")
    equal("openai text", whole.choices[0].message.content, SPOKEN)
    equal("openai finish", whole.choices[0].finish_reason, "stop")
    equal("openai usage", whole.usage.completion_tokens, TOKENS)

    chunks = list(create("Hi", stream=True, stream_options={"include_usage": True}))
    pieces = [c.choices[0].delta.content or "" for c in chunks if c.choices]
    equal("openai streamed text", "".join(pieces), SPOKEN)
    equal("openai streamed pieces", len([piece for piece in pieces if piece]), TOKENS)
    equal("openai streamed usage", chunks[-1].usage.completion_tokens, TOKENS)
    equal("openai streamed finish", chunks[-2].choices[0].finish_reason, "stop")
    without = list(create("Hi", stream=True))
    equal("openai usage unasked", [chunk.usage for chunk in without if chunk.usage], [])

    call = 'call:add {"x": 1, "y": [2]}'
    with client.chat.completions.stream(
        model="m", messages=user(call), tools=[OPENAI_TOOL]
    ) as stream:
        message = stream.get_final_completion().choices[0]
    called = message.message.tool_calls[0]
    equal("openai tool", (called.id, called.function.name), ("call_1", "add"))
    equal("openai arguments", json.loads(called.function.arguments), {"x": 1, "y": [2]})
    equal("openai tool finish", message.finish_reason, "tool_calls")

    limited = raises("openai 429", openai.RateLimitError, lambda: create("fail:429"))
    equal("openai error type", limited.type, "scripted_error")
    raises("openai 500", openai.InternalServerError, lambda: create("fail:500"))
    raises("openai in-stream", openai.APIError, lambda: list(create("break:a b", stream=True)))
    check_openai_embeddings(client)


def check_openai_embeddings(client):
    texts = ["red fox", "fox red", "blue sea"]
    # The client asks for base64 by itself and unpacks it.
    packed = client.embeddings.create(model="m", input=texts)
    equal("openai embeddings", [item.index for item in packed.data], [0, 1, 2])
    equal("openai embedding sizes", {len(item.embedding) for item in packed.data}, {8})
    equal("openai same words", packed.data[0].embedding, packed.data[1].embedding)
    listed = client.embeddings.create(model="m", input=texts, encoding_format="float")
    for one, other in zip(packed.data, listed.data):
        close = all(abs(a - b) < 1e-6 for a, b in zip(one.embedding, other.embedding))
        equal("openai embedding forms", close, True)
    sized = client.embeddings.create(model="m", input="one", dimensions=16)
    equal("openai embedding dimensions", len(sized.data[0].embedding), 16)
    equal("openai embedding usage", sized.usage.prompt_tokens, 1)


def check_anthropic(url):
    client = anthropic.Anthropic(base_url=url, api_key="any", max_retries=0)

    def create(text, **options):
        return client.messages.create(model="m", max_tokens=99, messages=user(text), **options)

    equal("anthropic models", [model.id for model in client.models.list()], ["scripted"])

    whole = create("Hi")
    equal("anthropic text", whole.content[0].text, SPOKEN)
    equal("anthropic stop", whole.stop_reason, "end_turn")
    equal("anthropic usage", whole.usage.output_tokens, TOKENS)

    with client.messages.stream(model="m", max_tokens=99, messages=user("Hi")) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    equal("anthropic streamed text", "".join(pieces), SPOKEN)
    equal("anthropic streamed pieces", len(pieces), TOKENS)
    equal("anthropic final text", final.content[0].text, SPOKEN)
    equal("anthropic streamed usage", final.usage.output_tokens, TOKENS)
    kinds = [event.type for event in create("Hi", stream=True)]
    equal("anthropic first event", kinds[0], "message_start")
    equal("anthropic last events", kinds[-2:], ["message_delta", "message_stop"])

    call = 'call:add {"x": 1, "y": [2]}'
    with client.messages.stream(
        model="m", max_tokens=99, messages=user(call), tools=[ANTHROPIC_TOOL]
    ) as stream:
        final = stream.get_final_message()
    used = final.content[0]
    equal("anthropic tool", (used.type, used.id, used.name), ("tool_use", "call_1", "add"))
    equal("anthropic input", used.input, {"x": 1, "y": [2]})
    equal("anthropic tool stop", final.stop_reason, "tool_use")

    raises("anthropic 429", anthropic.RateLimitError, lambda: create("fail:429"))
    raises("anthropic 529", anthropic.InternalServerError, lambda: create("fail:529"))
    broken = lambda: list(create("break:a b", stream=True))
    raises("anthropic in-stream", anthropic.APIStatusError, broken)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    command = [sys.argv[1], "--tokens", str(TOKENS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip()
            check_openai(url)
            check_anthropic(url.removesuffix("/v1"))
        finally:
            server.terminate()
    print(f"openai {openai.__version__} and anthropic {anthropic.__version__}: all as expected")


if __name__ == "__main__":
    main()
