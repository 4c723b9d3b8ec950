"""Builds the nano planner's tokenizer: a byte-level BPE whose merges run in parallel for
lower-case, Title-case and UPPER-case words, with and without the space before them.

"flat", " flat", "Flat", " Flat", "FLAT" and " FLAT" are then cut at the same letters, so that a
question's "flat white" and a receipt's "FLAT WHITE" are the same pieces but for two attributes.
The model's embeddings are made of piece + case + space + own (`model.py`), so a name matches itself
whatever its case, without having been seen.

    python training/planner/tokenizer.py TRACES.jsonl OUT_FOLDER --merges 640
"""
import argparse
import collections
import itertools
import json
import pathlib
import re

SPECIALS = ["<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<image>"]
# Whole tokens for what every turn and observation repeats. Plain text, not special: a user may write them too.
STRUCTURE = [
    '{"thought":"', '","actions":[{"name":"', '","arguments":{"', '":"', '"}}]}', "}}]}", '"}', "}", "OBSERVATION:\n", '{"text":"', '{"result":', "\\n", '\\"', "image-", "\n",
    "OCR", "LocalizeObjects", "GetObjects", "EstimateRegionDepth", "EstimateObjectDepth", "Crop", "ZoomIn", "QueryLanguageModel", "GetImageToImagesSimilarity", "GetImageToTextsSimilarity",
    "GetTextToImagesSimilarity", "DetectFaces", "QueryKnowledgeBase", "Calculate", "SolveMathEquation", "Terminate",
    'image":"image-', '","objects":["', '","texts":["', '","images":["image-', '","bbox":[0.', ',"bbox":[0.', ",0.", ',"zoom_factor":', '","', '"]}}]}', "]}}]}",
    '{"regions":[', '{"label":"', '],"score":0.', '},{"label":"', '{"depth":', '{"objects":["', '"]}', '{"similarity":[0.', '],"best_image_index":', ',"best_image":"image-',
    '],"best_text_index":', ',"best_text":"', '"note":"', '{"title":"', '","summary":"', '{"error":{"code":"', '","message":"', "OBSERVATION:\n{}",
    "Answer the question about the image. Actions:",
]
# One digit, one mark, or one word, each with the space before it.
PATTERN = r" ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]|\s"
# Rare words teach no merges and cost time.
WORDS = 6000
SPACE = "\u0120"
# Characters of several bytes that readings and thoughts are full of: whole tokens, so that copying one is one step.
WHOLE = "€£¥×÷−–—²³°•①②③④⑤⑥"


def byte_alphabet() -> dict[int, str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in printable}
    for offset, byte in enumerate(byte for byte in range(256) if byte not in table):
        table[byte] = chr(256 + offset)
    return table


def learn_merges(counts: dict[str, int], number: int) -> list[tuple[str, str]]:
    """Plain BPE over lower-case words: the most frequent pair first, ties in alphabetical order."""
    words = {word: list(word) for word in counts}
    merges: list[tuple[str, str]] = []
    while len(merges) < number:
        pairs: collections.Counter = collections.Counter()
        for word, pieces in words.items():
            for pair in itertools.pairwise(pieces):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, pieces in words.items():
            index = 0
            while index < len(pieces) - 1:
                if (pieces[index], pieces[index + 1]) == best:
                    pieces[index : index + 2] = [best[0] + best[1]]
                index += 1
    return merges


def parallel(merges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each merge in three cases, then the merges that take in the space before a first piece."""
    cased: list[tuple[str, str]] = []
    for first, second in merges:
        for pair in [(first, second), (first.capitalize(), second), (first.upper(), second.upper())]:
            if pair not in cased[-3:]:
                cased.append(pair)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    pieces = [*letters, *(first + second for first, second in cased), *"0123456789", *"!\"#$%&'()*+,-./:;<=>?@[]^_{|}~"]
    whole: list[tuple[str, str]] = []
    alphabet = byte_alphabet()
    for character in WHOLE:
        first, *rest = (alphabet[byte] for byte in character.encode())
        for other in rest:
            whole.append((first, other))
            first += other
        pieces.append(first)
    return cased + list(dict.fromkeys(whole)) + [(SPACE, piece) for piece in dict.fromkeys(pieces)]


def build(traces: pathlib.Path, number: int) -> dict:
    counts: collections.Counter = collections.Counter()
    with traces.open() as lines:
        for line in lines:
            for _, content in json.loads(line)["messages"][1:]:
                counts.update(word.lower() for word in re.findall("[A-Za-z]+", content.replace("\\n", " ")))
    merges = parallel(learn_merges(dict(counts.most_common(WORDS)), number))
    # Added tokens come last: loaders number them after the model's own vocabulary.
    vocabulary: dict[str, int] = {}
    for token in [*byte_alphabet().values(), *(first + second for first, second in merges)]:
        vocabulary.setdefault(token, len(vocabulary))
    model_vocabulary = dict(vocabulary)
    for token in [*STRUCTURE, *SPECIALS]:
        vocabulary.setdefault(token, len(vocabulary))
    added = [
        {"id": vocabulary[token], "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": token in SPECIALS}
        for token in sorted([*STRUCTURE, *SPECIALS], key=vocabulary.__getitem__)
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": model_vocabulary, "merges": [list(pair) for pair in merges],
        },
    }


TEMPLATE = "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("traces", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--merges", type=int, default=640)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    tokenizer = build(arguments.traces, arguments.merges)
    (arguments.out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, indent=1) + "\n")
    (arguments.out / "chat_template.jinja").write_text(TEMPLATE)
    (arguments.out / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>", "pad_token": "<|pad|>", "image_token": "<image>", "model_max_length": 2048, "clean_up_tokenization_spaces": False}, indent=1) + "\n"
    )
    print(max(token["id"] for token in tokenizer["added_tokens"]) + 1, "tokens")
