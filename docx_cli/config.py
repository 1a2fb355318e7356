"""Configuration of encoding and model: plain dataclasses that import nothing heavy.

`EncodingConfig` has no defaults on purpose: what a model was trained with is
written in its bundle, and nothing is filled in silently. Unknown or missing
keys raise.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from docx_cli.errors import BundleError


@dataclass(frozen=True)
class FlatConfig:
    """A dataclass that is read from and written to a flat mapping, strictly."""

    what: ClassVar[str] = "configuration"

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build from a mapping; raise `BundleError` for unknown or missing keys."""
        fields = {f.name: f for f in dataclasses.fields(cls)}
        unknown = sorted(set(values) - set(fields))
        if unknown:
            raise BundleError(f"{cls.what} has unknown keys: {', '.join(unknown)}")
        missing = sorted(
            name
            for name, f in fields.items()
            if name not in values
            and f.default is dataclasses.MISSING
            and f.default_factory is dataclasses.MISSING
        )
        if missing:
            raise BundleError(f"{cls.what} lacks keys: {', '.join(missing)}")
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})

    def to_mapping(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        raw = dataclasses.asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in raw.items()}


@dataclass(frozen=True)
class EncodingConfig(FlatConfig):
    """How words, boxes and pictures become model inputs."""

    what: ClassVar[str] = "the encoding configuration"

    max_page_tokens: int
    """Subwords of a page in one window, the leading mark included."""
    window_overlap: int
    """Subwords that two neighbouring windows share."""
    max_question_tokens: int
    """Subwords of one question, its mark included; longer ones raise."""
    max_questions: int
    """Questions packed behind one window."""
    box_scale: int
    """Box corners are quantised to 0..box_scale."""
    picture_height: int
    """Rows of the gray page picture that the visual tokens see."""
    picture_width: int
    """Columns of that picture."""
    visual_rows: int
    """Rows of the visual tokens' grid."""
    visual_columns: int
    """Columns of the visual tokens' grid."""

    @property
    def visual_tokens(self) -> int:
        """Number of visual tokens in front of the text."""
        return self.visual_rows * self.visual_columns

    def fingerprint(self, tokenizer_json: bytes) -> str:
        """Return a hash of this configuration and the tokenizer's file."""
        body = json.dumps(self.to_mapping(), sort_keys=True).encode()
        return hashlib.sha256(body + b"\0" + tokenizer_json).hexdigest()[:16]


@dataclass(frozen=True)
class ModelConfig(FlatConfig):
    """The shape of a DocFormerV2 (Appalaraju et al., arXiv 2306.01733)."""

    what: ClassVar[str] = "the model configuration"

    name: str
    """What the size is called: mini, small, base, large."""
    vocabulary: int
    """Subwords the tokenizer knows."""
    width: int
    """Width of a token's state."""
    heads: int
    """Attention heads."""
    head_width: int
    """Width of one head."""
    feed_forward: int
    """Inner width of the encoder's feed-forward layers."""
    encoder_layers: int
    """Layers of the encoder."""
    decoder_layers: int
    """Layers of the decoder."""
    decoder_feed_forward: int
    """Inner width of the decoder's feed-forward layers."""
    encoder_style: Literal["t5", "bert"]
    """t5: pre-norm RMSNorm, relative positions, gated GELU; bert: post-norm, learned positions."""
    spatial_width: int
    """Width of the spatial tables; narrower than `width` adds a projection."""
    box_scale: int
    """Largest box coordinate."""
    visual_tokens: int
    """Visual tokens in front of the text; 0 leaves the picture out."""
    visual_rows: int
    """Rows of their grid."""
    picture_height: int
    """Rows of the page picture."""
    picture_width: int
    """Columns of the page picture."""
    positions: int
    """Learned 1-D positions (bert) of a token in its window."""
    head_projection: int
    """Width of the span and pair heads' projections."""
    span_length: int
    """Longest answer span, in subwords."""
    tags: tuple[str, ...]
    """Classes of the tagging head."""
    relations: tuple[str, ...]
    """Classes of the pair head."""
    relative_buckets: int
    """Buckets of the T5 relative position bias."""
    relative_distance: int
    """Distance beyond which all T5 relative positions share a bucket."""
    copy: bool
    """Pointer-generator decoding: mix the vocabulary with a copy distribution."""
    spatial_waves: int
    """Wavelengths an axis by which the encoder's attention looks by place; 0 leaves them out."""
    dropout: float
    """Dropout while training."""
    least_ink: int = 0
    """How far from white, of 255, a patch's darkest pixel must be for other tokens to see it."""
