"""Measures rendering what Markdown renderers are slow at: `python -m benchmarks.rendering`.

Each text has the greatest length that a comment may have. It prints the slowest, in milliseconds of
the processor and in ordinary texts of the same length; none is to take a quarter of a second.
"""

from __future__ import annotations

import time

from discussion.rendering import render

LONGEST = 10_000
ORDINARY = (
    (
        "The council met on *Tuesday* and said at https://example.org/minutes that it would, "
        "**once more**, wait for the report.\n\n"
    )
    * 100
)[:LONGEST]
PATTERNS = [
    # Each of these once took a Markdown renderer seconds; the first four took ours.
    "https://[", "a\n>-\n", "> ---\na\n", "https://a-",
    "![[](", "https://a.b/(", "[", "]", "![", "[a](", "[x", "[a][a]", "[a]()", "[](<", "[a\n",
    "[a]: b\n", "[a]:\n", "[a](b \"", "*a_ ", "**a ", "*_", "_a", "a_", "__a__ ", "*a **b ",
    "~~a ", "~\n", "`", "`a``b```c", "> ", ">", "> a\n", "- ", "- a\n", "- \n", "- - - - a\n",
    "1. ", "1) a\n", "> - ", "* a\n\n  b\n\n", "a\n\n", "a\n=\n", "<", "<!--", "<?", "<![CDATA[",
    "<b", "<https://a.b>",
    "&", "&#x41;", "\\", "\\`", "\t", "-\t", "\"", "http://", "https://x.yz ", "http://a@",
    "https://a.b..", "http://a%", "https://é.é/", "http://1.1.1.1:", "mailto:a@b.c ", "www.a.b ",
    "a@b.c ", "//a.b ", "***\n", "---\n", "```\n", "~~~\n", "    a\n", "|a|b|\n|-|-|\n", "[^1]",
    "\u200b", "é", "\u0301",
]  # fmt: skip


def filled(part: str, before: str = "") -> str:
    """LONGEST characters made of one part."""
    return (before + part * LONGEST)[:LONGEST]


_WHOLE = [
    ">" * 50 + "a\n" + "b\n" * 4_900,
    "".join(f"[a{number}]: http://b.c\n" for number in range(300)) + "[a1]" * 1_500,
    " ".join("`" * length for length in range(1, 140)),
    "".join(" " * (2 * level) + "- a\n" for level in range(95)),
    "\n".join(">" * level + " a" for level in range(1, 138)),
    "a**b" + "c* " * 3_400,
    "[" * 3_000 + "a" + "](b)" * 1_750,
    "https://" + "a." * 4_990,
]
SHAPES = [text[:LONGEST] for text in _WHOLE]
_SHOWN = 12


def milliseconds(text: str) -> float:
    """Processor time of the fastest of five renderings."""
    taken = []
    for _ in range(5):
        begun = time.thread_time()
        render(text)
        taken.append(time.thread_time() - begun)
    return 1000 * min(taken)


def main() -> None:
    """Print the table."""
    ordinary = milliseconds(ORDINARY)
    texts = {repr(part): filled(part) for part in PATTERNS}
    texts |= {f"shape {number}": text for number, text in enumerate(SHAPES)}
    found = sorted(((milliseconds(text), name) for name, text in texts.items()), reverse=True)
    print(f"ordinary text of {LONGEST:,} characters: {ordinary:.0f} ms")
    for taken, name in found[:_SHOWN]:
        print(f"{taken:>5.0f} ms {taken / ordinary:>5.1f} times  {name}")


if __name__ == "__main__":
    main()
