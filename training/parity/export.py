"""Writes the parity checkpoint `grouped-f32` as a third-party export: the three ONNX files that transformers.js reads.

    python training/parity/export.py tests/backend/models/fixtures

The decoder is the usual one: the past comes in, is joined with what is new, and goes out whole. What transformers
computes with the weights is in `grouped-f32/expected.json` and holds for the export, too.
"""

import shutil
import sys
from pathlib import Path

import torch
from common import new_folder
from transformers import LlavaForConditionalGeneration

OPSET = 18


class Vision(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        features = self.model.get_image_features(pixel_values, output_hidden_states=True).pooler_output
        return torch.stack(list(features))


class Decoder(torch.nn.Module):
    """A Qwen2 in plain operators, its past as arguments, as exporters write it."""

    def __init__(self, model):
        super().__init__()
        self.text = model.model.language_model
        self.head = model.lm_head
        self.config = model.config.text_config

    def forward(self, inputs_embeds, attention_mask, position_ids, *past):
        hidden = inputs_embeds
        cos, sin = self.text.rotary_emb(hidden, position_ids)
        total, fresh = attention_mask.shape[1], inputs_embeds.shape[1]
        slots = torch.arange(total)
        reach = torch.arange(total - fresh, total)
        seen = (slots[None, :] <= reach[:, None])[None, None] & (attention_mask[:, None, None, :] > 0)
        bias = torch.where(seen, 0.0, -1e30)
        present = []
        for index, layer in enumerate(self.text.layers):
            normed = layer.input_layernorm(hidden)
            mixed, key, value = attend(layer.self_attn, self.config, normed, cos, sin, bias, past[2 * index], past[2 * index + 1])
            present += [key, value]
            hidden = hidden + mixed
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        return (self.head(self.text.norm(hidden)), *present)


def turned(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin


def attend(attention, config, x, cos, sin, bias, past_key, past_value):
    batch, fresh, _ = x.shape
    heads, groups = config.num_attention_heads, config.num_key_value_heads
    size = config.hidden_size // heads

    def split(values, count):
        return values.reshape(batch, fresh, count, size).transpose(1, 2)

    cos, sin = cos[:, None], sin[:, None]
    query = turned(split(attention.q_proj(x), heads), cos, sin)
    key = torch.cat((past_key, turned(split(attention.k_proj(x), groups), cos, sin)), dim=2)
    value = torch.cat((past_value, split(attention.v_proj(x), groups)), dim=2)
    repeated = [part.repeat_interleave(heads // groups, dim=1) for part in (key, value)]
    weights = torch.softmax(query @ repeated[0].transpose(2, 3) / size**0.5 + bias, dim=-1)
    mixed = (weights @ repeated[1]).transpose(1, 2).reshape(batch, fresh, heads * size)
    return attention.o_proj(mixed), key, value


def export(module, folder: Path, name: str, inputs: dict, outputs: list[str], sizes: dict) -> None:
    folder.mkdir(exist_ok=True)
    torch.onnx.export(
        module, tuple(inputs.values()), str(folder / f"{name}.onnx"), input_names=list(inputs), output_names=outputs,
        dynamic_axes=sizes, opset_version=OPSET, dynamo=False,
    )


def main() -> None:
    root = Path(sys.argv[1])
    source, folder = root / "grouped-f32", new_folder(root, "export-f32")
    model = LlavaForConditionalGeneration.from_pretrained(source, dtype=torch.float32, attn_implementation="eager").eval()
    for file in source.iterdir():
        if file.suffix != ".safetensors":
            shutil.copy(file, folder / file.name)
    text = model.config.text_config
    names = [f"{layer}.{part}" for layer in range(text.num_hidden_layers) for part in ("key", "value")]
    past = [f"past_key_values.{name}" for name in names]
    present = [f"present.{name}" for name in names]
    batch, slots, fresh = 2, 5, 3
    size = text.hidden_size // text.num_attention_heads
    inputs = {
        "inputs_embeds": torch.randn(batch, fresh, text.hidden_size),
        "attention_mask": torch.ones(batch, slots + fresh, dtype=torch.int64),
        "position_ids": torch.arange(slots, slots + fresh)[None].repeat(batch, 1),
        **{name: torch.randn(batch, text.num_key_value_heads, slots, size) for name in past},
    }
    sizes = {
        "inputs_embeds": {0: "batch", 1: "fresh"}, "attention_mask": {0: "batch", 1: "total"},
        "position_ids": {0: "batch", 1: "fresh"}, "logits": {0: "batch", 1: "fresh"},
        **{name: {0: "batch", 2: "slots"} for name in past}, **{name: {0: "batch", 2: "total"} for name in present},
    }
    onnx = folder / "onnx"
    pixels = {"pixel_values": torch.randn(1, 3, 32, 32)}
    ids = {"input_ids": torch.zeros(batch, fresh, dtype=torch.int64)}
    with torch.no_grad():
        export(Decoder(model), onnx, "decoder_model_merged", inputs, ["logits", *present], sizes)
        export(Vision(model), onnx, "vision_encoder", pixels, ["image_features"], {"pixel_values": {0: "images"}, "image_features": {0: "images"}})
        export(
            model.model.language_model.embed_tokens, onnx, "embed_tokens", ids, ["inputs_embeds"],
            {"input_ids": {0: "batch", 1: "fresh"}, "inputs_embeds": {0: "batch", 1: "fresh"}},
        )
    print(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()), "bytes")


if __name__ == "__main__":
    main()
