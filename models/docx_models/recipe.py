"""A training recipe: a flat TOML file parsed into a dataclass; unknown keys raise."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from docx_cli.config import FlatConfig
from docx_cli.errors import BundleError, FileAccessError

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe(FlatConfig):
    """How one stage is trained."""

    what: ClassVar[str] = "the recipe"

    stage: Literal["pretrain", "finetune"]
    """pretrain: line, grid and denoising; finetune: questions, tags and relations."""
    packs: tuple[str, ...]
    """Folders of records below the data folder."""
    shares: tuple[float, ...]
    """How often each pack is drawn from, in any unit."""
    steps: int
    """Optimizer steps."""
    rows: int
    """Pages a step."""
    seed: int
    """Seed of everything that is drawn."""
    rate_warm: float
    """Peak learning rate of warm-started parameters."""
    rate_new: float
    """Peak learning rate of all others."""
    warm_up: float
    """Share of the steps in which the rate rises; then it falls to zero in a line."""
    weight_decay: float
    """AdamW's, for matrices only."""
    clip: float
    """Largest norm of the gradient."""
    questions: int = 8
    """Questions a page, at most."""
    decoded: int = 3
    """Questions a page that the decoder is trained on, besides those it must compose."""
    target_tokens: int = 24
    """Longest decoder target."""
    pair_words: int = 96
    """Words a page whose relations are scored."""
    shuffle: float = 0.15
    """Share of pages whose words are put in another order than rows."""
    noise: float = 0.0
    """Share of pages whose words are misread as OCR misreads them (`noise.py`)."""
    foreign: int = 0
    """Questions a page that belong to other kinds of documents, at most (`foreign.py`)."""
    page_tokens: int = 640
    """Longest window in subwords; longer pages give one of their windows."""
    masked: float = 0.15
    """Share of subwords masked in denoising."""
    weight_span: float = 1.0
    """Weight of the span loss."""
    weight_decode: float = 0.5
    """Weight of the decoder's loss on answers."""
    weight_tags: float = 0.3
    """Weight of the tagging loss."""
    weight_pairs: float = 1.0
    """Weight of the pair loss."""
    weight_line: float = 0.5
    """Weight of token-to-line."""
    weight_grid: float = 0.25
    """Weight of token-to-grid."""
    weight_denoise: float = 1.0
    """Weight of span denoising."""
    save_every: int = 200
    """Steps between checkpoints."""

    def __post_init__(self) -> None:
        if len(self.packs) != len(self.shares):
            raise BundleError(
                f"the recipe names {len(self.packs)} packs but {len(self.shares)} shares"
            )
        if self.stage not in ("pretrain", "finetune"):
            raise BundleError(f"the recipe's stage is {self.stage!r}: pretrain or finetune")

    def peak_rate(self, warm: bool) -> float:
        """Return the peak learning rate of warm-started or of new parameters."""
        return self.rate_warm if warm else self.rate_new


def load_recipe(name: str, **overrides: object) -> Recipe:
    """Load a recipe by name or path; `overrides` that are not None replace its values."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        known = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise FileAccessError(f"no such recipe (there are: {known})", source=name) from error
    except tomllib.TOMLDecodeError as error:
        raise BundleError(str(error), source=str(path)) from error
    recipe = Recipe.from_mapping(values)
    return dataclasses.replace(recipe, **{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
