"""Writes a tiny random checkpoint of each architecture, and what transformers computes with it.

    python training/parity/architectures.py tests/backend/models/fixtures [name ...]

Needs torch, transformers, tokenizers, pillow, numpy, jinja2. Nothing is downloaded: the configurations are built
here, the weights are seeded noise. `expected.json` records the versions.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import jinja2
import numpy as np
import torch
import transformers as hf
from common import NEW_TOKENS, QUESTION, SEED, SYSTEM, fill, make_tokenizer, new_folder, random_images, save_json, save_weights, write_expected
from families import LLAMA3_ROPE, VISION, flat_qwen2_vl, gridded, idefics, llava, original_config, original_name, qwen2_vl, siglip
from PIL import Image
from readers import (
    CLIP,
    GRIDS,
    NEXT_GRIDS,
    ONE_SQUARE,
    PATCHES,
    SQUARE,
    SQUARES,
    read_grid,
    read_patches,
    read_single,
    read_square,
    read_squares,
    squares_text,
)

PLAIN = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LLAMA3 = (
    "{% for message in messages %}{{ bos_token if loop.first else '' }}<|start_header_id|>{{ message['role'] }}"
    "<|end_header_id|>\n\n{{ message['content'] | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# Templates that take a message as a list of parts only.
PARTS = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}{% if part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA3_SPECIAL = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<image>", "<|pad|>"]
CHATML_SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
ROWS = [f"<row_{row}_col_{column}>" for row in range(1, 4) for column in range(1, 4)]
IDEFICS_SPECIAL = [*CHATML_SPECIAL, "<image>", "<fake_token_around_image>", "<global-img>", *ROWS]

# Larger and smaller than a square. Pillow resamples rows first for some tall images; these are none.
SIZES = [(50, 37), (24, 18)]


@dataclass
class Case:
    """`make` gives the model from the tokenizer; `read` gives (pixels, features, forward's inputs) of the images."""

    special: list[str]
    template: str
    make: Callable
    read: Callable
    preprocessor: dict
    # What stands for image number `index`, counted from 1, and the token in it that its rows take.
    image: Callable = lambda index: "<image>"
    marker: str = "<image>"
    # What its rows put there, where it is more than the token over and over.
    text: Callable | None = None
    # Whether the template lies beside the processor, as it did before transformers 4.50.
    processor: bool = False
    sizes: list[tuple[int, int]] = field(default_factory=lambda: SIZES)
    dtype: torch.dtype = torch.float16
    planner: dict = field(default_factory=dict)
    config: Callable = lambda config: config
    rename: Callable = lambda name: name
    dropped: list[str] = field(default_factory=list)


def plain(config: dict) -> dict:
    """The configuration without what only transformers needs to know."""
    noise = {"_name_or_path", "architectures", "transformers_version", "dtype", "id2label", "label2id", "use_cache"}
    kept = {key: value for key, value in config.items() if key not in noise and value is not None}
    return {key: plain(value) if isinstance(value, dict) else value for key, value in kept.items()}


CASES = {
    # Mantis and the planner of TACO on Llama 3: the first patch is dropped, though SigLIP has no class token.
    "llama3-siglip": Case(
        LLAMA3_SPECIAL, LLAMA3,
        llava(siglip(), lambda **sizes: hf.LlamaConfig(rope_theta=500000.0, **sizes), vision_feature_layer=-2, vision_feature_select_strategy="default"),
        read_square(hf.SiglipImageProcessorPil(**SQUARE)), SQUARE,
        image=lambda index: f"(image {index}: <Image><image></Image>)", planner={"image": "(image {n}: <Image><image></Image>)"},
    ),
    "llama3-clip": Case(
        LLAMA3_SPECIAL, LLAMA3,
        llava(hf.CLIPVisionConfig(**VISION), lambda **sizes: hf.LlamaConfig(rope_parameters=LLAMA3_ROPE, attention_bias=True, mlp_bias=True, **sizes), vision_feature_layer=-2, vision_feature_select_strategy="default"),
        read_square(hf.CLIPImageProcessorPil(**CLIP)), CLIP, dtype=torch.bfloat16,
    ),
    "next-clip-qwen2": Case(
        [*CHATML_SPECIAL, "<image>"], CHATML,
        gridded(hf.LlavaNextConfig, hf.LlavaNextForConditionalGeneration, hf.CLIPVisionConfig(**VISION), image_grid_pinpoints=NEXT_GRIDS, vision_feature_layer=-2, vision_feature_select_strategy="default"),
        read_grid(hf.LlavaNextImageProcessorPil(**CLIP, image_grid_pinpoints=NEXT_GRIDS)), CLIP,
    ),
    # A grid that is shrunk, and one that is not.
    "onevision-qwen2": Case(
        [*CHATML_SPECIAL, "<image>"], PARTS,
        gridded(hf.LlavaOnevisionConfig, hf.LlavaOnevisionForConditionalGeneration, siglip(), image_grid_pinpoints=GRIDS, vision_aspect_ratio="anyres_max_2"),
        read_grid(hf.LlavaOnevisionImageProcessorPil(**SQUARE, image_grid_pinpoints=GRIDS)), SQUARE, sizes=[(60, 37), (30, 25)],
    ),
    "original-qwen2": Case(
        CHATML_SPECIAL, CHATML,
        gridded(hf.LlavaOnevisionConfig, hf.LlavaOnevisionForConditionalGeneration, siglip(), image_grid_pinpoints=GRIDS),
        read_single(hf.SiglipImageProcessorPil(**SQUARE)), SQUARE, dtype=torch.bfloat16,
        config=original_config, rename=original_name,
    ),
    "qwen2-vl": Case(
        [*CHATML_SPECIAL, "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"], CHATML, qwen2_vl,
        read_patches(hf.Qwen2VLImageProcessorPil(**PATCHES)), PATCHES,
        image=lambda index: "<|vision_start|><|image_pad|><|vision_end|>", marker="<|image_pad|>", sizes=[(50, 37), (13, 11)],
    ),
    "qwen2-vl-flat": Case(
        [*CHATML_SPECIAL, "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"], CHATML, qwen2_vl,
        read_patches(hf.Qwen2VLImageProcessorPil(**PATCHES)), PATCHES,
        image=lambda index: "<|vision_start|><|image_pad|><|vision_end|>", marker="<|image_pad|>", dtype=torch.bfloat16, config=flat_qwen2_vl,
        rename=lambda name: name.replace("model.visual.", "visual.").replace("model.language_model.", "model."),
    ),
    "smolvlm": Case(
        IDEFICS_SPECIAL, PARTS, idefics(hf.SmolVLMConfig, hf.models.smolvlm.SmolVLMVisionConfig, hf.SmolVLMForConditionalGeneration),
        read_squares(hf.SmolVLMImageProcessorPil(**SQUARES)), SQUARES, text=squares_text(hf.SmolVLMImageProcessorPil(**SQUARES)),
        processor=True,
    ),
    "idefics3": Case(
        IDEFICS_SPECIAL, PARTS, idefics(hf.Idefics3Config, hf.models.idefics3.Idefics3VisionConfig, hf.Idefics3ForConditionalGeneration),
        read_squares(hf.Idefics3ImageProcessorPil(**ONE_SQUARE)), ONE_SQUARE, text=squares_text(hf.Idefics3ImageProcessorPil(**ONE_SQUARE)),
        dtype=torch.bfloat16, sizes=[(50, 50), (18, 24)],
    ),
}


def prompt_ids(case: Case, tokenizer, token: int, images: list[Image.Image], features: list[torch.Tensor]) -> list[int]:
    lines = [f"image-{index}: {case.image(index + 1)}\n" for index in range(len(images))]
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "".join(lines) + QUESTION}]
    if case.template == PARTS:
        messages = [{**message, "content": [{"type": "text", "text": message["content"]}]} for message in messages]
    text = jinja2.Template(case.template, keep_trailing_newline=True).render(
        messages=messages, add_generation_prompt=True, bos_token=case.special[0]
    )
    pieces = text.split(case.marker)
    ids: list[int] = []
    for index, piece in enumerate(pieces):
        if index > 0:
            image, rows = images[index - 1], features[index - 1]
            expanded = case.text(image, rows) if case.text else None
            ids += tokenizer.encode(expanded, add_special_tokens=False).ids if expanded else [token] * rows.shape[0]
        ids += tokenizer.encode(piece, add_special_tokens=False).ids
    return ids


def logits_of(model, ids: list[int], token: int, inputs: dict) -> torch.Tensor:
    input_ids = torch.tensor([ids])
    if "image_rows" in inputs:
        rows = model.get_input_embeddings()(input_ids)
        rows[input_ids == token] = inputs["image_rows"]
        return model(inputs_embeds=rows).logits[0]
    kinds = {"mm_token_type_ids": (input_ids == token).int()} if "image_grid_thw" in inputs else {}
    return model(input_ids=input_ids, **inputs, **kinds).logits[0]


def write(root: Path, name: str, case: Case, number: int) -> None:
    torch.manual_seed(SEED + number)
    folder = new_folder(root, name)
    tokenizer = make_tokenizer(case.special)
    model = case.make(tokenizer).eval()
    fill(model, case.dtype)
    config = plain(model.config.to_dict())
    token = config.get("image_token_index", config.get("image_token_id"))
    save_weights(model, folder, case.dtype, case.rename, case.dropped)
    save_json(folder, "config.json", case.config(config))
    save_json(folder, "preprocessor_config.json", case.preprocessor)
    save_json(folder, "planner.json", {"version": f"fixture-{SEED}", **case.planner})
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    names = {"bos_token": case.special[0], "eos_token": case.special[-1]}
    save_json(folder, "tokenizer_config.json", {**names, **({} if case.processor else {"chat_template": case.template})})
    if case.processor:
        save_json(folder, "chat_template.json", {"chat_template": case.template})
    images = random_images(np.random.default_rng(SEED + number), case.sizes)
    with torch.no_grad():
        pixels, features, inputs = case.read(model, images)
        ids = prompt_ids(case, tokenizer, token, images, features)
        logits = logits_of(model, ids, token, inputs)
        greedy: list[int] = []
        for _ in range(NEW_TOKENS):  # without a cache: the plainest oracle
            greedy.append(int(logits_of(model, ids + greedy, token, inputs)[-1].argmax()))
    write_expected(folder, images, pixels, features, ids, logits[-3:], greedy)
    print(name, sum(file.stat().st_size for file in folder.iterdir()), "bytes", len(ids), "ids", greedy)


def main() -> None:
    root, wanted = Path(sys.argv[1]), sys.argv[2:]
    torch.set_num_threads(1)
    for number, (name, case) in enumerate(CASES.items()):
        if not wanted or name in wanted:
            write(root, name, case, number)


if __name__ == "__main__":
    main()
