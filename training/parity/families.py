"""Tiny models of each family, from the configuration classes of transformers, and older forms of their files."""

import transformers as hf

TEXT = dict(
    hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=4096, rms_norm_eps=1e-6,
)
VISION = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2, patch_size=6, image_size=24)
LLAMA3_ROPE = {
    "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def llava(vision, text, **more):
    def make(tokenizer):
        config = hf.LlavaConfig(
            vision_config=vision, text_config=text(vocab_size=tokenizer.get_vocab_size(), **TEXT),
            image_token_index=tokenizer.token_to_id("<image>"), **more,
        )
        return hf.LlavaForConditionalGeneration(config)

    return make


def siglip(**more):
    return hf.SiglipVisionConfig(vision_use_head=False, **VISION, **more)


def gridded(config_class, model_class, vision, **more):
    def make(tokenizer):
        token = tokenizer.token_to_id("<image>")
        config = config_class(
            vision_config=vision, text_config=hf.Qwen2Config(vocab_size=tokenizer.get_vocab_size() + 4, rope_theta=1e6, **TEXT),
            image_token_index=token if token is not None else tokenizer.get_vocab_size() + 3, **more,
        )
        return model_class(config)

    return make


def qwen2_vl(tokenizer):
    text = {**TEXT, "vocab_size": tokenizer.get_vocab_size(), "rope_parameters": {"rope_theta": 1e6, "rope_type": "default", "mrope_section": [2, 1, 1]}}
    config = hf.Qwen2VLConfig(
        vision_config=dict(depth=2, embed_dim=24, hidden_size=32, mlp_ratio=2, num_heads=2, patch_size=4, spatial_merge_size=2, temporal_patch_size=2),
        text_config=text, image_token_id=tokenizer.token_to_id("<|image_pad|>"),
        vision_start_token_id=tokenizer.token_to_id("<|vision_start|>"), vision_end_token_id=tokenizer.token_to_id("<|vision_end|>"),
    )
    return hf.Qwen2VLForConditionalGeneration(config)


def idefics(config_class, vision_class, model_class):
    def make(tokenizer):
        config = config_class(
            vision_config=vision_class(**VISION), text_config=hf.LlamaConfig(vocab_size=tokenizer.get_vocab_size(), **TEXT),
            image_token_id=tokenizer.token_to_id("<image>"), scale_factor=2, tie_word_embeddings=False,
        )
        return model_class(config)

    return make


def flat_qwen2_vl(config: dict) -> dict:
    """As checkpoints from before transformers 4.52 have it: the decoder's fields beside the others."""
    text = config.pop("text_config")
    rope = text.pop("rope_parameters")
    text.pop("model_type")
    scaling = {"type": "mrope", "mrope_section": rope["mrope_section"]}
    return {**text, **config, "rope_theta": rope["rope_theta"], "rope_scaling": scaling}


def original_config(config: dict) -> dict:
    """As LLaVA's own program writes it: a Qwen2 with some fields more."""
    text = config["text_config"]
    rope = text.pop("rope_parameters")
    return {
        **text, "model_type": "llava_qwen", "rope_theta": rope["rope_theta"], "mm_vision_tower": "tiny",
        "mm_projector_type": "mlp2x_gelu", "mm_patch_merge_type": "spatial_unpad", "image_aspect_ratio": "anyres_max_9",
        "vision_config": config["vision_config"],
    }


def original_name(name: str) -> str:
    for new, old in (
        ("model.vision_tower.", "model.vision_tower.vision_tower.vision_model."),
        ("model.multi_modal_projector.linear_1.", "model.mm_projector.0."),
        ("model.multi_modal_projector.linear_2.", "model.mm_projector.2."),
        ("model.language_model.", "model."),
    ):
        if name.startswith(new):
            return old + name[len(new):].removeprefix("vision_model.")
    return name
