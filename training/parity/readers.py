"""What each family's processor and vision tower make of images: (pixels, features, inputs of forward)."""

from types import SimpleNamespace

import torch
import transformers as hf
from PIL import Image


def square_preprocessor(**more) -> dict:
    return {"resample": 3, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 24, "width": 24}, **more}


SQUARE = square_preprocessor()
CLIP = {
    "resample": 3, "do_center_crop": True, "size": {"shortest_edge": 24}, "crop_size": {"height": 24, "width": 24},
    "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
}
GRIDS = [[24 * rows, 24 * columns] for rows in (1, 2, 3) for columns in (1, 2, 3)]
NEXT_GRIDS = [[24, 48], [48, 24], [48, 48], [72, 24], [24, 72]]
PATCHES = {
    "resample": 3, "patch_size": 4, "merge_size": 2, "temporal_patch_size": 2,
    "min_pixels": 16 * 16, "max_pixels": 40 * 32,
}
SQUARES = {
    "resample": 1, "size": {"longest_edge": 48}, "max_image_size": {"longest_edge": 24}, "do_image_splitting": True,
    "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
}
ONE_SQUARE = {**SQUARES, "size": {"longest_edge": 24}}


def read_square(processor):
    def read(model, images):
        pixels = processor(images, return_tensors="pt")["pixel_values"]
        features = model.model.get_image_features(pixels, output_hidden_states=True).pooler_output
        return list(pixels), list(features), {"pixel_values": pixels}

    return read


def read_grid(processor):
    """Each image by itself, so that none is padded for the sake of another."""

    def read(model, images):
        inputs = [processor(image, return_tensors="pt") for image in images]
        kept = [{key: one[key] for key in ("pixel_values", "image_sizes")} for one in inputs]
        features = [model.model.get_image_features(**one, output_hidden_states=True).pooler_output[0] for one in kept]
        most = max(one["pixel_values"].shape[1] for one in kept)
        padded = [
            torch.nn.functional.pad(one["pixel_values"], (0, 0, 0, 0, 0, 0, 0, most - one["pixel_values"].shape[1]))
            for one in kept
        ]
        joined = {"pixel_values": torch.cat(padded), "image_sizes": torch.cat([one["image_sizes"] for one in kept])}
        return [one["pixel_values"][0] for one in kept], features, joined

    return read


def read_single(processor):
    """One square for each image and the newline behind it, as the planner of TACO reads them."""

    def read(model, images):
        pixels = processor(images, return_tensors="pt")["pixel_values"]
        features = [single(model, one) for one in pixels]
        return list(pixels), features, {"image_rows": torch.cat(features)}

    return read


def single(model, pixels):
    states = model.model.vision_tower(pixels[None], output_hidden_states=True).hidden_states[-1]
    rows = model.model.multi_modal_projector(states)
    packed, _ = model.model.pack_image_features([rows], torch.tensor([[24, 24]]), model.model.image_newline)
    return packed[0]


def read_patches(processor):
    def read(model, images):
        inputs = processor(images, return_tensors="pt")
        features = model.model.get_image_features(inputs["pixel_values"], inputs["image_grid_thw"]).pooler_output
        counts = inputs["image_grid_thw"].prod(-1).tolist()
        return list(torch.split(inputs["pixel_values"], counts)), list(features), dict(inputs)

    return read


def read_squares(processor):
    """Idefics3: the squares of both images lie in one list."""

    def read(model, images):
        each = [processor([[image]], return_tensors="pt")["pixel_values"][0] for image in images]
        features = [model.model.get_image_features(one[None]).pooler_output[0] for one in each]
        return each, features, {"pixel_values": torch.cat(each)[None]}

    return read


def squares_text(processor):
    """What the processor of Idefics3 puts in place of an image."""

    def text(image: Image.Image, rows: torch.Tensor) -> str:
        inputs = processor([[image]], return_row_col_info=True)
        grid = {"rows": inputs["rows"], "cols": inputs["cols"]}
        squares = max(grid["rows"][0][0] * grid["cols"][0][0] + 1, 1)
        words = SimpleNamespace(
            fake_image_token="<fake_token_around_image>", global_image_tag="<global-img>", image_token="<image>",
            image_seq_len=rows.shape[0] // squares,
        )
        return hf.Idefics3Processor.replace_image_token(words, grid, 0)

    return text
