"""A recogniser's ONNX file cut in two before its last layer, which few steps need in full.

PP-OCR's recogniser tells 18,710 characters apart at each step of a line, which takes a tenth of
its time and 75 kB of memory a step. A page in one language shows a hundred of them, and most
steps show none. The file is taken apart as protobuf (protobuf.dev/programming-guides/encoding);
the package `onnx` is for building models, and is not there where they are run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

# Numbers of fields in onnx.proto.
_GRAPH, _METADATA = 7, 14  # of a model
_NODE, _CALLED, _INITIALIZER, _INPUT, _OUTPUT = 1, 2, 5, 11, 12  # of a graph
_TAKES, _GIVES, _OPERATOR = 1, 2, 4  # of a node
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9  # of a tensor
_FLOAT = 1

Bytes: TypeAlias = bytes | memoryview

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5  # protobuf's wire types


class Parts(NamedTuple):
    """Two models made of one.

    `steps` turns a picture into logits of some classes, [1, T, some], and features, [1, T, F];
    `classes` turns features into probabilities of all classes, [1, T, all].
    """

    steps: bytes
    classes: bytes


class _Field(NamedTuple):
    number: int
    value: memoryview  # of a varint, its bytes
    whole: memoryview  # with its number and length


class _Node(NamedTuple):
    operator: str
    takes: list[str]
    gives: str
    whole: memoryview


def characters(model: Bytes) -> list[str]:
    """Return what a recogniser's metadata call its characters, in the order of its classes.

    Raises:
        ValueError: they name none.
    """
    for entry in _values(model, _METADATA):
        if _text(entry, 1) == "character":
            return _text(entry, 2).split("\n")
    raise ValueError("its metadata name no characters")


def split(model: Bytes, some: Sequence[int]) -> Parts:
    """Cut a model before its last layer: a product, a sum, and a softmax over classes.

    Args:
        model: an ONNX file's contents, with its weights.
        some: the classes that are wanted at every step.

    Raises:
        ValueError: it does not end in such a layer.
    """
    (graph,) = _values(model, _GRAPH)
    nodes = [_node(field) for field in _fields(graph) if field.number == _NODE]
    softmax, total, product = _last_layer(nodes, _text(_values(graph, _OUTPUT)[0], 1))
    features, *layer = product.takes[0], product.takes[1], total.takes[1]
    tensors = {_text(t, _NAME): t for t in _values(graph, _INITIALIZER)}
    picture = [field.whole for field in _fields(graph) if field.number == _INPUT]
    rest = [field.whole for field in _fields(model) if field.number != _GRAPH]

    def made(*parts: Bytes) -> bytes:
        parts = (_field(_CALLED, b"part"), *parts)
        return b"".join([*rest, _head(_GRAPH, sum(map(len, parts))), *parts])

    few = (_of_some(t, some) if n in layer else t for n, t in tensors.items())
    return Parts(
        made(
            *(node.whole for node in nodes if node != softmax),
            *_initializers(few),
            *picture,
            _float(_OUTPUT, softmax.takes[0]),
            _float(_OUTPUT, features),
        ),
        made(
            *(node.whole for node in nodes[nodes.index(product) :]),
            *_initializers(tensors[name] for name in layer),
            _float(_INPUT, features),
            _float(_OUTPUT, softmax.gives),
        ),
    )


def _last_layer(nodes: Sequence[_Node], output: str) -> list[_Node]:
    """Return the softmax that gives the output, the sum before it, and the product before that."""
    found, name = [], output
    for operator in ("Softmax", "Add", "MatMul"):
        *_, node = (node for node in nodes if node.gives == name)
        while node.operator == "Identity":
            *_, node = (before for before in nodes if before.gives == node.takes[0])
        if node.operator != operator:
            raise ValueError(f"it ends in {node.operator}, not in a layer of classes")
        found.append(node)
        name = node.takes[0]
    return found


def _of_some(tensor: Bytes, some: Sequence[int]) -> bytes:
    """Cut a tensor of floats down to some of its last axis."""
    dims = [_number(dim) for dim in _values(tensor, _DIMS)]
    raw = _values(tensor, _RAW)[0]
    cut = np.frombuffer(raw, "<f4").reshape(dims)[..., list(some)]
    return b"".join([
        *(_field(_DIMS, dim) for dim in cut.shape),
        _field(_TYPE, _FLOAT),
        _field(_NAME, _text(tensor, _NAME).encode()),
        _field(_RAW, cut.tobytes()),
    ])  # fmt: skip


def _initializers(tensors: Iterable[Bytes]) -> Iterator[Bytes]:
    for tensor in tensors:
        yield from (_head(_INITIALIZER, len(tensor)), tensor)


def _float(number: int, name: str) -> bytes:
    """Declare an input or an output: floats, on three axes of any length."""
    tensor = _field(1, _FLOAT) + _field(2, 3 * _field(1, b""))
    return _field(number, _field(1, name.encode()) + _field(2, _field(1, tensor)))


def _node(field: _Field) -> _Node:
    takes = [str(value, "utf-8") for value in _values(field.value, _TAKES)]
    return _Node(_text(field.value, _OPERATOR), takes, _text(field.value, _GIVES), field.whole)


def _values(message: Bytes, number: int) -> list[memoryview]:
    return [field.value for field in _fields(message) if field.number == number]


def _text(message: Bytes, number: int) -> str:
    return b"".join(_values(message, number)[:1]).decode()


def _fields(message: Bytes) -> Iterator[_Field]:
    """Take a message apart, without copying."""
    message, at = memoryview(message), 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        begin = at
        if wire == _VARINT:
            _, at = _varint(message, at)
        elif wire == _BYTES:
            length, begin = _varint(message, at)
            at = begin + length
        elif wire in (_EIGHT, _FOUR):
            at += 8 if wire == _EIGHT else 4
        else:
            raise ValueError(f"wire type {wire} in it")
        yield _Field(number, message[begin:at], message[start:at])


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the lowest first, and where it ends."""
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at


def _number(varint: memoryview) -> int:
    return _varint(varint, 0)[0]


def _field(number: int, value: Bytes | int) -> bytes:
    """Put a field together: bytes with their length, or a number."""
    if isinstance(value, int):
        return _coded(number << 3 | _VARINT) + _coded(value)
    return _head(number, len(value)) + bytes(value)


def _head(number: int, length: int) -> bytes:
    """Begin a field of so many bytes."""
    return _coded(number << 3 | _BYTES) + _coded(length)


def _coded(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
