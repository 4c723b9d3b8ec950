"""One run by Hugging Face transformers with PyTorch on one thread: `python transformers-torch.py MODEL WORK naive|reuse`.

MODEL is the checkpoint itself; WORK is written by ../engine/outside-peers.ts. Prints one line of JSON: CPU ms, tokens
computed, tokens that agree, peak bytes. A loop of its own instead of `generate`, which would only add to it.
"""

import json
import os
import resource
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy
import torch
from transformers import DynamicCache, LlavaForConditionalGeneration
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
model_folder, work_file, way = sys.argv[1:4]
with open(work_file) as file:
    work = json.load(file)
side = work["side"]
pixels = None
if "pixels" in work:
    pixels = torch.from_numpy(numpy.fromfile(work["pixels"], numpy.float32).reshape(1, 3, side, side))
model = LlavaForConditionalGeneration.from_pretrained(model_folder, dtype=torch.float32).eval()


def cpu_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1000


@torch.inference_mode()
def step(ids: list[int], count: int, past: DynamicCache) -> list[int]:
    """Greedy tokens after `ids`, of which `past` may hold the first ones."""
    start = past.get_seq_length()
    images = pixels if start == 0 and model.config.image_token_id in ids else None
    tokens: list[int] = []
    fresh = ids[start:]
    while len(tokens) < count:
        output = model(
            input_ids=torch.tensor([fresh]),
            pixel_values=images,
            past_key_values=past,
            use_cache=True,
            logits_to_keep=1,
        )
        images = None
        fresh = [int(output.logits[0, -1].argmax())]
        tokens += fresh
    return tokens


step([7] * 64, 4, DynamicCache())
before = cpu_ms()
computed = agreed = written = 0
past = DynamicCache()
for one in work["steps"]:
    if way == "naive":
        past = DynamicCache()
    computed += len(one["ids"]) - past.get_seq_length() + len(one["written"]) - 1
    tokens = step(one["ids"], len(one["written"]), past)
    written += len(tokens)
    agreed += sum(token == expected for token, expected in zip(tokens, one["written"]))
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(
    json.dumps(
        {"cpuMs": cpu_ms() - before, "computed": computed, "agreed": agreed, "written": written, "rssBytes": rss}
    )
)
