"""DocFormerV2 in one file.

Appalaraju et al., "DocFormerv2: Local Features for Document Understanding", AAAI 2024
(arXiv 2306.01733): a T5-style encoder-decoder whose encoder reads visual tokens and the words
of a page together with where they stand. Also used here:

- T5 and its v1.1 changes: Raffel et al., JMLR 2020 (arXiv 1910.10683); Shazeer 2020 (2002.05202).
- Pointer-generator: See et al., ACL 2017 (arXiv 1704.04368).
- Attention by relative place: Xu et al., LayoutLMv2, ACL 2021 (arXiv 2012.14740); as waves,
  after Vaswani et al., 2017 (arXiv 1706.03762) and Su et al., RoFormer (arXiv 2104.09864).
- MiniLM, whose weights the size `mini` starts from: Wang et al. 2020 (arXiv 2002.10957).

Shapes: B pages, V visual tokens, T text tokens (the page's, then the packed questions'),
S = V + T, Q questions, L span lengths, W words, R relations, H heads, D width of a head,
C width of a state, P width of a head's projection, N decoder tokens a question.

Page tokens never see the questions and questions see the page in every layer, so a page's
states do not depend on what is asked and any number of questions share one pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from docx_cli.config import ModelConfig
from docx_models.attention import BlockwiseAttention

BLOCKED = -30_000.0
"""Added to attention scores that must not be seen; finite, so that no row becomes NaN."""

PICTURE_STEM = 64
"""Channels of the convolution that the page picture goes through first."""


class PageInputs(NamedTuple):
    """What the encoder reads; `docx_cli.encode` makes it, row by row."""

    input_ids: Tensor  # [B, T] int64
    boxes: Tensor  # [B, T, 4] int64, 0..box_scale
    positions: Tensor  # [B, T] int64, counted from 0 in the page and again in each question
    groups: Tensor  # [B, T] int64: 0 page, 1..Q questions, -1 padding
    picture: Tensor  # [B, rows, columns] uint8, 255 is white
    question_positions: Tensor  # [B, Q] int64, where each question's own token stands in T


class Memory(NamedTuple):
    """What the encoder leaves for the heads and the decoder."""

    states: Tensor  # [B, S, C]
    cross_keys: Tensor  # [layers, B, H, S, D]
    cross_values: Tensor  # [layers, B, H, S, D]
    copy_keys: Tensor  # [B, T, P]
    drawn: Tensor  # [B, V] bool, visual tokens that show something


class Tokens(NamedTuple):
    """What the encoder's layers read; blank patches are of group -1, as padding is."""

    x: Tensor  # [B, S, C], embeddings
    groups: Tensor  # [B, S]
    positions: Tensor  # [B, S]
    boxes: Tensor  # [B, S, 4]


class SpanScores(NamedTuple):
    """Parts of score(q, s, l) = start[q, s] + end[q, s + l] + band[s, l]."""

    start: Tensor  # [B, Q, T]
    end: Tensor  # [B, Q, T]
    band: Tensor  # [B, T, L]
    absent: Tensor  # [B, Q]
    compose: Tensor  # [B, Q]: the decoder must put the answer together


class RMSNorm(nn.Module):
    """Root mean square norm as in T5: no mean, no bias."""

    def __init__(self, width: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """[..., C] -> [..., C]."""
        variance = x.float().pow(2).mean(-1, keepdim=True)
        return self.weight * (x.float() * torch.rsqrt(variance + self.eps)).to(x.dtype)


class SpatialEmbedding(nn.Module):
    """Learned embeddings of x1, y1, x2, y2, width and height, summed.

    A `spatial_width` below the state's width adds a projection that starts at zero, so that a
    warm-started encoder begins exactly as the language model it came from.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.scale = config.box_scale
        self.tables = nn.ModuleList(
            nn.Embedding(config.box_scale + 1, config.spatial_width) for _ in range(6)
        )
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.02)  # type: ignore[arg-type]
        self.projection: nn.Module = nn.Identity()
        if config.spatial_width != config.width:
            self.projection = nn.Linear(config.spatial_width, config.width, bias=False)
            nn.init.zeros_(self.projection.weight)

    def forward(self, boxes: Tensor) -> Tensor:
        """Boxes [B, T, 4] -> embeddings [B, T, C]."""
        x0, y0, x1, y1 = boxes.unbind(-1)  # each [B, T]
        parts = (x0, y0, x1, y1, (x1 - x0).clamp(min=0), (y1 - y0).clamp(min=0))
        total = self.tables[0](parts[0])
        for table, part in zip(self.tables[1:], parts[1:], strict=True):
            total = total + table(part)
        return self.projection(total)  # type: ignore[no-any-return]


class VisualTokens(nn.Module):
    """The page picture through a small convolution and a linear projection."""

    patch_boxes: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        rows = config.visual_rows
        columns = config.visual_tokens // rows
        stride_y = config.picture_height // (rows * 4)
        stride_x = config.picture_width // (columns * 4)
        self.grid = (rows, columns)
        self.least_ink = config.least_ink
        self.stem = nn.Conv2d(1, PICTURE_STEM, (stride_y, stride_x), (stride_y, stride_x))
        self.projection = nn.Linear(PICTURE_STEM * 16, config.width)
        nn.init.normal_(self.projection.weight, std=0.02)
        scale = config.box_scale
        boxes = [
            [c * scale // columns, r * scale // rows, (c + 1) * scale // columns,
             (r + 1) * scale // rows]
            for r in range(rows)
            for c in range(columns)
        ]  # fmt: skip
        # On the CPU even while a model is laid out on the meta device: it is a constant.
        self.register_buffer("patch_boxes", torch.tensor(boxes), persistent=False)

    def drawn(self, picture: Tensor) -> Tensor:
        """Pictures [B, rows, columns] -> which patches show something, [B, V] bool."""
        rows, columns = self.grid
        patches = picture.reshape(len(picture), rows, -1, columns, picture.shape[2] // columns)
        ink = 255 - patches.amin(dim=(2, 4)).long()  # [B, rows, columns]
        return (ink >= self.least_ink).flatten(1)

    def forward(self, picture: Tensor) -> Tensor:
        """Pictures [B, rows, columns] -> visual tokens [B, V, C]."""
        ink = 1.0 - picture.to(self.projection.weight.dtype).unsqueeze(1) / 255.0  # [B, 1, h, w]
        x = F.gelu(self.stem(ink))  # [B, 64, rows * 4, columns * 4]
        rows, columns = self.grid
        x = x.reshape(x.shape[0], PICTURE_STEM, rows, 4, columns, 4)
        x = x.permute(0, 2, 4, 1, 3, 5).reshape(x.shape[0], rows * columns, PICTURE_STEM * 16)
        return self.projection(x)  # type: ignore[no-any-return]


class Places(NamedTuple):
    """Where tokens stand, as waves along x and y; A phases, half of them along x."""

    own: Tensor  # [B, 2, S, A]: cos and sin, of phase 0 for what stands nowhere
    seen: Tensor  # [B, 1, S, 2A]: cos, then sin; 0 for what stands nowhere


class Waves(nn.Module):
    """Places as phases, so that attention can learn where to look.

    A token at phase t looks for tokens at phase u with a cos(u - t) + b sin(u - t), summed over
    wavelengths. a and b come from its state: a value can look left and up for its label, and a
    question, which stands at phase 0, for the row and column that it has read about. The sum is
    a dot product of waves, so that no table of distances [S, S] is looked up.
    """

    LONGEST, SHORTEST = 2.0, 0.03  # of a page: from one end to the other down to a line

    wavelengths: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        steps = torch.linspace(0.0, 1.0, config.spatial_waves)
        lengths = self.LONGEST * (self.SHORTEST / self.LONGEST) ** steps * config.box_scale
        # On the CPU even while a model is laid out on the meta device: it is a constant.
        self.register_buffer("wavelengths", lengths, persistent=False)
        self.embedding = nn.Linear(4 * config.spatial_waves, config.width, bias=False)
        nn.init.zeros_(self.embedding.weight)

    def embed(self, places: Places) -> Tensor:
        """Places as part of the tokens' embeddings, [B, S, C].

        The spatial tables keep a vector a coordinate, from which no layer can work out a phase;
        who has read these can look for the same place.
        """
        return self.embedding(places.seen.squeeze(1))  # type: ignore[no-any-return]

    def forward(self, boxes: Tensor) -> Places:
        """Boxes [B, S, 4] -> the places of their middles; an empty box stands nowhere."""
        middles = (boxes[..., :2] + boxes[..., 2:]).float() / 2  # [B, S, 2]
        turns = middles.unsqueeze(-1) / self.wavelengths  # [B, S, 2, waves]
        phases = (turns * (2 * math.pi)).flatten(2)
        cos, sin = phases.cos(), phases.sin()
        somewhere = (boxes.sum(-1, keepdim=True) > 0).float()
        seen = torch.cat([cos, sin], dim=-1) * somewhere
        return Places(torch.stack([cos, sin], dim=1), seen.unsqueeze(1))


def attend(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    """Queries and keys [B, H, N or S, E], values [B, H, S, D], bias as [B, H, N, S] -> values."""
    if keys.shape[-1] == values.shape[-1] or torch.compiler.is_exporting():
        return F.scaled_dot_product_attention(queries, keys, values, attn_mask=bias, scale=1.0)
    # The fused kernel takes one width only, and what stands in for it takes twice as long.
    if queries.device.type == "cpu" and not bias.requires_grad and bias.shape[1] == 1:
        return BlockwiseAttention.apply(queries, keys, values, bias)  # type: ignore[no-any-return, no-untyped-call]
    return (queries @ keys.transpose(2, 3) + bias).softmax(-1) @ values


class Attention(nn.Module):
    """Multi-head attention; `bert` scales by 1/sqrt(D) and has biases, T5 neither.

    With `waves` it also looks by place (see `Waves`); these weights start at zero, so that
    attention begins exactly as it is without them.
    """

    def __init__(self, config: ModelConfig, bert: bool, waves: int = 0) -> None:
        super().__init__()
        inner = config.heads * config.head_width
        self.heads, self.head_width = config.heads, config.head_width
        self.scale = config.head_width**-0.5 if bert else 1.0
        self.q = nn.Linear(config.width, inner, bias=bert)
        self.k = nn.Linear(config.width, inner, bias=bert)
        self.v = nn.Linear(config.width, inner, bias=bert)
        self.o = nn.Linear(inner, config.width, bias=bert)
        self.waves = nn.Linear(config.width, config.heads * 4 * waves) if waves else None
        if self.waves is not None:
            nn.init.zeros_(self.waves.weight)
            nn.init.zeros_(self.waves.bias)

    def split(self, x: Tensor) -> Tensor:
        """[B, S, H * D] -> [B, H, S, D]."""
        return x.reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def keys_values(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Return K and V of `source` [B, S, C], each [B, H, S, D]."""
        return self.split(self.k(source)), self.split(self.v(source))

    def forward(
        self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor, places: Places | None = None
    ) -> Tensor:
        """States [B, N, C], keys and values [B, H, S, D], bias as [B, H, N, S] -> [B, N, C]."""
        queries = self.split(self.q(x)) * self.scale
        if places is not None:
            seen = places.seen.to(keys.dtype).expand(-1, self.heads, -1, -1)
            keys = torch.cat([keys, seen], dim=-1)
            queries = torch.cat([queries, self.looking(x, places)], dim=-1)
        mixed = attend(queries, keys, values, bias.to(queries.dtype))
        return self.o(mixed.transpose(1, 2).reshape(x.shape[0], x.shape[1], -1))  # type: ignore[no-any-return]

    def looking(self, x: Tensor, places: Places) -> Tensor:
        """Where tokens look, from their states [B, S, C]: [B, H, S, 2A]."""
        assert self.waves is not None
        ahead, aside = self.split(self.waves(x)).chunk(2, dim=-1)  # each [B, H, S, A]
        cos, sin = places.own.to(ahead.dtype).unsqueeze(2).unbind(1)  # each [B, 1, S, A]
        return torch.cat([ahead * cos - aside * sin, ahead * sin + aside * cos], dim=-1)


class GatedFeedForward(nn.Module):
    """T5 v1.1's gated GELU, without biases."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, inner, bias=False)
        self.up = nn.Linear(width, inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[B, S, C] -> [B, S, C]."""
        return self.down(F.gelu(self.gate(x), approximate="tanh") * self.up(x))  # type: ignore[no-any-return]


class BertLayer(nn.Module):
    """Post-norm layer with biases (Devlin et al., arXiv 1810.04805)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention = Attention(config, bert=True, waves=config.spatial_waves)
        self.norm1 = nn.LayerNorm(config.width, eps=1e-12)
        self.up = nn.Linear(config.width, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, config.width)
        self.norm2 = nn.LayerNorm(config.width, eps=1e-12)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, bias: Tensor, places: Places | None) -> Tensor:
        """[B, S, C] -> [B, S, C]; bias as [B, H, S, S]."""
        mixed = self.attention(x, *self.attention.keys_values(x), bias, places)
        x = self.norm1(x + self.dropout(mixed))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))  # type: ignore[no-any-return]


class T5Layer(nn.Module):
    """Pre-norm encoder layer."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm1 = RMSNorm(config.width)
        self.attention = Attention(config, bert=False, waves=config.spatial_waves)
        self.norm2 = RMSNorm(config.width)
        self.feed_forward = GatedFeedForward(config.width, config.feed_forward)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, bias: Tensor, places: Places | None) -> Tensor:
        """[B, S, C] -> [B, S, C]; bias as [B, H, S, S]."""
        h = self.norm1(x)
        x = x + self.dropout(self.attention(h, *self.attention.keys_values(h), bias, places))
        return x + self.dropout(self.feed_forward(self.norm2(x)))  # type: ignore[no-any-return]


class DecoderLayer(nn.Module):
    """T5 decoder layer: self-attention over the answer so far, then over the page."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm1 = RMSNorm(config.width)
        self.attention = Attention(config, bert=False)
        self.norm2 = RMSNorm(config.width)
        self.cross = Attention(config, bert=False)
        self.norm3 = RMSNorm(config.width)
        self.feed_forward = GatedFeedForward(config.width, config.decoder_feed_forward)
        self.dropout = nn.Dropout(config.dropout)


def bucket(distance: Tensor, buckets: int, limit: int, two_sided: bool) -> Tensor:
    """Map signed distances (key minus query) to T5's logarithmic buckets, 0..buckets-1."""
    offset = torch.zeros_like(distance)
    if two_sided:
        buckets //= 2
        offset = (distance > 0).long() * buckets
        distance = distance.abs()
    else:
        distance = (-distance).clamp(min=0)
    exact = buckets // 2
    ratio = torch.log(distance.clamp(min=1).float() / exact) / math.log(limit / exact)
    far = (exact + (ratio * (buckets - exact)).long()).clamp(max=buckets - 1)
    return offset + torch.where(distance < exact, distance, far)


class RelativeBias(nn.Module):
    """A learned bias a head for each bucket of a signed distance (T5)."""

    def __init__(self, config: ModelConfig, two_sided: bool, limit: int) -> None:
        super().__init__()
        self.table = nn.Embedding(config.relative_buckets, config.heads)
        nn.init.normal_(self.table.weight, std=0.02)
        self.two_sided, self.limit = two_sided, limit

    def forward(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Positions [B, N] and [B, S] -> bias [B, H, N, S]."""
        distance = keys.unsqueeze(-2) - queries.unsqueeze(-1)
        ids = bucket(distance, self.table.num_embeddings, self.limit, self.two_sided)
        return self.table(ids).permute(0, 3, 1, 2)  # type: ignore[no-any-return]


class Encoder(nn.Module):
    """Embeddings and layers; `mini` is BERT-shaped, the larger sizes are T5."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.bert = config.encoder_style == "bert"
        self.tokens = nn.Embedding(config.vocabulary, config.width)
        nn.init.normal_(self.tokens.weight, std=0.02 if self.bert else 1.0)
        self.spatial_text = SpatialEmbedding(config)
        self.modality = nn.Embedding(3, config.width)  # picture, page text, question
        nn.init.zeros_(self.modality.weight)
        if config.visual_tokens:
            self.spatial_visual = SpatialEmbedding(config)
            self.visual = VisualTokens(config)
        self.visual_tokens = config.visual_tokens
        self.norm: nn.Module
        if self.bert:
            self.positions = nn.Embedding(config.positions, config.width)
            nn.init.normal_(self.positions.weight, std=0.02)
            self.norm = nn.LayerNorm(config.width, eps=1e-12)
            self.layers = nn.ModuleList(BertLayer(config) for _ in range(config.encoder_layers))
        else:
            self.relative = RelativeBias(config, True, config.relative_distance)
            self.norm = RMSNorm(config.width)
            self.layers = nn.ModuleList(T5Layer(config) for _ in range(config.encoder_layers))
        self.waves = Waves(config) if config.spatial_waves else None
        self.dropout = nn.Dropout(config.dropout)

    def embed(self, page: PageInputs) -> Tokens:
        """Return the tokens of picture and text."""
        batch = page.input_ids.shape[0]
        modality = 1 + (page.groups > 0).long()
        x = self.tokens(page.input_ids) + self.spatial_text(page.boxes) + self.modality(modality)
        groups, positions, boxes = page.groups, page.positions, page.boxes
        if self.bert:
            x = x + self.positions(positions)
        if self.visual_tokens:
            patches = self.visual.patch_boxes.unsqueeze(0).expand(batch, -1, -1)
            seen = self.visual(page.picture) + self.spatial_visual(patches)
            x = torch.cat([(seen + self.modality.weight[0]).to(x.dtype), x], dim=1)
            start = self.visual.drawn(page.picture).long() - 1  # 0 page, -1 seen by nobody
            groups = torch.cat([start, groups], dim=1)
            # The picture stands before the text: positions -V..-1, for the T5 bias only.
            order = torch.arange(-self.visual_tokens, 0, device=x.device).expand(batch, -1)
            positions = torch.cat([order, positions], dim=1)
            boxes = torch.cat([patches, boxes], dim=1)
        return Tokens(x, groups, positions, boxes)

    def attention_bias(self, groups: Tensor, positions: Tensor) -> Tensor:
        """Mask and, for T5, relative bias, [B, 1 or H, S, S]."""
        asked, seen = groups.unsqueeze(2), groups.unsqueeze(1)
        allowed = (seen == 0) | ((asked == seen) & (seen > 0))
        bias = torch.where(allowed, 0.0, BLOCKED).unsqueeze(1)
        if not self.bert:
            bias = bias + self.relative(positions, positions)
        return bias

    def forward(self, tokens: Tokens) -> Tensor:
        """Return the states of all tokens, [B, S, C]."""
        x, groups, positions, boxes = tokens
        bias = self.attention_bias(groups, positions)
        places = None
        if self.waves is not None:
            places = self.waves(boxes)
            x = x + self.waves.embed(places)
        if self.bert:
            x = self.norm(x)
        x = self.dropout(x)
        for layer in self.layers:
            x = layer(x, bias, places)
        return x if self.bert else self.dropout(self.norm(x))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """T5 decoder with a pointer-generator's copy distribution over the page's subwords."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.decoder_layers))
        self.relative = RelativeBias(config, False, config.relative_distance)
        self.norm = RMSNorm(config.width)
        self.dropout = nn.Dropout(config.dropout)
        if config.copy:
            self.copy_query = nn.Linear(config.width, config.head_projection, bias=False)
            self.copy_key = nn.Linear(config.width, config.head_projection, bias=False)
            self.gate = nn.Linear(config.width, 1)
        self.copy = config.copy

    def each_layer(self) -> Iterator[DecoderLayer]:
        """Iterate over the layers as what they are; a ModuleList knows only modules."""
        return cast("Iterator[DecoderLayer]", iter(self.layers))

    def step(
        self,
        x: Tensor,
        past: Tensor | None,
        cross_keys: Tensor,
        cross_values: Tensor,
        cross_bias: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Decode N new tokens a question behind `past`.

        Args:
            x: embeddings of the new tokens, [Q, N, C].
            past: self-attention K and V so far, [2, layers, Q, H, n, D], or None.
            cross_keys: [layers, Q or 1, H, S, D].
            cross_values: the same.
            cross_bias: which of the memory each question sees, [Q, 1, 1, S].

        Returns:
            states [Q, N, C] and the longer cache [2, layers, Q, H, n + N, D].
        """
        done = 0 if past is None else past.shape[4]
        order = torch.arange(done + x.shape[1], device=x.device).unsqueeze(0)
        queries = order[:, done:]
        bias = self.relative(queries, order)
        later = order.unsqueeze(1) > queries.unsqueeze(2)
        bias = bias + torch.where(later, BLOCKED, 0.0).unsqueeze(1)
        keys_out, values_out = [], []
        for i, layer in enumerate(self.each_layer()):
            h = layer.norm1(x)
            keys, values = layer.attention.keys_values(h)
            if past is not None:
                keys = torch.cat([past[0, i], keys], dim=2)
                values = torch.cat([past[1, i], values], dim=2)
            keys_out.append(keys)
            values_out.append(values)
            x = x + layer.dropout(layer.attention(h, keys, values, bias))
            shape = (x.shape[0], *cross_keys.shape[2:])
            h = layer.cross(
                layer.norm2(x), cross_keys[i].expand(shape), cross_values[i].expand(shape),
                cross_bias,
            )  # fmt: skip
            x = x + layer.dropout(h)
            x = x + layer.dropout(layer.feed_forward(layer.norm3(x)))
        return self.norm(x), torch.stack([torch.stack(keys_out), torch.stack(values_out)])

    def copy_scores(self, states: Tensor, copy_keys: Tensor, copy_bias: Tensor) -> Tensor:
        """Score every text position, [Q, N, T], from states [Q, N, C] and keys [Q or 1, T, P]."""
        scale = copy_keys.shape[-1] ** -0.5
        return self.copy_query(states) @ copy_keys.transpose(1, 2) * scale + copy_bias  # type: ignore[no-any-return]


class SpanHead(nn.Module):
    """Scores answer spans: their start, their end, and whether both belong together.

    The three parts are added and normalised over all spans of the page, "absent" and
    "compose" at once, so that scores of windows compare through "absent".
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, inner = config.width, config.head_projection
        self.length = config.span_length
        self.start_query = nn.Linear(width, inner)
        self.start_key = nn.Linear(width, inner)
        self.end_query = nn.Linear(width, inner)
        self.end_key = nn.Linear(width, inner)
        self.band_start = nn.Linear(width, inner)
        self.band_end = nn.Linear(width, inner)
        self.band_length = nn.Parameter(torch.zeros(config.span_length))
        self.outcome = nn.Linear(width, 2)  # absent, compose
        self.scale = inner**-0.5

    def forward(self, text: Tensor, asked: Tensor, on_page: Tensor) -> SpanScores:
        """Text states [B, T, C], questions' states [B, Q, C], on_page [B, T] bool -> scores."""
        outside = torch.where(on_page, 0.0, BLOCKED).unsqueeze(1)  # [B, 1, T]
        start = self.start_query(asked) @ self.start_key(text).transpose(1, 2) * self.scale
        end = self.end_query(asked) @ self.end_key(text).transpose(1, 2) * self.scale
        square = self.band_start(text) @ self.band_end(text).transpose(1, 2) * self.scale
        tokens = text.shape[1]
        index = torch.arange(tokens, device=text.device).unsqueeze(1) + torch.arange(
            self.length, device=text.device
        )  # [T, L]
        inside = index < tokens
        index = torch.where(inside, index, 0).unsqueeze(0).expand(text.shape[0], -1, -1)
        band = torch.gather(square, 2, index) + self.band_length
        band = band + torch.where(inside, 0.0, BLOCKED)
        absent, compose = self.outcome(asked).unbind(-1)
        return SpanScores(start + outside, end + outside, band, absent, compose)


class PairHead(nn.Module):
    """Scores relations between words from their states and where they stand to each other."""

    GEOMETRY = 8

    def __init__(self, config: ModelConfig, relations: int) -> None:
        super().__init__()
        self.relations = relations
        self.scale = config.head_projection**-0.5
        self.box_scale = float(config.box_scale)
        self.first = nn.Linear(config.width, relations * config.head_projection)
        self.second = nn.Linear(config.width, relations * config.head_projection)
        self.geometry = nn.Sequential(
            nn.Linear(self.GEOMETRY, 32), nn.GELU(), nn.Linear(32, relations)
        )

    def between(self, boxes: Tensor) -> Tensor:
        """Boxes [B, W, 4] -> how word j stands to word i, [B, W, W, 8]."""
        x0, y0, x1, y1 = (boxes.float() / self.box_scale).unbind(-1)

        def pair(theirs: Tensor, mine: Tensor) -> Tensor:
            return theirs.unsqueeze(1) - mine.unsqueeze(2)

        height = (y1 - y0).clamp(min=0.004).unsqueeze(2)
        parts = [
            pair(x0, x0), pair(x1, x1), pair(x0, x1), pair(x1, x0),
            pair(y0, y0) / height / 8, pair(y1, y1) / height / 8,
            pair(y0, y1), pair(y1, y0),
        ]  # fmt: skip
        return torch.stack([p.clamp(-1.0, 1.0) * 4 for p in parts], dim=-1)

    def forward(self, words: Tensor, boxes: Tensor) -> Tensor:
        """Words' states [B, W, C] and boxes [B, W, 4] -> logits [B, R, W, W]."""
        batch, count = words.shape[:2]

        def split(x: Tensor) -> Tensor:
            return x.reshape(batch, count, self.relations, -1).transpose(1, 2)

        content = split(self.first(words)) @ split(self.second(words)).transpose(2, 3)
        place = self.geometry(self.between(boxes).to(words.dtype)).permute(0, 3, 1, 2)
        return content * self.scale + place  # type: ignore[no-any-return]


class DocFormerV2(nn.Module):
    """The whole model: encoder, decoder, downstream heads and pre-training heads."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.spans = SpanHead(config)
        self.tags = nn.Linear(config.width, len(config.tags))
        self.pairs = PairHead(config, len(config.relations))
        self.lines = PairHead(config, 3)  # same line, next line, further
        self.grid = nn.Linear(config.width, 16)  # cells of a 4 x 4 grid

    def encode(self, page: PageInputs) -> Memory:
        """Run the encoder and prepare what the decoder reads."""
        tokens = self.encoder.embed(page)
        text = page.input_ids.shape[1]
        return self.memory(self.encoder(tokens), tokens.groups[:, :-text] == 0)

    def memory(self, states: Tensor, drawn: Tensor) -> Memory:
        """What heads and decoder read of the encoder's states [B, S, C]; drawn as in `Memory`."""
        crosses = [layer.cross.keys_values(states) for layer in self.decoder.each_layer()]
        text = states[:, drawn.shape[1] :]
        copy_keys = self.decoder.copy_key(text) if self.config.copy else text[..., :0]
        return Memory(
            states,
            torch.stack([k for k, _ in crosses]),
            torch.stack([v for _, v in crosses]),
            copy_keys,
            drawn,
        )

    def text_states(self, memory: Memory) -> Tensor:
        """States of the text tokens, [B, T, C]."""
        return memory.states[:, memory.drawn.shape[1] :]

    def span_scores(self, memory: Memory, page: PageInputs) -> SpanScores:
        """Score every span for every question."""
        text = self.text_states(memory)
        asked = gather_states(text, page.question_positions)
        # Position 0 is the page's own mark, never part of an answer.
        return self.spans(text, asked, (page.groups == 0) & (page.positions > 0))  # type: ignore[no-any-return]

    def word_scores(
        self, memory: Memory, boxes: Tensor, word_positions: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Tag logits [B, W, tags] and relation logits [B, R, W, W] of the words.

        `word_positions` [B, W] are the text positions of the words' first subwords.
        """
        words = gather_states(self.text_states(memory), word_positions)
        places = gather_states(boxes, word_positions)
        return self.tags(words), self.pairs(words, places)

    def decode(
        self,
        token_ids: Tensor,
        past: Tensor | None,
        memory: Memory,
        groups: Tensor,
        asked: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Decode N tokens for each of Q questions of ONE page.

        Args:
            token_ids: [Q, N] subwords so far not yet in `past`.
            past: the cache, or None at the start.
            memory: of one page (B = 1).
            groups: [1, T], the page's groups.
            asked: [Q], each question's group (0: no question, as in denoising).

        Returns:
            vocabulary logits [Q, N, vocabulary], copy logits [Q, N, T], gate logits [Q, N]
            (positive favours the vocabulary), and the new cache.
        """
        visible = (groups == 0) | ((groups == asked.unsqueeze(1)) & (groups > 0))  # [Q, T]
        drawn = memory.drawn.expand(len(visible), -1)
        seen = torch.cat([drawn, visible], dim=1)
        cross_bias = torch.where(seen, 0.0, BLOCKED).unsqueeze(1).unsqueeze(1)  # [Q, 1, 1, S]
        x = self.decoder.dropout(self.encoder.tokens(token_ids))
        states, cache = self.decoder.step(
            x, past, memory.cross_keys, memory.cross_values, cross_bias
        )
        return *self.output(states, memory.copy_keys, groups), cache

    def output(
        self, states: Tensor, copy_keys: Tensor, groups: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Vocabulary, copy and gate logits of decoder states [Q, N, C]."""
        scale = 1.0 if self.config.encoder_style == "bert" else self.config.width**-0.5
        vocabulary = F.linear(states * scale, self.encoder.tokens.weight)
        if not self.config.copy:
            nothing = states[..., 0]
            return vocabulary, nothing.unsqueeze(-1)[..., :0], nothing * 0 - BLOCKED
        copy_bias = torch.where(groups == 0, 0.0, BLOCKED).unsqueeze(1)  # [1, 1, T]
        copied = self.decoder.copy_scores(states, copy_keys, copy_bias)
        return vocabulary, copied, self.decoder.gate(states).squeeze(-1)


def gather_states(states: Tensor, positions: Tensor) -> Tensor:
    """Pick rows [B, K] out of [B, T, C] -> [B, K, C]."""
    index = positions.unsqueeze(-1).expand(-1, -1, states.shape[-1])
    return torch.gather(states, 1, index)
