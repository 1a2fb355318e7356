"""Checkpoints: folders with safetensors and JSON, no pickle.

config.json           format, model, encoding, fingerprint
tokenizer.json
model.safetensors
optimizer.safetensors and state.json, while training
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from docx_cli.config import EncodingConfig, ModelConfig
from docx_cli.encode import Encoding
from docx_cli.errors import BundleError, FileAccessError
from docx_models.docformerv2 import DocFormerV2


@dataclass
class Loaded:
    """A model with what is needed to feed it."""

    model: DocFormerV2
    encoding: Encoding
    tokenizer_json: str


def save(
    folder: Path,
    loaded: Loaded,
    optimizer: torch.optim.Optimizer | None,
    state: dict[str, Any],
) -> None:
    """Write a checkpoint whole or not at all."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    encoding = loaded.encoding.config
    config = {
        "format": 1,
        "model": loaded.model.config.to_mapping(),
        "encoding": encoding.to_mapping(),
        "fingerprint": encoding.fingerprint(loaded.tokenizer_json.encode()),
    }
    (part / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (part / "tokenizer.json").write_text(loaded.tokenizer_json)
    save_file(loaded.model.state_dict(), part / "model.safetensors")
    if optimizer is not None:
        save_file(_optimizer_tensors(optimizer), part / "optimizer.safetensors")
    (part / "state.json").write_text(json.dumps(state) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def load(folder: Path) -> Loaded:
    """Read model, tokenizer and configuration; the fingerprint must agree."""
    try:
        config = json.loads((folder / "config.json").read_text())
        tokenizer_json = (folder / "tokenizer.json").read_text()
        weights = load_file(folder / "model.safetensors")
    except FileNotFoundError as error:
        raise FileAccessError("is no checkpoint", source=str(folder)) from error
    except (ValueError, SafetensorError) as error:
        raise BundleError(f"the checkpoint is damaged: {error}", source=str(folder)) from error
    lacking = sorted({"model", "encoding", "fingerprint"} - set(config))
    if lacking:
        raise BundleError(f"config.json lacks {', '.join(lacking)}", source=str(folder))
    encoding = EncodingConfig.from_mapping(config["encoding"])
    if encoding.fingerprint(tokenizer_json.encode()) != config["fingerprint"]:
        raise BundleError("encoding or tokenizer changed since training", source=str(folder))
    model = DocFormerV2(ModelConfig.from_mapping(config["model"]))
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise BundleError("the weights do not fit the configuration", source=str(folder)) from error
    return assemble(model, encoding, tokenizer_json)


def assemble(model: DocFormerV2, encoding: EncodingConfig, tokenizer_json: str) -> Loaded:
    """Put a model and its tokenizer together."""
    return Loaded(model, Encoding(encoding, Tokenizer.from_str(tokenizer_json)), tokenizer_json)


def restore_optimizer(folder: Path, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Load the optimizer's state and return the training state."""
    tensors = load_file(folder / "optimizer.safetensors")
    parameters = _parameters(optimizer)
    for i, parameter in enumerate(parameters):
        state = {k.split(".", 1)[1]: v for k, v in tensors.items() if k.startswith(f"{i}.")}
        if state:
            # AdamW's step count lives on the CPU wherever the parameter is, unless fused.
            optimizer.state[parameter] = {k: v.to(parameter.device) for k, v in state.items()}
    return json.loads((folder / "state.json").read_text())  # type: ignore[no-any-return]


def latest(run: Path) -> Path | None:
    """Return the newest complete checkpoint of a run."""
    found = sorted(p for p in run.glob("step-*") if not p.name.endswith(".part"))
    return found[-1] if found else None


def prune(run: Path, keep: Path) -> None:
    """Delete all step checkpoints of a run but one."""
    for path in run.glob("step-*"):
        if path != keep:
            shutil.rmtree(path)


def _parameters(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [p for group in optimizer.param_groups for p in group["params"]]


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    items: Iterable[tuple[int, torch.Tensor]] = enumerate(_parameters(optimizer))
    return {
        f"{i}.{key}": value.contiguous().cpu()
        for i, parameter in items
        for key, value in optimizer.state.get(parameter, {}).items()
    }
