"""Parley's own format: all that a site holds as JSON lines, written and read again the same.

docs/export.md describes every line. `shape` says which columns travel, `names` what rows are
called outside their database, `writing` and `attached` make lines of rows, `taking` and
`taking_comments` rows of lines.
"""
