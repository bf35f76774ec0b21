"""The weights of an exported model, taken over by a network: training goes on from what ships.

What the export has put together (a token's own vector and what its features add) stays together;
what the file does not know yet (newer tokens and rows) begins as the network had it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from bandmate.loops.model import conditioning, positions
from bandmate.loops.model import vocabulary as v
from network import LoopNetwork


def take_over(network: LoopNetwork, path: Path) -> None:
    """Fill a network with the weights of an exported model.

    The widths must be the same; further blocks of the network begin as if they were not there.
    """
    model = onnx.load(path)
    weights = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    facts = {each.key: each.value for each in model.metadata_props}
    layers = int(json.loads(facts["shape"])["layers"])
    with torch.no_grad():
        _embeddings(network, weights)
        network.last_norm.copy_(_tensor(weights["last_norm.weight"]))
        for i, block in enumerate(network.blocks):
            if i < layers:
                _block(block, weights, i)
            else:
                block.attended.weight.zero_()
                block.down.weight.zero_()


def _embeddings(network: LoopNetwork, weights: dict[str, NDArray[np.generic]]) -> None:
    scale = network.shape.width**0.5
    table = _tensor(weights["table"]) / scale
    network.own[: len(table)] = table
    known = network.features[: len(table)].sum(0) > 0
    network.shared[known] = 0
    rows = _tensor(weights["place_table"]) / scale
    copies = v.MUSIC_SIZE + 1
    places, rest = rows[: positions.PLACES], rows[positions.PLACES :]
    network.own_place.copy_(places)
    network.shared_place.zero_()
    music = network.table()[: v.MUSIC_SIZE]
    for turn in network.copied:
        turn.copy_(torch.linalg.lstsq(music, rest[1:copies]).solution)
        rest = rest[copies:]
    network.own_told[: len(rest)] = rest
    assert len(rest) <= conditioning.ROWS


def _block(block: torch.nn.Module, weights: dict[str, NDArray[np.generic]], i: int) -> None:
    block.attention_norm.copy_(_tensor(weights[f"attention_norm_{i}.weight"]))
    block.hidden_norm.copy_(_tensor(weights[f"hidden_norm_{i}.weight"]))
    packed = _matrix(weights, f"packed_{i}")
    queries, keys = block.queries.weight.shape[0], block.keys.weight.shape[0]
    block.queries.weight.copy_(packed[:queries])
    block.keys.weight.copy_(packed[queries : queries + keys])
    block.values.weight.copy_(packed[queries + keys :])
    for name in ("attended", "gate", "up", "down"):
        getattr(block, name).weight.copy_(_matrix(weights, f"{name}_{i}"))


def _matrix(weights: dict[str, NDArray[np.generic]], name: str) -> Tensor:
    """Return a matrix of 8 bits as numbers, (out, in)."""
    blocks = weights[f"{name}.weight"].astype(np.float32) - 128
    scales = weights[f"{name}.scales"].reshape(*blocks.shape[:2], 1)
    return _tensor((blocks * scales).reshape(len(blocks), -1))


def _tensor(values: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.array(values, np.float32))
