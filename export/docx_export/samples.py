"""What a graph's weights are multiplied with on sample pages.

The samples must be pages: random words on a page moved the answers further from float32's than
plain rounding did. Too few would be fitted to their own noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper

from docx_cli.encode import Encoding
from docx_export.rounding import Seen
from docx_models.records import Pack

Feeds = dict[str, NDArray[Any]]

PAGES = 60
"""Pages looked at, evenly spread over a pack: some 20,000 subwords."""


def sample_feeds(encoding: Encoding, folder: Path) -> Iterator[Feeds]:
    """Make inputs of the encoder's graph from a pack: a window with its page's questions each.

    Raises:
        FileAccessError: the folder holds no page records.
    """
    pack = Pack(folder)
    for number in range(0, len(pack), max(1, len(pack) // PAGES)):
        record = pack[number]
        asked = [q.question for q in record.questions if encoding.takes_question(q.question)]
        for window in encoding.encode(record.words, asked, record.picture())[0]:
            if not len(window.question_positions):
                continue  # the graph wants a question
            arrays: Feeds = {
                "input_ids": window.input_ids,
                "boxes": window.boxes,
                "positions": window.positions,
                "groups": window.groups,
                "picture": window.picture,
                "question_positions": window.question_positions,
            }
            yield {name: array[None] for name, array in arrays.items()}


def inputs_of_weights(path: Path, feeds: Iterable[Feeds]) -> dict[str, Seen]:
    """Run a float32 graph; return by weight what its matrix products multiply it with."""
    model = onnx.load(path)
    weights = {i.name for i in model.graph.initializer if len(i.dims) == 2}
    products = [n for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in weights]
    places = list(dict.fromkeys(node.input[0] for node in products))
    del model.graph.output[:]
    model.graph.output.extend(
        helper.make_tensor_value_info(place, TensorProto.FLOAT, None) for place in places
    )
    options = ort.SessionOptions()
    options.log_severity_level = 3
    graph = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    wanted = [i.name for i in graph.get_inputs()]
    seen: dict[str, Seen] = {}
    for feed in feeds:
        outputs = graph.run(places, {name: feed[name] for name in wanted})
        for place, output in zip(places, outputs, strict=True):
            rows = output.reshape(-1, output.shape[-1])
            sums = (rows.T @ rows).astype(np.float64)
            largest = np.abs(rows).max(axis=0)
            if place in seen:
                sums += seen[place].products
                largest = np.maximum(largest, seen[place].largest)
            seen[place] = Seen(sums, largest)
    return {node.input[1]: seen[node.input[0]] for node in products}
