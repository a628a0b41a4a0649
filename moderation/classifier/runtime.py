"""Runs a packed model with ONNX Runtime; it needs neither torch nor transformers nor Detoxify."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from moderation.classifier.packed import GRAPH, TOKENIZER, Packed
from moderation.classifier.scores import Scores
from moderation.classifier.windows import Numbers, Reader, highest
from moderation.errors import ModelRefused

_MOST_THREADS = 4
_LOOKS_MICROSECONDS = "20"


class OnnxClassifier:
    """A Classifier around one ONNX Runtime session; not to be shared between threads.

    Its numbers are those of Detoxify's own `predict`, as near as 8 bits come, for texts that fit
    into one window. Longer ones are read in overlapping windows and get each label's largest:
    `predict` would cut them, and would let an insult drown in harmless words around it. A score
    does not depend on which texts are scored together.
    """

    def __init__(self, packed: Packed, threads: int | None = None) -> None:
        """Start a session; takes some tenths of a second. `threads` is for measuring.

        Raises ModelRefused when ONNX Runtime cannot run the graph, or when known texts do not get
        their known scores on this machine.
        """
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self.name = packed.name
        self.version = packed.version
        self.labels = packed.labels
        self.window = packed.window
        self._padding = packed.padding
        self._reader = Reader(Tokenizer.from_str(packed.files[TOKENIZER].decode()), packed.window)
        self._threads = threads or threads_allowed()
        self._session = _session(packed, self._threads)
        # Whole passes side by side: that divides the work better than its operations can be.
        self._pool = ThreadPoolExecutor(self._threads, "scoring")
        self._ask(packed)
        _give_memory_back()

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text, in the order given; [] for []. Raises ScoringFailed for no number."""
        rows = highest(
            texts, self._reader, self._forward, labels=len(self.labels), padding=self._padding,
            several=self._pool.map, at_once=self._threads,
        )  # fmt: skip
        return [
            Scores(dict(zip(self.labels, row, strict=True)), self.name, self.version)
            for row in rows.tolist()
        ]

    def _forward(self, ids: Numbers, mask: Numbers) -> NDArray[np.float32]:
        (logits,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return cast(NDArray[np.float32], logits)

    def _ask(self, packed: Packed) -> None:
        """Score texts whose scores are known: a processor may compute otherwise than expected."""
        known = np.array([scores for _, scores in packed.answers])
        given = self.score([text for text, _ in packed.answers])
        found = np.array([list(scores.values.values()) for scores in given])
        if known.size and np.abs(known - found).max() > packed.tolerance:
            raise ModelRefused(
                f"On this machine the model {self.name} scores known texts otherwise than "
                f"Detoxify: by {np.abs(known - found).max():.2f}, where {packed.tolerance:.2f} is "
                "allowed."
            )


def _session(packed: Packed, threads: int) -> onnxruntime.InferenceSession:
    try:
        try:
            return _begun(packed, threads, exact=True)
        except onnxruntime.capi.onnxruntime_pybind11_state.Fail:
            # It cannot raise weights that several layers share. Whether the scores are right all
            # the same is seen when the model is packed, and at every start.
            return _begun(packed, threads, exact=False)
    except MemoryError:
        raise
    # ONNX Runtime's own errors have no common class.
    except Exception as error:
        raise ModelRefused(f"ONNX Runtime cannot run the model {packed.name}: {error}") from error


def _begun(packed: Packed, threads: int, *, exact: bool) -> onnxruntime.InferenceSession:
    options, weights = _options(threads, exact=exact), packed.files[packed.weights]
    options.add_external_initializers_from_files_in_memory(
        [packed.weights], [weights], [len(weights)]
    )
    return started(packed.files[GRAPH], options)


def started(
    graph: bytes | Path, options: onnxruntime.SessionOptions
) -> onnxruntime.InferenceSession:
    """A session on this processor, without the one fusion that makes it slower.

    Adding and normalising in one operation takes four times as long as in two (seen with 1.32).
    """
    return onnxruntime.InferenceSession(
        graph,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def _options(threads: int = 1, *, exact: bool = True) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # A pass that is alone divides its larger operations among threads. Between two of these they
    # look for work for a moment, which is cheaper than to be woken, and then sleep: the processor
    # is there for requests, and where something else has it the pass goes on alone.
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.spin_duration_us", _LOOKS_MICROSECONDS)
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.inter_op_num_threads = 1
    # It would remember a plan for every shape ever seen, and here nearly every pass is a new one.
    options.enable_mem_pattern = False
    # Processors without VNNI instructions add two products in 16 bits, where the largest do not
    # fit: there, and only there, weights are raised to unsigned bytes and multiplied exactly
    # (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "when and why
    # do I need to try U8U8").
    options.add_session_config_entry("session.x64quantprecision", str(int(exact)))
    options.log_severity_level = 3
    return options


def threads_allowed() -> int:
    """How many passes may run side by side: no more than this process has processors."""
    return min(_MOST_THREADS, len(os.sched_getaffinity(0)))


def _give_memory_back() -> None:
    """Return to the system what starting a session took: with glibc about 200 MB."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
