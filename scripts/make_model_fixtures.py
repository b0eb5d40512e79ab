#!/usr/bin/env python3
"""Makes the fixtures that crates/local-models is judged by, with the libraries of record.

Three tiny models with random weights (an embedder, a cross-encoder, and one of the RoBERTa kind)
with what `transformers` makes of some texts; and what `sentence-transformers`' recipe makes of twenty
texts with the real all-MiniLM-L6-v2 (first eight numbers each).

    pip install torch transformers safetensors
    scripts/make_model_fixtures.py "$(scripts/test-model.sh)" crates/local-models/tests/fixtures
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "A boundary layer on a flat plate in a supersonic stream.",
    "What is the heat transfer rate near the stagnation point of a blunt body?",
    "Der schnelle braune Fuchs springt über den faulen Hund.",
    "Grüße aus Köln! Straße, Äpfel, naïve café.",
    "東京の天気は晴れです。",
    "Как пройти в библиотеку?",
    "مرحبا بالعالم",
    "🦀 Rust is a systems programming language 🦀🦀",
    "a",
    "?!",
    "    leading and trailing spaces    ",
    "line one\nline two\n\nline four\ttabbed",
    "SELECT id, name FROM users WHERE active = TRUE ORDER BY created_at DESC LIMIT 10;",
    "fn main() { println!(\"Hello, {}!\", \"world\"); }",
    "supercalifragilisticexpialidocious " * 3,
    "one two three four five six seven eight nine ten " * 60,
    "1234567890 3.14159 1,000,000.00 $99.95 50%",
    "Invoice no. 2024-117 is due within 30 days of receipt.",
    "The cat sat on the mat. " * 12,
]
WORDS = "the a cat dog sat on mat fox ran fast slow is what who red blue".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz?."
PAIRS = ["the cat sat on the mat.", "dog", "a red fox ran fast", "blue " * 90]
QUERY = "what is the cat on?"


def tokenizer(start, end, unknown, pad, roberta):
    """A WordPiece tokenizer with a handful of words."""
    special = [start, pad, end, unknown] if roberta else [pad, unknown, start, end]
    entries = special + WORDS + list(LETTERS[1:]) + [f"##{letter}" for letter in LETTERS]
    entries += ["a"] if "a" not in entries else []
    vocabulary = {entry: number for number, entry in enumerate(dict.fromkeys(entries))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    second = f"{end} $B {end}" if roberta else f"$B:1 {end}:1"
    made.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} {second}",
        special_tokens=[(start, vocabulary[start]), (end, vocabulary[end])],
    )
    # As real files have it: our side must not believe it.
    made.enable_truncation(max_length=5)
    made.enable_padding(length=70, pad_id=vocabulary[pad], pad_token=pad)
    return made, len(vocabulary), vocabulary[pad]


def write(folder, config, model, made, expected):
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()
               if tensor.dtype == torch.float32}
    save_file(weights, folder / "model.safetensors")
    made.save(str(folder / "tokenizer.json"))
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


def run(model, made, longest, *texts):
    made.no_padding()
    made.enable_truncation(max_length=longest)
    encoding = made.encode(*texts)
    inputs = {"input_ids": torch.tensor([encoding.ids])}
    if model.config.model_type == "bert":
        inputs["token_type_ids"] = torch.tensor([encoding.type_ids])
    with torch.no_grad():
        return model(**inputs)


def sizes(vocabulary, pad, **more):
    return dict(vocab_size=vocabulary, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                intermediate_size=24, max_position_embeddings=66, initializer_range=0.4,
                pad_token_id=pad, **more)


def mean(output):
    vector = output.last_hidden_state[0].mean(0)
    return (vector / vector.norm()).tolist()


def tiny_embedder(folder):
    made, vocabulary, pad = tokenizer("[CLS]", "[SEP]", "[UNK]", "[PAD]", False)
    config = transformers.BertConfig(**sizes(vocabulary, pad))
    model = transformers.BertModel(config).eval()
    expected = [{"text": text, "vector": mean(run(model, made, 66, text))} for text in PAIRS]
    file, _, _ = tokenizer("[CLS]", "[SEP]", "[UNK]", "[PAD]", False)
    write(folder / "tiny-embedder", config, model, file, expected)


def tiny_judge(folder, name, roberta):
    marks = ("<s>", "</s>", "<unk>", "<pad>") if roberta else ("[CLS]", "[SEP]", "[UNK]", "[PAD]")
    made, vocabulary, pad = tokenizer(*marks, roberta)
    if roberta:
        config = transformers.XLMRobertaConfig(**sizes(vocabulary, pad, num_labels=1, type_vocab_size=1))
        model = transformers.XLMRobertaForSequenceClassification(config).eval()
        longest = 64
    else:
        config = transformers.BertConfig(**sizes(vocabulary, pad, num_labels=1))
        model = transformers.BertForSequenceClassification(config).eval()
        longest = 66
    scores = [torch.sigmoid(run(model, made, longest, QUERY, text).logits[0, 0]).item()
              for text in PAIRS]
    file, _, _ = tokenizer(*marks, roberta)
    expected = {"query": QUERY, "texts": PAIRS, "scores": scores}
    write(folder / name, config, model, file, expected)


def real_embedder(model_folder, folder):
    model = transformers.BertModel.from_pretrained(model_folder).eval()
    made = Tokenizer.from_file(str(pathlib.Path(model_folder) / "tokenizer.json"))
    expected = [{"text": text, "vector": mean(run(model, made, 256, text))[:8]} for text in TEXTS]
    (folder / "minilm.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


def main():
    model_folder, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    torch.manual_seed(7)
    tiny_embedder(folder)
    tiny_judge(folder, "tiny-judge", False)
    tiny_judge(folder, "tiny-roberta-judge", True)
    real_embedder(model_folder, folder)


main()
