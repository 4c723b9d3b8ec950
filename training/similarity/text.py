"""Text as numbers: each word is the sum of vectors of its hashed self and its hashed 3- to 5-grams.

The same as gpu-backend/tools/adapters/hashed-words.ts; hashed-words.json holds what both must give.

    python training/similarity/text.py            compares with that file
    python training/similarity/text.py --write    writes it anew
"""
import json
import pathlib
import re
import sys
import unicodedata
from functools import lru_cache

import numpy as np

BUCKETS = 8192  # 0 is nothing
WORDS_MAX = 24
GRAMS_MAX = 24  # the word itself first, then its grams from the left; a long word loses its last ones
_WORD = re.compile(r"[^\W_]+")


def fnv1a(data: bytes) -> int:
    """FNV-1a with 32 bits (Fowler, Noll and Vo)."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def words_of(text: str) -> list[str]:
    """Runs of letters and digits in lower case, the first 24."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())[:WORDS_MAX]


def bucket_of(gram: str) -> int:
    return 1 + fnv1a(gram.encode()) % (BUCKETS - 1)


@lru_cache(maxsize=100_000)
def grams_of(word: str) -> tuple[int, ...]:
    """Buckets of `word`, then of the 3-, 4- and 5-grams of `<word>`."""
    marked = f"<{word}>"
    grams = [marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1)]
    return tuple(bucket_of(gram) for gram in [word, *grams][:GRAMS_MAX])


def ids_of(text: str) -> np.ndarray:
    """[words, 24] int64, filled up with 0; a text without a word is one row of zeros."""
    words = words_of(text)
    ids = np.zeros((max(1, len(words)), GRAMS_MAX), np.int64)
    for row, word in enumerate(words):
        grams = grams_of(word)
        ids[row, : len(grams)] = grams
    return ids


def packed(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Each word once: grams [U, 24], the first all zeros, and order [N, T] of rows of it; 0 fills up."""
    known: dict[str, int] = {}
    lists = [words_of(text) for text in texts]
    order = np.zeros((len(texts), max(1, *map(len, lists))), np.int64)
    for row, words in enumerate(lists):
        for at, word in enumerate(words):
            order[row, at] = known.setdefault(word, len(known) + 1)
    grams = np.zeros((len(known) + 1, GRAMS_MAX), np.int64)
    for word, row in known.items():
        found = grams_of(word)
        grams[row, : len(found)] = found
    return grams, order


EXAMPLES = (
    "a red car", "Red  CAR!", "three dogs left of a blue ball", "3 dogs", 'a sign that says "OPEN"', "", "?!", "snake_case-word",
    "caf\u00e9 cre\u0301me", "\u00dcber gr\u00f6\u00dfe", "\u0130stanbul", "\u4e09\u53ea\u72d7", "\U0001f697 car", "x\u00b2 \u00bd \u2167", "\u039f\u0394\u039f\u03a3",
    "extraordinarilylongwordthathasmoregramsthanfit", " ".join(f"w{n}" for n in range(30)),
)  # fmt: skip


def main() -> None:
    file = pathlib.Path(__file__).with_name("hashed-words.json")
    rows = [{"text": text, "words": words_of(text), "ids": [row[row > 0].tolist() for row in ids_of(text)]} for text in EXAMPLES]
    if "--write" in sys.argv:
        body = ",\n".join("  " + json.dumps(row) for row in rows)
        file.write_text(f"[\n{body}\n]\n")
    elif json.loads(file.read_text()) != rows:
        sys.exit(f"{file} differs from what this program gives")


if __name__ == "__main__":
    main()
