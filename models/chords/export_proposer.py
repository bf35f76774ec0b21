"""A checkpoint of the proposer -> the GGUF that ships, its matrices in 8 bits.

    python models/chords/export_proposer.py [out/chords/proposer.pt] [models/chords/proposer.gguf]

The tokens are the pieces of ``chords/proposer/pieces.py``; those that only a prompt holds are
control tokens, which no grammar ever lets through.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np
import torch

from bandmate.chords.proposer.pieces import BEGIN, CONTROLS, ENDED, NONE, PIECES
from data import MODELS, enlist, out_folder
from llama_network import BASE, EPSILON, Llama, LlamaShape

_NAMES = {
    "norm1": "attn_norm", "norm2": "ffn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v",
    "o": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
}  # fmt: skip


def write_gguf(network: Llama, file: Path) -> None:
    """Write a network as GGUF."""
    shape = network.shape
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_name("bandmate proposer")
    writer.add_license("MIT")
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.longest)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(BASE)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    _add_tokens(writer, shape)
    _add_weights(writer, network)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokens(writer: gguf.GGUFWriter, shape: LlamaShape) -> None:
    spare = [f"<spare {number}>" for number in range(len(PIECES), shape.tokens)]
    kinds = [
        gguf.TokenType.NORMAL if piece not in CONTROLS else gguf.TokenType.CONTROL
        for piece in PIECES
    ]
    kinds[NONE] = gguf.TokenType.UNKNOWN
    writer.add_tokenizer_model("llama")
    writer.add_token_list([*PIECES, *spare])
    writer.add_token_scores([-float(number) for number in range(shape.tokens)])
    writer.add_token_types([*kinds, *(gguf.TokenType.UNUSED for _ in spare)])
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(ENDED)
    writer.add_unk_token_id(NONE)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)


def _add_weights(writer: gguf.GGUFWriter, network: Llama) -> None:
    _add(writer, "token_embd.weight", network.embedding.weight)
    _add(writer, "output_norm.weight", network.norm.weight)
    for number, block in enumerate(network.blocks):
        for name, weight in block.named_parameters():
            _add(writer, f"blk.{number}.{_NAMES[name.split('.')[0]]}.weight", weight)


def _add(writer: gguf.GGUFWriter, name: str, weight: torch.Tensor) -> None:
    values = weight.detach().float().numpy().astype(np.float32)
    if values.ndim == 1:
        writer.add_tensor(name, values)
        return
    kind = gguf.GGMLQuantizationType.Q8_0
    writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)


def load(file: Path) -> Llama:
    """Return the network of a checkpoint, ready to run."""
    saved = torch.load(file, weights_only=False, map_location="cpu")
    network = Llama(LlamaShape(**saved["shape"]))
    network.load_state_dict(saved["network"])
    return network.eval()


if __name__ == "__main__":
    given = [Path(arg) for arg in sys.argv[1:]]
    source, target = [
        *given,
        *(out_folder("chords") / "proposer.pt", MODELS / "chords" / "proposer.gguf")[len(given) :],
    ]
    write_gguf(load(source), target)
    enlist(target)
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB")
