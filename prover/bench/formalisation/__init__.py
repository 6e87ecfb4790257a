"""Autoformalisation, measured: does a model's formal statement compile, and does it say what the reference says?"""
