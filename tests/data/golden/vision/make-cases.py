"""Tiny random vision towers as Hugging Face directories, with their embeddings in double precision.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

Writes the folders internvl, internvl-native, maira2, onevision and qwen2vl beside itself. The
arithmetic is written from the models' descriptions, in numpy alone; nothing of it is shared with
the engine it judges. Usage: make-cases.py [FOLDER]"""
import json
import math
import os
import struct
import sys

import numpy as np

TEXT = {"model_type": "qwen2", "hidden_size": 24, "num_hidden_layers": 1, "intermediate_size": 32,
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 128,
        "rms_norm_eps": 1e-6, "rope_theta": 1e6, "vocab_size": 64, "tie_word_embeddings": True, "hidden_act": "silu"}
OUT = TEXT["hidden_size"]
WIDTH, HEADS, FFN, PATCH = 32, 2, 48, 4
erf = np.vectorize(math.erf)


def gelu(x):
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def gelu_quick(x):
    return x / (1 + np.exp(-1.702 * x))


class Weights:
    """Random tensors under their published names, in the order of their making."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.tensors = {}

    def new(self, name, *shape, scale=None, around=0.0):
        scale = scale if scale is not None else 1.6 / math.sqrt(shape[-1])
        value = (around + scale * self.random.standard_normal(shape)).astype("<f4")
        self.tensors[name] = value
        return value.astype(np.float64)

    def linear(self, name, n_out, n_in, bias=True):
        w = self.new(name + ".weight", n_out, n_in)
        b = self.new(name + ".bias", n_out, scale=0.2) if bias else 0
        return lambda x: x @ w.T + b

    def norm(self, name, n, epsilon=1e-6):
        w = self.new(name + ".weight", n, scale=0.2, around=1.0)
        b = self.new(name + ".bias", n, scale=0.2)

        def apply(x):
            x = x - x.mean(-1, keepdims=True)
            return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * w + b
        return apply

    def rms(self, name, n, epsilon=1e-6):
        w = self.new(name + ".weight", n, scale=0.2, around=1.0)
        return lambda x: x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * w

    def write(self, folder):
        header, offset = {}, 0
        for name, value in self.tensors.items():
            header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
            offset += value.nbytes
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(os.path.join(folder, "model.safetensors"), "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + b"".join(v.tobytes() for v in self.tensors.values()))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attend(q, k, v, heads=HEADS):
    n, width = q.shape
    q, k, v = (x.reshape(n, heads, width // heads).transpose(1, 0, 2) for x in (q, k, v))
    mixed = softmax(q @ k.transpose(0, 2, 1) / math.sqrt(width // heads)) @ v
    return mixed.transpose(1, 0, 2).reshape(n, width)


def cut(pixels):
    """[channels, height, width] to rows of patches, left to right and top to bottom."""
    c, h, w = pixels.shape
    x = pixels.reshape(c, h // PATCH, PATCH, w // PATCH, PATCH).transpose(1, 3, 0, 2, 4)
    return x.reshape(-1, c * PATCH * PATCH)


def cubic_matrix(n_in, n_out):
    """One axis of bicubic interpolation as PyTorch's with align_corners=False: a = -0.75, edges repeated."""
    matrix = np.zeros((n_out, n_in))
    for i in range(n_out):
        x = (i + 0.5) * n_in / n_out - 0.5
        base = math.floor(x)
        t = x - base
        a = -0.75
        near = lambda d: ((a + 2) * d - (a + 3)) * d * d + 1
        far = lambda d: ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        for j, weight in zip(range(base - 1, base + 3), (far(t + 1), near(t), near(1 - t), far(2 - t))):
            matrix[i, min(max(j, 0), n_in - 1)] += weight
    return matrix


def positions(table, side, rows, columns):
    """Rows of a square table of positions for a grid of another size."""
    if (rows, columns) == (side, side):
        return table
    grid = table.reshape(side, side, -1)
    grid = np.einsum("ri,ijw->rjw", cubic_matrix(side, rows), grid)
    return np.einsum("cj,rjw->rcw", cubic_matrix(side, columns), grid).reshape(rows * columns, -1)


def embed(w, pixels, names, side):
    """Patches with a class row first and learned positions."""
    conv = w.new(names["patch"] + ".weight", WIDTH, 3, PATCH, PATCH, scale=0.2)
    bias = w.new(names["patch"] + ".bias", WIDTH, scale=0.2)
    first = w.new(names["class"], 1, 1, WIDTH, scale=1.0).reshape(1, -1)
    table = w.new(names["positions"], 1, side * side + 1, WIDTH, scale=0.5)[0]
    x = cut(pixels) @ conv.reshape(WIDTH, -1).T + bias
    rows, columns = pixels.shape[1] // PATCH, pixels.shape[2] // PATCH
    return np.concatenate([first + table[:1], x + positions(table[1:], side, rows, columns)])


def internvl(w, pixels, native):
    root = "vision_tower." if native else "vision_model."
    layer_root = root + ("encoder.layer." if native else "encoder.layers.")
    x = embed(w, pixels, {"patch": root + "embeddings." + ("patch_embeddings.projection" if native else "patch_embedding"),
                          "class": root + "embeddings." + ("cls_token" if native else "class_embedding"),
                          "positions": root + "embeddings." + ("position_embeddings" if native else "position_embedding")}, 8)
    for i in range(3):
        p = f"{layer_root}{i}."
        norm1 = w.norm(p + ("layernorm_before" if native else "norm1"), WIDTH)
        norm2 = w.norm(p + ("layernorm_after" if native else "norm2"), WIDTH)
        if native:  # and, as in the large tower, norms over the full width of queries and keys
            q, k, v = (w.linear(p + f"attention.{part}_proj", WIDTH, WIDTH) for part in "qkv")
            q_norm, k_norm = (w.rms(p + f"attention.{part}_norm", WIDTH) for part in "qk")
            out = w.linear(p + "attention.projection_layer", WIDTH, WIDTH)
        else:
            qkv = w.linear(p + "attn.qkv", 3 * WIDTH, WIDTH)
            out = w.linear(p + "attn.proj", WIDTH, WIDTH)
        fc1, fc2 = w.linear(p + "mlp.fc1", FFN, WIDTH), w.linear(p + "mlp.fc2", WIDTH, FFN)
        scale1, scale2 = (w.new(p + (f"lambda_{j}" if native else f"ls{j}"), WIDTH, scale=0.5) for j in (1, 2))
        h = norm1(x)
        parts = (q_norm(q(h)), k_norm(k(h)), v(h)) if native else np.split(qkv(h), 3, axis=1)
        x = x + scale1 * out(attend(*parts))
        x = x + scale2 * fc2(gelu(fc1(norm2(x))))
    grid = x[1:].reshape(4, 2, 4, 2, WIDTH).transpose(0, 2, 1, 3, 4).reshape(16, 4 * WIDTH)
    names = ["multi_modal_projector." + n for n in ("layer_norm", "linear_1", "linear_2")] if native else ["mlp1.0", "mlp1.1", "mlp1.3"]
    norm = w.norm(names[0], 4 * WIDTH, 1e-5)
    first, second = w.linear(names[1], OUT, 4 * WIDTH), w.linear(names[2], OUT, OUT)
    return second(gelu(first(norm(grid))))


def maira2(w, pixels):
    root = "vision_tower."
    x = embed(w, pixels, {"patch": root + "embeddings.patch_embeddings.projection", "class": root + "embeddings.cls_token",
                          "positions": root + "embeddings.position_embeddings"}, 6)
    w.new(root + "embeddings.mask_token", 1, WIDTH)
    for i in range(2):
        p = f"{root}encoder.layer.{i}."
        norm1, norm2 = w.norm(p + "norm1", WIDTH), w.norm(p + "norm2", WIDTH)
        q, k, v = (w.linear(p + "attention.attention." + part, WIDTH, WIDTH) for part in ("query", "key", "value"))
        out = w.linear(p + "attention.output.dense", WIDTH, WIDTH)
        scale1, scale2 = (w.new(p + f"layer_scale{j}.lambda1", WIDTH, scale=0.5) for j in (1, 2))
        fc1, fc2 = w.linear(p + "mlp.fc1", 2 * WIDTH, WIDTH), w.linear(p + "mlp.fc2", WIDTH, 2 * WIDTH)
        h = norm1(x)
        x = x + scale1 * out(attend(q(h), k(h), v(h)))
        x = x + scale2 * fc2(gelu(fc1(norm2(x))))
    x = w.norm(root + "layernorm", WIDTH)(x)[1:]
    for i in range(4):
        layer = w.linear(f"multi_modal_projector.layers.{2 * i}", OUT, WIDTH if i == 0 else OUT)
        x = layer(gelu(x) if i > 0 else x)
    return x


def onevision(w, pixels):
    root = "vision_tower.vision_model."
    conv = w.new(root + "embeddings.patch_embedding.weight", WIDTH, 3, PATCH, PATCH, scale=0.2)
    bias = w.new(root + "embeddings.patch_embedding.bias", WIDTH, scale=0.2)
    x = cut(pixels) @ conv.reshape(WIDTH, -1).T + bias
    x = x + w.new(root + "embeddings.position_embedding.weight", 64, WIDTH, scale=0.5)
    for i in range(2):
        p = f"{root}encoder.layers.{i}."
        norm1, norm2 = w.norm(p + "layer_norm1", WIDTH), w.norm(p + "layer_norm2", WIDTH)
        q, k, v, out = (w.linear(p + f"self_attn.{part}_proj", WIDTH, WIDTH) for part in ("q", "k", "v", "out"))
        fc1, fc2 = w.linear(p + "mlp.fc1", FFN, WIDTH), w.linear(p + "mlp.fc2", WIDTH, FFN)
        h = norm1(x)
        x = x + out(attend(q(h), k(h), v(h)))
        x = x + fc2(gelu_tanh(fc1(norm2(x))))
    w.norm(root + "post_layernorm", WIDTH)  # in the file, and not used
    w.new("image_newline", OUT)
    first, second = w.linear("multi_modal_projector.linear_1", OUT, WIDTH), w.linear("multi_modal_projector.linear_2", OUT, OUT)
    return second(gelu(first(x)))


def rotate(x, rows, columns):
    """Each head by its row in the first half of its frequencies and by its column in the second."""
    n, width = x.shape
    size = width // HEADS
    frequency = 10000.0 ** (-np.arange(size // 4) * 4.0 / size)
    angle = np.concatenate([rows[:, None] * frequency, columns[:, None] * frequency], axis=1)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    a, b = np.split(x.reshape(n, HEADS, size), 2, axis=2)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=2).reshape(n, width)


def qwen2vl(w, pixels):
    """A still image counts as two equal time slices. Blocks of two by two patches follow one another."""
    conv = w.new("visual.patch_embed.proj.weight", WIDTH, 3, 2, PATCH, PATCH, scale=0.15)
    height, width = pixels.shape[1] // PATCH, pixels.shape[2] // PATCH
    order = np.arange(height * width).reshape(height // 2, 2, width // 2, 2).transpose(0, 2, 1, 3).reshape(-1)
    x = (cut(pixels) @ conv.sum(2).reshape(WIDTH, -1).T)[order]
    rows, columns = order // width, order % width
    for i in range(2):
        p = f"visual.blocks.{i}."
        norm1, norm2 = w.norm(p + "norm1", WIDTH), w.norm(p + "norm2", WIDTH)
        qkv, out = w.linear(p + "attn.qkv", 3 * WIDTH, WIDTH), w.linear(p + "attn.proj", WIDTH, WIDTH)
        fc1, fc2 = w.linear(p + "mlp.fc1", 2 * WIDTH, WIDTH), w.linear(p + "mlp.fc2", WIDTH, 2 * WIDTH)
        q, k, v = np.split(qkv(norm1(x)), 3, axis=1)
        x = x + out(attend(rotate(q, rows, columns), rotate(k, rows, columns), v))
        x = x + fc2(gelu_quick(fc1(norm2(x))))
    x = w.norm("visual.merger.ln_q", WIDTH)(x).reshape(-1, 4 * WIDTH)
    first, second = w.linear("visual.merger.mlp.0", 4 * WIDTH, 4 * WIDTH), w.linear("visual.merger.mlp.2", OUT, 4 * WIDTH)
    return second(gelu(first(x)))


COMMON = {"hidden_size": WIDTH, "num_attention_heads": HEADS, "patch_size": PATCH, "layer_norm_eps": 1e-6}
CASES = {
    "internvl": (lambda w, x: internvl(w, x, False), (32, 32), {
        "architectures": ["InternVLChatModel"], "model_type": "internvl_chat", "downsample_ratio": 0.5, "ps_version": "v2",
        "select_layer": -1, "llm_config": TEXT, "vision_config": dict(
            COMMON, model_type="intern_vit_6b", num_hidden_layers=3, intermediate_size=FFN, image_size=32, hidden_act="gelu")}),
    "internvl-native": (lambda w, x: internvl(w, x, True), (32, 32), {
        "architectures": ["InternVLForConditionalGeneration"], "model_type": "internvl", "downsample_ratio": 0.5,
        "vision_feature_layer": -1, "vision_feature_select_strategy": "default", "text_config": TEXT, "vision_config": dict(
            COMMON, model_type="internvl_vision", num_hidden_layers=3, intermediate_size=FFN, image_size=[32, 32],
            patch_size=[PATCH, PATCH], hidden_act="gelu")}),
    "maira2": (maira2, (28, 36), {
        "architectures": ["Maira2ForConditionalGeneration"], "model_type": "maira2", "vision_feature_layer": -1,
        "vision_feature_select_strategy": "default", "text_config": dict(TEXT, model_type="llama"), "vision_config": dict(
            COMMON, model_type="dinov2", num_hidden_layers=2, mlp_ratio=2, image_size=24, hidden_act="gelu")}),
    "onevision": (onevision, (32, 32), {
        "architectures": ["LlavaOnevisionForConditionalGeneration"], "model_type": "llava_onevision", "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full", "text_config": TEXT, "vision_config": dict(
            COMMON, model_type="siglip_vision_model", num_hidden_layers=2, intermediate_size=FFN, image_size=32)}),
    "qwen2vl": (qwen2vl, (24, 40), dict(
        TEXT, architectures=["Qwen2VLForConditionalGeneration"], model_type="qwen2_vl",
        rope_scaling={"type": "mrope", "mrope_section": [2, 2, 2]}, vision_config={
            "model_type": "qwen2_vl", "depth": 2, "embed_dim": WIDTH, "hidden_size": OUT, "num_heads": HEADS, "mlp_ratio": 2,
            "patch_size": PATCH, "spatial_merge_size": 2})),
}


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for seed, (name, (function, (height, width), config)) in enumerate(CASES.items()):
        folder = os.path.join(target, name)
        os.makedirs(os.path.join(folder, "checkpoint"), exist_ok=True)
        w = Weights(seed + 1)
        pixels = np.random.default_rng(seed + 100).uniform(-1.5, 1.5, (3, height, width)).astype("<f4")
        rows = function(w, pixels.astype(np.float64)).astype("<f4")
        w.write(os.path.join(folder, "checkpoint"))
        pixels.tofile(os.path.join(folder, "image.pixels.f32"))
        rows.tofile(os.path.join(folder, "image.embd.f32"))
        with open(os.path.join(folder, "checkpoint", "config.json"), "w") as file:
            json.dump(config, file, indent=1)
        case = {"kind": "vision tower", "name": name, "files": {"checkpoint": "checkpoint/"},
                "cases": [{"name": "image", "pixel_values": {"file": "image.pixels.f32", "dtype": "<f4", "shape": list(pixels.shape)},
                           "projector_output": {"file": "image.embd.f32", "dtype": "<f4", "shape": list(rows.shape)}}],
                "tolerance": {"embeddings_nmse": 1e-6, "logits_nmse": 1e-5, "reason": "F32 against double differs by 1e-12"},
                "truth": "make-cases.py, numpy in double precision"}
        with open(os.path.join(folder, "case.json"), "w") as file:
            json.dump(case, file, indent=1)
            file.write("\n")


main()
