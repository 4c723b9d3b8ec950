"""Writes the tiny random LLaVA checkpoints of the parity tests and what transformers computes with them.

    python training/parity/make_fixtures.py tests/backend/models/fixtures

Needs torch, transformers, tokenizers, pillow, numpy. The seed is fixed; `expected.json` records the versions.
"""

import base64
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from common import NEW_TOKENS, SEED, fill, floats, make_tokenizer
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import LlavaConfig, LlavaForConditionalGeneration, Qwen2Config, SiglipVisionConfig

try:  # the PIL-backed processor, under its name of either side of transformers 5
    from transformers import SiglipImageProcessorPil as SiglipImageProcessor
except ImportError:
    from transformers import SiglipImageProcessor

SPECIAL = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<image>"]
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)

# name -> (dtype of the weights, heads, key-value heads, tied, feature layer, shards, classic names)
VARIANTS = {
    "grouped-f32": (torch.float32, 4, 2, False, -1, 1, True),
    "tied-f16": (torch.float16, 4, 1, True, -2, 1, True),
    "sharded-bf16": (torch.bfloat16, 2, 2, False, -1, 2, False),
}


def make_model(tokenizer: Tokenizer, variant: tuple) -> LlavaForConditionalGeneration:
    dtype, heads, groups, tied, layer, _, _ = variant
    config = LlavaConfig(
        vision_config=SiglipVisionConfig(
            hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2,
            image_size=32, patch_size=8, vision_use_head=False,
        ),
        text_config=Qwen2Config(
            hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=heads,
            num_key_value_heads=groups, vocab_size=tokenizer.get_vocab_size(), tie_word_embeddings=tied,
            max_position_embeddings=4096, rms_norm_eps=1e-6, rope_theta=50000.0,
        ),
        image_token_index=tokenizer.token_to_id("<image>"),
        vision_feature_layer=layer, vision_feature_select_strategy="full", tie_word_embeddings=tied,
    )
    model = LlavaForConditionalGeneration(config).eval()
    fill(model, dtype)
    return model


def classic_name(name: str) -> str:
    for new, old in (
        ("model.vision_tower.vision_model.", "vision_tower.vision_model."),
        ("model.vision_tower.", "vision_tower.vision_model."),
        ("model.multi_modal_projector.", "multi_modal_projector."),
        ("model.language_model.", "language_model.model."),
        ("lm_head.", "language_model.lm_head."),
    ):
        if name.startswith(new):
            return old + name[len(new):]
    return name


def save_weights(model: LlavaForConditionalGeneration, folder: Path, variant: tuple) -> None:
    dtype, _, _, tied, _, shards, classic = variant
    tensors = {
        (classic_name(name) if classic else name): tensor.to(dtype).contiguous()
        for name, tensor in model.state_dict().items()
        if not (tied and name == "lm_head.weight")
    }
    if shards == 1:
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        return
    names = sorted(tensors)
    files = {}
    for shard in range(shards):
        file = f"model-{shard + 1:05d}-of-{shards:05d}.safetensors"
        part = {name: tensors[name] for name in names[shard::shards]}
        save_file(part, folder / file, {"format": "pt"})
        files.update(dict.fromkeys(part, file))
    index = {"metadata": {}, "weight_map": files}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def save_config(model: LlavaForConditionalGeneration, folder: Path, classic: bool) -> None:
    """The classic form keeps rope_theta beside the sizes; the new form is what transformers writes."""
    config = model.config.to_dict()
    text, vision = config["text_config"], config["vision_config"]
    if classic:
        theta = text.pop("rope_parameters", {}).get("rope_theta")
        text["rope_theta"] = theta
    keys_text = (
        "model_type hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads "
        "rms_norm_eps rope_theta rope_parameters vocab_size tie_word_embeddings max_position_embeddings hidden_act"
    ).split()
    keys_vision = (
        "model_type hidden_size intermediate_size num_hidden_layers num_attention_heads image_size patch_size "
        "layer_norm_eps hidden_act"
    ).split()
    kept = {
        "model_type": "llava",
        "image_token_index": model.config.image_token_index if hasattr(model.config, "image_token_index") else config["image_token_id"],
        "projector_hidden_act": config["projector_hidden_act"],
        "vision_feature_layer": config["vision_feature_layer"],
        "vision_feature_select_strategy": config["vision_feature_select_strategy"],
        "tie_word_embeddings": text.get("tie_word_embeddings", False),
        "vision_config": {key: vision[key] for key in keys_vision},
        "text_config": {key: text[key] for key in keys_text if key in text},
    }
    (folder / "config.json").write_text(json.dumps(kept, indent=1) + "\n")


def expected(model: LlavaForConditionalGeneration, tokenizer: Tokenizer, generator: np.random.Generator) -> dict:
    processor = SiglipImageProcessor(size={"height": 32, "width": 32})
    # Larger and smaller than the tower's input. Recent Pillow resamples rows first for some tall images; these are none.
    sizes = [(50, 37), (24, 18)]
    images = [generator.integers(0, 256, (height, width, 3), dtype=np.uint8) for width, height in sizes]
    pixels = processor([Image.fromarray(image) for image in images], return_tensors="pt")["pixel_values"]
    text = (
        "<|system|>Answer the question about the image. Actions: OCR, Calculate, Terminate<|end|>"
        "<|user|>image-0: <image>\nimage-1: <image>\nWhat does it cost — 2 × 4.50 €?<|end|><|assistant|>"
    )
    ids: list[int] = []
    tokens = (model.config.vision_config.image_size // model.config.vision_config.patch_size) ** 2
    image_token = tokenizer.token_to_id("<image>")
    for token in tokenizer.encode(text, add_special_tokens=False).ids:
        ids.extend([token] * (tokens if token == image_token else 1))
    input_ids = torch.tensor([ids])
    with torch.no_grad():
        features = model.model.get_image_features(
            pixels, vision_feature_layer=model.config.vision_feature_layer,
            vision_feature_select_strategy=model.config.vision_feature_select_strategy,
            output_hidden_states=True,
        )
        features = getattr(features, "pooler_output", features)
        logits = model(input_ids=input_ids, pixel_values=pixels).logits[0]
        greedy: list[int] = []
        for _ in range(NEW_TOKENS):  # without a cache: the plainest oracle
            sequence = torch.tensor([ids + greedy])
            greedy.append(int(model(input_ids=sequence, pixel_values=pixels).logits[0, -1].argmax()))
    return {
        "seed": SEED,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "text": text,
        "images": [
            {"width": width, "height": height, "rgb": base64.b64encode(image.tobytes()).decode()}
            for (width, height), image in zip(sizes, images)
        ],
        "pixel_values": floats(pixels),
        "image_features": floats(torch.stack(list(features))),
        "input_ids": ids,
        "last_logits": floats(logits[-3:]),
        "greedy": greedy,
    }


def main() -> None:
    root = Path(sys.argv[1])
    tokenizer = make_tokenizer(SPECIAL)
    for number, (name, variant) in enumerate(VARIANTS.items()):
        torch.manual_seed(SEED + number)
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        model = make_model(tokenizer, variant)
        save_weights(model, folder, variant)
        save_config(model, folder, classic=variant[-1])
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        (folder / "chat_template.jinja").write_text(TEMPLATE)
        preprocessor = {
            "do_resize": True, "do_rescale": True, "do_normalize": True, "resample": 3, "rescale_factor": 1 / 255,
            "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 32, "width": 32},
        }
        (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=1) + "\n")
        (folder / "planner.json").write_text(json.dumps({"prompt": "simple", "version": f"fixture-{SEED}"}) + "\n")
        result = expected(model, tokenizer, np.random.default_rng(SEED + number))
        (folder / "expected.json").write_text(json.dumps(result) + "\n")
        print(name, sum(file.stat().st_size for file in folder.iterdir()), "bytes", result["greedy"])


if __name__ == "__main__":
    main()
