"""The weights that the nano planner's training starts from (docs/decisions/0007-induction-start.md)."""
import math

import torch
from torch import nn

# Strengths at the start, chosen so that a repeated sequence is copied before any training.
MATCH, COPY, NOTE, SINK = 2.4, 0.16, 0.065, 2.45


@torch.no_grad()
def induction_init(model: nn.Module, frequencies: torch.Tensor) -> None:
    """Starts the decoder with the circuit that looking a name up needs, instead of waiting for it.

    Tokens begin in the lower half of the residual stream; the upper half holds three notes and a flag. Heads of
    layer 0 attend one, two, three tokens back (through their query and key biases alone, which rotary
    embedding turns into a peak at that distance) and note down what stood there. Heads above compare
    the present tokens with those notes, so they find what followed the same words earlier (induction
    heads, Olsson et al. 2022), and copy it. All is then trained as usual.
    """
    width = model.embedding.piece.shape[1]
    heads, head = model.layers[0].self_attn.heads, model.layers[0].self_attn.head
    low, half = width - 3 * head - 1, head // 2
    flag = torch.eye(width)[low]  # what is new: this token has not followed the like before
    for parameter in (model.embedding.piece, model.embedding.case, model.embedding.space):
        parameter[:, low:] = 0
    for layer in model.layers:
        for name, parameter in layer.named_parameters():
            if parameter.dim() == 2:
                parameter.normal_(0, 0.5 / math.sqrt(parameter.shape[1]))
            elif name.endswith("bias"):
                parameter.zero_()
        layer.mlp.down_proj.weight.mul_(0.2)
        layer.self_attn.o_proj.weight.mul_(0.2)
    first = model.layers[0].self_attn
    content = torch.zeros(head, width)  # what of a token is noted: a projection of the lower half
    content[:, :low] = torch.linalg.qr(torch.randn(low, head))[0].T
    notes = [torch.eye(width)[low + 1 + index * head : low + 1 + (index + 1) * head] for index in range(3)]
    for index, note in enumerate(notes):
        rows = slice(index * head, (index + 1) * head)
        first.q_proj.weight[rows].mul_(0.1)
        first.k_proj.weight[rows].mul_(0.1)
        angle = (index + 1) * frequencies
        first.q_proj.bias[rows] = torch.cat([torch.full((half,), 6.0), torch.zeros(half)])
        first.k_proj.bias[rows] = torch.cat([6.0 * angle.cos(), 6.0 * angle.sin()])
        first.v_proj.weight[rows] = content
        first.o_proj.weight[:, rows] = note.T * NOTE
    slow = torch.nonzero(frequencies < 0.008).flatten()  # pairs that turn little over a whole conversation
    lanes, sink = torch.cat([slow[:-1], slow[:-1] + half]), slow[-1]
    opening = model.embedding.piece[model.embedding.piece_of[model.tokens.index("<|system|>")]]
    for number, layer in enumerate(model.layers[1:4], 1):
        attention = layer.self_attn
        lower = torch.linalg.qr(torch.randn(low, low))[0]
        for index in range(heads):
            rows = torch.arange(index * head, (index + 1) * head)
            copied = torch.zeros(width, head)
            copied[:low] = lower[:, [column % low for column in rows.tolist()]]
            attention.v_proj.weight[rows] = copied.T - copied.T @ opening[:, None] @ opening[None] / opening.square().sum()
            attention.o_proj.weight[:, rows] = copied * (COPY if number == 1 else COPY / 4)
            attention.q_proj.weight[rows] *= 0.3
            attention.k_proj.weight[rows] *= 0.3
            if number > 1 or index == heads - 1:
                continue
            # Present token against the note "one back"; "one back" against "two back"; each in lanes of its own.
            for depth, part in enumerate(lanes[torch.randperm(len(lanes))].chunk(1 + index // 3)):
                spread = torch.linalg.qr(torch.randn(head, head))[0][: len(part)] * MATCH
                attention.q_proj.weight[rows[part]] += spread @ (content if depth == 0 else notes[depth - 1])
                attention.k_proj.weight[rows[part]] += spread @ notes[depth]
            # Nothing alike earlier: attend to the first token, whose value is the flag alone.
            attention.q_proj.bias[rows[sink]] = SINK
            attention.k_proj.weight[rows[sink]] += SINK * opening / opening.norm()
            if index == 0:
                attention.v_proj.weight[rows[-1]] = opening / opening.norm() / 10
                attention.o_proj.weight[:, rows[-1]] = flag * 0.4
    # One head of the next layer, at the start of a thought, looks at what the text and the question share.
    chooser = model.layers[2].self_attn
    start = model.embedding.piece[model.embedding.piece_of[model.tokens.index('{"thought":"')]]
    chooser.q_proj.weight[sink] += 2 * start / start.norm()
    chooser.k_proj.weight[sink] -= 4 * flag
    chooser.o_proj.weight[:, :head] *= 4
