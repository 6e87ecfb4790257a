"""Parts of research/learning.py."""
