"""Knows the order of the steps: teacher, network, package, refinement, package, report."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from training.data import DEFAULT_FOLDER
from training.refine import REFINED


def main() -> None:
    """Run every step, each in a process of its own on one thread, stopping at the first failure."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    given = parser.parse_args()
    data, teacher = ["--data", str(given.data)], str(given.work / "teacher.npz")
    work = str(given.work)
    trained, refined = str(given.work / "epoch3.pt"), str(given.work / REFINED)
    steps = [
        ["training.teacher", "--out", teacher],
        ["training.train", "--teacher", teacher, "--out", work],
        ["training.package", "--weights", trained],
        ["training.refine", "--out", work],
        ["training.package", "--weights", refined],
        ["training.evaluate", "--teacher", teacher],
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    for step in steps:
        print(f"== {step[0]}", flush=True)
        subprocess.run([sys.executable, "-m", *step, *data], check=True, env=environment)


if __name__ == "__main__":
    main()
