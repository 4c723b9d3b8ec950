"""What the parity programs share: a tokenizer, seeded weights, and how tensors are written."""

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

SEED = 20251122
NEW_TOKENS = 12
FORCED = ['{"thought":"', '","actions":[{"name":"', '","arguments":{"']
TEXT = """Answer the question about the image. Actions: OCR, Calculate, Crop, ZoomIn, Terminate
{"thought":"I read the text first.","actions":[{"name":"OCR","arguments":{"image":"image-0"}}]}
{"thought":"The total is 12.50, so I add the two prices.","actions":[{"name":"Calculate","arguments":{"expression":"2 * 4.50 + 3.50"}}]}
{"thought":"That is the answer.","actions":[{"name":"Terminate","arguments":{"answer":"12.50"}}]}
OBSERVATION: {"text":"Flat white 4.50\\nCroissant 3.50\\nTotal 12.50"} What does it cost? Which platform? image-1:"""
SYSTEM = "Answer the question about the image. Actions: OCR, Calculate, Terminate"
QUESTION = "What does it cost — 2 × 4.50 €?"


def make_tokenizer(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=340, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXT.splitlines(), trainer)
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in FORCED])
    return tokenizer


def fill(model: torch.nn.Module, dtype: torch.dtype) -> None:
    """Wide enough that logits differ clearly and every bias and norm matters; exact in `dtype`."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_norm = any(part in name for part in ("norm", "layrnorm", "ln_q")) and name.endswith("weight")
            centre = 1.0 if is_norm else 0.0
            parameter.copy_((centre + 0.25 * torch.randn_like(parameter)).to(dtype).float())
    model.tie_weights()


def new_folder(root: Path, name: str) -> Path:
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def save_weights(model: torch.nn.Module, folder: Path, dtype: torch.dtype, rename, dropped: list[str]) -> None:
    tensors = {
        rename(name): tensor.to(dtype).contiguous().clone()
        for name, tensor in model.state_dict().items()
        if not any(part in name for part in dropped)
    }
    path = folder / "model.safetensors"
    save_file(tensors, path, {"format": "pt"})
    path.chmod(0o644)


def save_json(folder: Path, name: str, value: dict) -> None:
    (folder / name).write_text(json.dumps(value, indent=1) + "\n")


def floats(tensor) -> dict:
    array = np.ascontiguousarray(np.asarray(tensor, dtype=np.float32))
    return {"shape": list(array.shape), "data": base64.b64encode(array.tobytes()).decode()}


def random_images(generator: np.random.Generator, sizes: list[tuple[int, int]]) -> list[Image.Image]:
    return [
        Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8)) for width, height in sizes
    ]


def write_expected(folder: Path, images: list[Image.Image], pixels: list, features: list, ids: list[int], logits, greedy) -> None:
    result = {
        "seed": SEED,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "question": QUESTION,
        "images": [
            {"width": image.width, "height": image.height, "rgb": base64.b64encode(image.tobytes()).decode()}
            for image in images
        ],
        "pixel_values": [floats(values) for values in pixels],
        "image_features": [floats(rows) for rows in features],
        "input_ids": ids,
        "last_logits": floats(logits),
        "greedy": greedy,
    }
    (folder / "expected.json").write_text(json.dumps(result) + "\n")
