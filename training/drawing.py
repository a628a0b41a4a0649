"""Knows how the calibration plot of the report is drawn, as an SVG of six small squares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.measures import bins, natural_weights

_SIDE, _GAP, _COLUMNS = 180, 46, 3


def calibration_plot(labels: Sequence[str], truth: np.ndarray, score: np.ndarray) -> str:
    """Draw, for each label, what was said against what was true; on the diagonal both agree.

    A dot's area grows with the share of comments in its bin; both axes go from 0 to 1.
    """
    weights = natural_weights(truth)
    rows = -(-len(labels) // _COLUMNS)
    width, height = _COLUMNS * (_SIDE + _GAP) + _GAP, rows * (_SIDE + 1.5 * _GAP) + _GAP / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        'font-family="system-ui, sans-serif" font-size="12" role="img" '
        'aria-label="Calibration: said against true, per label">',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]
    for number, label in enumerate(labels):
        left = _GAP + (number % _COLUMNS) * (_SIDE + _GAP)
        top = _GAP + (number // _COLUMNS) * (_SIDE + 1.5 * _GAP)
        parts += _square(left, top, label)
        for one in bins(truth[:, number], score[:, number], weights):
            x, y = left + one.said * _SIDE, top + (1 - one.true) * _SIDE
            radius = 2.5 + 9 * one.share**0.5
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#2456c7" '
                'fill-opacity="0.6"/>'
            )
    return "\n".join([*parts, "</svg>", ""])


def _square(left: float, top: float, label: str) -> list[str]:
    right, bottom = left + _SIDE, top + _SIDE
    return [
        f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="#f6f7f9" '
        'stroke="#b9c0cc"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{top}" stroke="#8a93a3" '
        'stroke-dasharray="4 4"/>',
        f'<text x="{left}" y="{top - 8}" font-weight="600" fill="#1c2330">{label}</text>',
        f'<text x="{left}" y="{bottom + 16}" fill="#566073">0</text>',
        f'<text x="{right}" y="{bottom + 16}" text-anchor="end" fill="#566073">1 said</text>',
        f'<text x="{left - 6}" y="{top + 10}" text-anchor="end" fill="#566073">1</text>',
        f'<text x="{left - 6}" y="{bottom}" text-anchor="end" fill="#566073">true</text>',
    ]
