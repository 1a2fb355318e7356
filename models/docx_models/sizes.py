"""The four sizes, and the encoding they share.

small, base and large follow T5 v1.1 with tied embeddings and DocFormerV2's spatial tables; base
and large come to about 232 M and 750 M parameters (arXiv 2306.01733, section 4). They build,
export and pass the tests; `mini` is the one that is trained and shipped.
"""

from __future__ import annotations

from dataclasses import replace

from docx_cli.config import EncodingConfig, ModelConfig

TAGS = ("other", "key", "value", "header", "cell", "cell_header")
"""`header` is a section's or the page's title; cells are a table's words."""

RELATIONS = ("key_value", "same_row", "same_column", "same_cell")
"""`key_value` points from key to value; `same_cell` also joins the words of one key or value."""

ENCODING = EncodingConfig(
    max_page_tokens=640,
    window_overlap=128,
    max_question_tokens=48,
    max_questions=16,
    box_scale=1000,
    picture_height=512,
    picture_width=256,
    visual_rows=16,
    visual_columns=8,
)

_T5 = ModelConfig(
    name="small",
    vocabulary=32128,
    width=512,
    heads=6,
    head_width=64,
    feed_forward=1024,
    encoder_layers=8,
    decoder_layers=8,
    decoder_feed_forward=1024,
    encoder_style="t5",
    spatial_width=512,
    box_scale=ENCODING.box_scale,
    visual_tokens=ENCODING.visual_tokens,
    visual_rows=ENCODING.visual_rows,
    picture_height=ENCODING.picture_height,
    picture_width=ENCODING.picture_width,
    positions=1024,
    head_projection=64,
    span_length=64,
    tags=TAGS,
    relations=RELATIONS,
    relative_buckets=32,
    relative_distance=128,
    copy=True,
    spatial_waves=0,
    dropout=0.1,
    least_ink=4,
)

SIZES: dict[str, ModelConfig] = {
    "mini": replace(
        _T5,
        name="mini",
        vocabulary=16384,
        width=384,
        heads=12,
        head_width=32,
        feed_forward=1536,
        encoder_layers=6,
        decoder_layers=2,
        encoder_style="bert",
        spatial_width=128,
        spatial_waves=8,
        dropout=0.0,
    ),
    "small": _T5,
    "base": replace(
        _T5,
        name="base",
        width=768,
        heads=12,
        feed_forward=2048,
        decoder_feed_forward=2048,
        encoder_layers=12,
        decoder_layers=12,
        spatial_width=768,
    ),
    "large": replace(
        _T5,
        name="large",
        width=1024,
        heads=16,
        feed_forward=2816,
        decoder_feed_forward=2816,
        encoder_layers=24,
        decoder_layers=24,
        spatial_width=1024,
    ),
}
