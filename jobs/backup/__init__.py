"""Backups of the whole database while it is in use, and the way back from one."""
