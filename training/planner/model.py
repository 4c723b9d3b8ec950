"""The nano planner in PyTorch: a LLaVA-type model of a small SigLIP-type tower, a two-layer
projector and a Qwen2-type decoder. Parameter names are those of the Hugging Face classes, so that
`state()` is a checkpoint which they, and `gpu-backend/models/llava.ts`, load as it is.
"""
import json

import torch
import torch.nn.functional as F
from induction import induction_init
from torch import nn

CONFIG = {
    "architectures": ["LlavaForConditionalGeneration"],
    "model_type": "llava",
    "projector_hidden_act": "gelu",
    "vision_feature_layer": -1,
    "vision_feature_select_strategy": "full",
    "tie_word_embeddings": True,
    "vision_config": {
        "model_type": "siglip_vision_model", "hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 2, "num_attention_heads": 3,
        "image_size": 64, "patch_size": 16, "num_channels": 3, "layer_norm_eps": 1e-6, "hidden_act": "gelu_pytorch_tanh",
    },
    "text_config": {
        "model_type": "qwen2", "hidden_size": 192, "intermediate_size": 448, "num_hidden_layers": 5, "num_attention_heads": 6, "num_key_value_heads": 6,
        "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "max_position_embeddings": 2048, "hidden_act": "silu", "tie_word_embeddings": True,
    },
}
# SigLIP's own: pixels to -1..1, whatever the aspect.
PREPROCESSOR = {
    "image_processor_type": "SiglipImageProcessor", "do_resize": True, "size": {"height": 64, "width": 64}, "resample": 3, "do_rescale": True, "rescale_factor": 1 / 255,
    "do_normalize": True, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
}


class Embedding(nn.Module):
    """Token embedding = piece + case + space + own. Names match whatever their case, seen or not; what is the token's own
    starts at nothing, and lets one spelling be likelier than another ("tell from", never "tellfrom")."""

    def __init__(self, tokens: list[str], width: int):
        super().__init__()
        pieces: dict[str, int] = {}
        piece, case, space = [], [], []
        for token in tokens:
            core = token.removeprefix("\u0120") or token
            # "SolveMathEquation" is a token of its own, not the title case of some piece.
            lettered = core.isascii() and core.isalpha() and core in (core.lower(), core.upper(), core.capitalize())
            piece.append(pieces.setdefault(core.lower() if lettered else core, len(pieces)))
            case.append(0 if not lettered or core.islower() else 2 if core.isupper() and len(core) > 1 else 1)
            space.append(int(core != token))
        self.piece = nn.Parameter(torch.randn(len(pieces), width) * 0.09)
        self.case = nn.Parameter(torch.randn(3, width) * 0.02)
        self.space = nn.Parameter(torch.randn(2, width) * 0.02)
        self.own = nn.Parameter(torch.zeros(len(tokens), width))
        for name, values in [("piece_of", piece), ("case_of", case), ("space_of", space)]:
            self.register_buffer(name, torch.tensor(values), persistent=False)

    def table(self) -> torch.Tensor:
        return self.piece[self.piece_of] + self.case[self.case_of] + self.space[self.space_of] + self.own


class RMSNorm(nn.Module):
    def __init__(self, width: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def causal_attention(q, k, v):
    """On a CPU in float32: the backward pass of PyTorch's kernel takes nearly twice as long for bfloat16. Scores must not be
    bfloat16 in any case: heads that copy have large ones, which it rounds to quarters."""
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    with torch.autocast("cpu", enabled=False):
        return F.scaled_dot_product_attention(q.float(), k.float(), v.float(), is_causal=True)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, self.heads = config["hidden_size"], config["num_attention_heads"]
        self.head = width // self.heads
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, width) for _ in range(3))
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x, cos, sin):
        batch, length, width = x.shape
        q, k, v = (proj(x).view(batch, length, self.heads, self.head).transpose(1, 2) for proj in (self.q_proj, self.k_proj, self.v_proj))
        mixed = causal_attention(rotate(q, cos, sin), rotate(k, cos, sin), v)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))


class Mlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj, self.up_proj = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, eps = config["hidden_size"], config["rms_norm_eps"]
        self.input_layernorm, self.self_attn = RMSNorm(width, eps), Attention(config)
        self.post_attention_layernorm, self.mlp = RMSNorm(width, eps), Mlp(config)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class TowerLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner, eps = config["hidden_size"], config["intermediate_size"], config["layer_norm_eps"]
        self.heads = config["num_attention_heads"]
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(width, eps), nn.LayerNorm(width, eps)
        self.self_attn = nn.ModuleDict({name: nn.Linear(width, width) for name in ("q_proj", "k_proj", "v_proj", "out_proj")})
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, inner), "fc2": nn.Linear(inner, width)})

    def forward(self, x):
        batch, length, width = x.shape
        y = self.layer_norm1(x)
        q, k, v = (self.self_attn[name](y).view(batch, length, self.heads, -1).transpose(1, 2) for name in ("q_proj", "k_proj", "v_proj"))
        x = x + self.self_attn["out_proj"](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.layer_norm2(x)), approximate="tanh"))


class Tower(nn.Module):
    """[n, 3, 64, 64] in -1..1 -> [n, 16, width], the last hidden state before the final norm (as LLaVA reads it)."""

    def __init__(self, config):
        super().__init__()
        width, patch = config["hidden_size"], config["patch_size"]
        self.patch_embedding = nn.Conv2d(3, width, patch, patch)
        self.position_embedding = nn.Parameter(torch.randn((config["image_size"] // patch) ** 2, width) * 0.02)
        self.layers = nn.ModuleList(TowerLayer(config) for _ in range(config["num_hidden_layers"]))

    def forward(self, pixels):
        x = self.patch_embedding(pixels).flatten(2).transpose(1, 2) + self.position_embedding
        for layer in self.layers:
            x = layer(x)
        return x


class Planner(nn.Module):
    def __init__(self, tokens: list[str], config=CONFIG):
        super().__init__()
        text, vision = config["text_config"], config["vision_config"]
        width = text["hidden_size"]
        self.config, self.tokens = config, tokens
        self.embedding = Embedding(tokens, width)
        self.layers = nn.ModuleList(Layer(text) for _ in range(text["num_hidden_layers"]))
        self.norm = RMSNorm(width, text["rms_norm_eps"])
        self.tower = Tower(vision)
        self.linear_1, self.linear_2 = nn.Linear(vision["hidden_size"], width), nn.Linear(width, width)
        head = width // text["num_attention_heads"]
        frequencies = text["rope_theta"] ** (-torch.arange(0, head, 2).float() / head)
        angles = torch.arange(text["max_position_embeddings"]).float()[:, None] * frequencies
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        induction_init(self, frequencies)

    def hidden(self, ids, pixels, image_id: int):
        """ids [b, t], pixels [n, 3, s, s] for the images of the batch in reading order -> [b, t, width]."""
        x = F.embedding(ids, self.embedding.table())
        if pixels is not None:
            features = self.linear_2(F.gelu(self.linear_1(self.tower(pixels)))).reshape(-1, x.shape[-1])
            x = x.masked_scatter((ids == image_id)[..., None], features.to(x.dtype))
        cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x)

    def logits(self, hidden):
        return hidden @ self.embedding.table().T

    def state(self) -> dict[str, torch.Tensor]:
        """The checkpoint under the names of LlavaForConditionalGeneration (classic hub layout)."""
        out = {"language_model.model.embed_tokens.weight": self.embedding.table(), "language_model.model.norm.weight": self.norm.weight}
        for name, value in self.layers.state_dict().items():
            out[f"language_model.model.layers.{name}"] = value
        tower = "vision_tower.vision_model."
        out |= {f"{tower}embeddings.patch_embedding.{name}": value for name, value in self.tower.patch_embedding.state_dict().items()}
        out[f"{tower}embeddings.position_embedding.weight"] = self.tower.position_embedding
        out |= {f"{tower}encoder.layers.{name}": value for name, value in self.tower.layers.state_dict().items()}
        width = self.tower.position_embedding.shape[1]
        out |= {f"{tower}post_layernorm.weight": torch.ones(width), f"{tower}post_layernorm.bias": torch.zeros(width)}
        for name in ("linear_1", "linear_2"):
            out |= {f"multi_modal_projector.{name}.{key}": value for key, value in getattr(self, name).state_dict().items()}
        return {name: value.detach().contiguous() for name, value in out.items()}


@torch.no_grad()
def load_state(model: Planner, state: dict[str, torch.Tensor], tokens: list[str]) -> None:
    """Takes up the weights of a checkpoint that `state` wrote, its rows named by `tokens`: training goes on
    without its work folder, and with another vocabulary. Tokens that the checkpoint lacks stay as they are."""
    embedding = model.embedding
    index = {token: number for number, token in enumerate(tokens)}
    known = torch.tensor([token in index for token in model.tokens])
    rows = torch.tensor([index.get(token, 0) for token in model.tokens])
    table = state["language_model.model.embed_tokens.weight"].float()[rows]
    piece, case, space = embedding.piece_of, embedding.case_of, embedding.space_of
    plain = {int(piece[row]): row for row in range(len(table)) if known[row] and case[row] == 0 and space[row] == 0}
    with_plain = known & torch.tensor([int(one) in plain for one in piece])
    base = torch.stack([table[plain.get(int(one), 0)] for one in piece])
    embedding.case.zero_()
    embedding.space.zero_()
    embedding.space[1] = (table - base)[(case == 0) & (space == 1) & with_plain].mean(0)
    for kind in (1, 2):
        embedding.case[kind] = (table - base)[(case == kind) & (space == 0) & with_plain].mean(0)
    # A piece is the mean of what its tokens say of it.
    rest = (table - embedding.case[case] - embedding.space[space])[known]
    counts = torch.zeros(len(embedding.piece), 1).index_add_(0, piece[known], torch.ones(len(rest), 1))
    means = torch.zeros_like(embedding.piece).index_add_(0, piece[known], rest) / counts.clamp(min=1)
    embedding.piece.copy_(torch.where(counts > 0, means, embedding.piece))
    embedding.own.zero_()
    embedding.own[known] = rest - embedding.piece[piece[known]]
    model.norm.weight.copy_(state["language_model.model.norm.weight"])
    tower = "vision_tower.vision_model."
    model.tower.position_embedding.copy_(state[f"{tower}embeddings.position_embedding.weight"])
    for module, prefix in [
        (model.layers, "language_model.model.layers."),
        (model.tower.patch_embedding, f"{tower}embeddings.patch_embedding."),
        (model.tower.layers, f"{tower}encoder.layers."),
        (model.linear_1, "multi_modal_projector.linear_1."),
        (model.linear_2, "multi_modal_projector.linear_2."),
    ]:
        module.load_state_dict({name.removeprefix(prefix): value.float() for name, value in state.items() if name.startswith(prefix)})


def save_config(folder, vocabulary: int, image_id: int) -> None:
    config = json.loads(json.dumps(CONFIG))
    config["image_token_index"] = image_id
    config["text_config"]["vocab_size"] = vocabulary
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=1) + "\n")
