"""The only importer of onnxruntime: runs a bundle's three graphs.

    encoder.onnx   window -> states, decoder memory, span scores
    pairs.onnx     states -> tags and relations of words
    decoder.onnx   one decoding step with its cache

Shapes as in the model: Q questions, T text positions, S = visual tokens + T, W words,
R relations, L span lengths.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from docx_cli.bundle import Bundle
from docx_cli.decode import StepScores
from docx_cli.encode import Ints, WindowInputs
from docx_cli.errors import BundleError
from docx_cli.memory import give_back, huge_pages, keeps

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]
Graph: TypeAlias = "InferenceSession"

_most_threads: int | None = None

EXACT_FLAGS = frozenset(("avx512_vnni", "avx_vnni", "amx_int8"))
"""What /proc/cpuinfo calls the instructions that sum products of bytes in 32 bits."""
_OPSETS = re.compile(r"[Oo]pset (\d+) is under development.*? is till opset (\d+)", re.DOTALL)

ENCODER_INPUTS = ("input_ids", "boxes", "positions", "groups", "picture", "question_positions")
ENCODER_OUTPUTS = (
    "states", "cross_keys", "cross_values", "copy_keys",
    "start", "end", "band", "absent", "compose",
)  # fmt: skip
PAIRS_INPUTS = ("states", "boxes", "word_positions")
PAIRS_OUTPUTS = ("tags", "relations")
DECODER_INPUTS = (
    "token_ids", "past", "cross_keys", "cross_values", "copy_keys", "groups", "asked",
)  # fmt: skip
DECODER_OUTPUTS = ("vocabulary", "copied", "gate", "cache")


@dataclass(frozen=True)
class Encoded:
    """One window after the encoder; Q questions were asked of it."""

    window: WindowInputs
    memory: Mapping[str, Floats]  # states, cross_keys, cross_values, copy_keys; as the graph gave
    start: Floats  # [Q, T]
    end: Floats  # [Q, T]
    band: Floats  # [T, L]
    absent: Floats  # [Q]
    compose: Floats  # [Q]


class Session:
    """A bundle's graphs, each loaded when it is first run."""

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        self.bundle = bundle
        self.threads = threads or usable_cores()
        self._loading: Future[Graph] | None = None
        self._spinning = True
        self._last: list[tuple[Graph, dict[str, NDArray[Any]], tuple[str, ...]]] = []
        """The last run that keeps memory: what was run, what it was fed, and its outputs."""
        keeps(self)
        huge_pages()  # of the thread that runs the graphs; one that loads them has a heap, too

    def prepare(self) -> None:
        """Begin to load the encoder in another thread: it takes as long as to read a page."""
        if self._loading is None and "_encoder" not in self.__dict__:
            beside = ThreadPoolExecutor(1, "model")
            self._loading = beside.submit(self._load, "encoder.onnx")
            beside.shutdown(wait=False)

    def beside_ocr(self, scans: int) -> None:
        """Make way for OCR, of which a document has had so many pages: it wants the cores.

        From the second on, threads do not spin, for Tesseract reads other pages meanwhile. To
        change that costs 0.1 s.
        """
        spinning = scans < 2 or self.threads == 1
        if spinning != self._spinning:
            self._spinning, self._loading = spinning, None
            self.let_go()
            for graph in ("_encoder", "_pairs", "_decoder"):
                self.__dict__.pop(graph, None)
            give_back()

    def _load(self, name: str) -> Graph:
        file, spinning = self.bundle.path / name, self._spinning
        return open_graph(file, self.threads, laid_out=True, spinning=spinning)

    @cached_property
    def _encoder(self) -> Graph:
        self.prepare()
        loading, self._loading = self._loading, None
        assert loading is not None
        try:
            return loading.result()
        finally:
            del loading  # it keeps what was raised, and that keeps this frame and all around it

    @cached_property
    def _pairs(self) -> Graph:
        return self._load("pairs.onnx")

    @cached_property
    def _decoder(self) -> Graph:
        return self._load("decoder.onnx")

    def encode(self, window: WindowInputs) -> Encoded:
        """Run the encoder over one window and its questions."""
        asked = window.question_positions
        # The graph wants at least one question; the page's own mark stands in for none.
        positions = asked if len(asked) else np.zeros(1, dtype=np.int64)
        feeds: dict[str, NDArray[Any]] = {
            "input_ids": window.input_ids,
            "boxes": window.boxes,
            "positions": window.positions,
            "groups": window.groups,
            "picture": window.picture,
            "question_positions": positions,
        }
        feeds = {k: v[None] for k, v in feeds.items()}
        out = self._run(self._encoder, feeds, ENCODER_OUTPUTS)
        count = len(asked)
        return Encoded(
            window,
            {k: out[k] for k in ENCODER_OUTPUTS[:4]},
            out["start"][0, :count],
            out["end"][0, :count],
            out["band"][0],
            out["absent"][0, :count],
            out["compose"][0, :count],
        )

    def words(self, encoded: Encoded) -> tuple[Floats, Floats]:
        """Return tag logits [W, tags] and relation logits [R, W, W] of a window's words."""
        window, model = encoded.window, self.bundle.model
        if not len(window.words):  # the int8 graph cannot scale the rows of nothing
            relations = np.zeros((len(model.relations), 0, 0), np.float32)
            return np.zeros((0, len(model.tags)), np.float32), relations
        feeds: dict[str, NDArray[Any]] = {
            "states": encoded.memory["states"],
            "boxes": window.boxes[None],
            "word_positions": window.word_positions[None],
        }
        out = self._run(self._pairs, feeds, PAIRS_OUTPUTS)
        return out["tags"][0], out["relations"][0]

    def _run(
        self, graph: Graph, feeds: dict[str, NDArray[Any]], names: tuple[str, ...]
    ) -> dict[str, Floats]:
        self._last[:] = [(graph, feeds, names)]
        return dict(zip(names, run(graph, feeds, names, forget=False), strict=True))

    def let_go(self) -> None:
        """Free what the graphs keep, which is done at the end of a run: here, of one subword."""
        try:
            graph, feeds, names = self._last.pop()
        except IndexError:  # nothing is kept, or another thread was quicker
            return
        run(graph, _of_one_subword(feeds), names, forget=True)

    def decoder(self, encoded: Encoded, asked: Ints) -> DecoderSteps:
        """Return the step function for some questions of a window (groups, counted from 1)."""
        return DecoderSteps(self._decoder, self.bundle, encoded, asked)


def _of_one_subword(feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Cut off all text but its first position from what the encoder or the pair head is fed."""
    behind = feeds["boxes"].shape[1] - 1
    out = {name: fed[:, : fed.shape[1] - behind] for name, fed in feeds.items()}
    if "picture" in feeds:
        out["picture"] = feeds["picture"]
    for positions in {"question_positions", "word_positions"}.intersection(feeds):
        out[positions] = np.zeros((1, 1), np.int64)
    return out


class DecoderSteps:
    """Decoding steps for K hypotheses over one window; holds no text, only ids."""

    def __init__(self, graph: Graph, bundle: Bundle, encoded: Encoded, asked: Ints) -> None:
        self._graph, self._asked = graph, asked
        self._memory = {k: v for k, v in encoded.memory.items() if k != "states"}
        self._groups = encoded.window.groups[None]
        model = bundle.model
        shape = (2, model.decoder_layers, len(asked), model.heads, 0, model.head_width)
        self._past: Floats = np.zeros(shape, dtype=np.float32)

    def __call__(self, tokens: Ints, parents: Ints) -> StepScores:
        """Feed each hypothesis' last token; `parents` says which earlier row it continues."""
        feeds: dict[str, NDArray[Any]] = {
            "token_ids": tokens[:, None],
            "past": np.ascontiguousarray(self._past[:, :, parents]),
            "groups": self._groups,
            "asked": self._asked[parents],
            **self._memory,
        }
        out = run(self._graph, feeds, DECODER_OUTPUTS, forget=False)
        vocabulary, copied, gate, self._past = out
        self._asked = feeds["asked"]
        return StepScores(vocabulary[:, 0], copied[:, 0], gate[:, 0])


def open_graph(
    path: Path, threads: int | None = None, *, laid_out: bool = False, spinning: bool = True
) -> Graph:
    """Load a graph for the CPU.

    Args:
        path: the graph's file.
        threads: all cores that may be used if None.
        laid_out: by our exporter, which leaves nothing to onnxruntime's own optimisations.
        spinning: its threads keep their cores while they wait for each other within a run, which
            is quicker where nothing else wants these.

    Raises:
        BundleError: it cannot be loaded.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.log_severity_level = 3
    # A pattern is a single block for all that a run takes, one for each length of input.
    options.enable_mem_pattern = False
    if laid_out:
        _share_memory()
        options.add_session_config_entry("session.use_env_allocators", "1")
        # Its one operator for a sum and the normalisation after it takes five times as long as
        # both, and looking for what to join takes a third of the time to load.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Else its threads wait for the next run on cores that what comes after it could use.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    if not spinning:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not sums_bytes_exactly():
        # Eight-bit weights overflow the 16-bit sums of x86 processors without VNNI; onnxruntime
        # then takes slower kernels that do not. It would take them with AMX, too, for nothing.
        options.add_session_config_entry("session.x64quantprecision", "1")
    huge_pages()
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exception classes are not public
        raise _unloadable(path, str(error), ort.__version__) from error


@cache
def _share_memory() -> None:
    """Let graphs keep the memory of their runs in one place, for each other."""
    import onnxruntime as ort

    kind, use = ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, ort.OrtMemType.DEFAULT
    settings = ort.OrtArenaCfg({"arena_extend_strategy": 0})  # by powers of two
    ort.create_and_register_allocator(ort.OrtMemoryInfo("Cpu", kind, 0, use), settings)


def _unloadable(path: Path, complaint: str, version: str) -> BundleError:
    """Say in one line why a graph cannot be loaded."""
    opset = _OPSETS.search(complaint)
    if opset:
        theirs, ours = opset.groups()
        return BundleError(
            f"{path.name} has ONNX opset {theirs}; onnxruntime {version} knows none above {ours}",
            source=str(path),
            hint="a newer onnxruntime may know it",
        )
    line = (complaint.splitlines() or ["no reason given"])[0]
    return BundleError(f"{path.name} cannot be loaded: {line}", source=str(path))


@cache
def sums_bytes_exactly(flags: Path = Path("/proc/cpuinfo")) -> bool:
    """Say whether the processor is known to sum products of bytes in 32 bits (VNNI or AMX)."""
    try:
        with flags.open(encoding="ascii", errors="replace") as lines:
            known = next((line for line in lines if line.startswith("flags")), "")
    except OSError:  # not Linux
        return False
    return not EXACT_FLAGS.isdisjoint(known.split())


def run(
    graph: Graph,
    feeds: Mapping[str, NDArray[Any]],
    names: Sequence[str] | None = None,
    *,
    forget: bool,
) -> list[NDArray[Any]]:
    """Run a graph for some of its outputs, or all.

    onnxruntime keeps the memory that it took for the next run, 160 MB for a page in OCR's
    detector, and over runs of many sizes several times what one takes; `forget` gives it back.
    """
    options = None
    if forget:
        import onnxruntime as ort

        options = ort.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return list(graph.run(names and list(names), dict(feeds), options))


def usable_cores() -> int:
    """Return how many cores this process may use (0, onnxruntime's own choice, on macOS)."""
    if _most_threads is not None:
        return _most_threads
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else 0


def limit_threads(most: int | None) -> None:
    """Let this process's graphs, OCR's too, use so many threads, since others share its cores."""
    global _most_threads
    _most_threads = most
