"""Runs by Hugging Face transformers with PyTorch on one thread: `python transformers-torch.py MODEL WORK naive|reuse ROWS`.

MODEL is the checkpoint itself; WORK is written by ../engine/outside-peers.ts. ROWS copies of the run go through the model
as one static batch, which is the best case of one: all begin and end together and need no padding. Prints one line of
JSON: CPU ms, tokens computed and tokens that agree, all of a run, and peak bytes. A loop of its own instead of
`generate`, which would only add to it.
"""

import json
import os
import re
import resource
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy
import torch
from transformers import DynamicCache, LlavaForConditionalGeneration
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
model_folder, work_file, way = sys.argv[1:4]
rows = int(sys.argv[4])
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
    """Greedy tokens of the last row after `ids`, of which `past` may hold the first ones."""
    start = past.get_seq_length()
    images = None
    if start == 0 and pixels is not None and model.config.image_token_id in ids:
        images = pixels.expand(rows, -1, -1, -1)
    tokens: list[int] = []
    fresh = torch.tensor([ids[start:]]).expand(rows, -1)
    while len(tokens) < count:
        output = model(
            input_ids=fresh,
            pixel_values=images,
            past_key_values=past,
            use_cache=True,
            logits_to_keep=1,
        )
        images = None
        fresh = output.logits[:, -1].argmax(dim=-1, keepdim=True)
        tokens.append(int(fresh[-1, 0]))
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
# What getrusage tells includes the process that started this one.
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
result = {
    "cpuMs": (cpu_ms() - before) / rows,
    "computed": computed,
    "agreed": agreed,
    "written": written,
    "rssBytes": int(peak[1]) * 1024 if peak else None,
}
print(json.dumps(result))
