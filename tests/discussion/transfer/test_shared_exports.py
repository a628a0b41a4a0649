"""The real exports beside the checkout: each is read, or is broken on purpose and says so."""

from __future__ import annotations

from collections import Counter

import pytest

from discussion.transfer.formats import READERS, check_looks
from discussion.transfer.opening import open_parts
from discussion.transfer.records import CommentRecord, Flaw
from moderation.errors import Invalid
from tests.discussion.transfer.exports import SHARED, read, shared

P, H, R, D, L = "published", "held", "rejected", "deleted", "left-out"
_BROKEN = {P: 4, R: 1, H: 1}

READ: dict[str, tuple[dict[str, int], int]] = {
    "disqus/isso-tests-disqus.xml": ({P: 5, D: 1}, 0),
    "disqus/remark42-disqus.xml": (_BROKEN, 4),
    "disqus/remark42-disqus-deleted-post.xml": ({P: 3, R: 1, H: 1, D: 1}, 4),
    "disqus/remark42-disqus-deleted-thread.xml": (_BROKEN, 4),
    "disqus/disqus-ok-single.xml.gz": ({P: 1}, 0),
    "disqus/disqus-ok-empty.xml.gz": ({}, 0),
    "disqus/disqus-bad-format.xml.gz": ({}, 1),
    "wordpress/isso-tests-wordpress.xml": ({P: 8}, 0),
    "wordpress/remark42-wxr12.xml": ({P: 2, H: 1, L: 1}, 0),
    "wordpress/remark42-wxr12-markdown-no-rss-root.xml": ({P: 3}, 2),
    "wordpress/wordpress-ok-single.zip": ({P: 1}, 0),
    "wordpress/wordpress-ok-long.zip": ({P: 1}, 0),
    "wordpress/wordpress-ok-empty.zip": ({}, 0),
    "wordpress/wordpress-bad-format.zip": ({}, 2),
    # Bad for where it comes from; here two files of one blog are read as one.
    "wordpress/wordpress-bad-two-files.zip": ({P: 1}, 0),
    "isso/isso-0.14.0-comments.db": ({P: 15, H: 1, D: 2}, 0),
    "isso/isso-tests-generic.json": ({P: 2}, 0),
    "remark42/remark42-native-backup-v1.jsonl": ({P: 2}, 0),
    "commento/commento-api-test-v1.json": ({P: 3}, 0),
    "commento/remark42-commento-v1.json": ({P: 3}, 0),
    "comentario/comentario-ok-single-v1.json.gz": ({P: 1}, 0),
    "comentario/comentario-ok-single-v3.json.gz": ({P: 1}, 0),
    "comentario/comentario-ok-empty-v1.json.gz": ({}, 0),
    "comentario/comentario-ok-empty-v3.json.gz": ({}, 0),
    "comentario/comentario-bad-format.json.gz": ({}, 2),
}
REFUSED = {
    "wordpress/wordpress-bad-no-files.zip": "No file",
    "comentario/comentario-bad-version.json.gz": "version 481",
}


def test_every_file_is_spoken_of():
    shared("SOURCES.md")
    there = {str(path.relative_to(SHARED)) for path in SHARED.glob("*/*")}
    assert there == {*READ, *REFUSED}


@pytest.mark.parametrize("name", READ)
def test_it_is_read(name: str):
    fates, flaws = READ[name]
    system, path = name.partition("/")[0], shared(name)
    with open_parts(path) as parts:
        for export in parts:
            check_looks(export, system)
    records = read(system, path)
    assert Counter(one.fate for one in records if isinstance(one, CommentRecord)) == fates
    assert sum(isinstance(one, Flaw) for one in records) == flaws


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str):
    with pytest.raises(Invalid, match=REFUSED[name]):
        read(name.partition("/")[0], shared(name))


def test_where_the_broken_ones_are_broken():
    records = read("disqus", shared("disqus/remark42-disqus.xml"))
    flaws = [one for one in records if isinstance(one, Flaw)]
    assert flaws[0].place == "line 1, byte 1"
    assert flaws[1].place == "line 147, column 24"
    assert not any(flaw.is_lost for flaw in flaws)
    last = [one for one in records if isinstance(one, CommentRecord)][-1]
    assert (last.body, last.thread_id) == ("some bad comment", "247937687")


def test_no_system_was_forgotten():
    assert {name.partition("/")[0] for name in READ} == set(READERS)
