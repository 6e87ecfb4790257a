"""Endpoints that speak other projects' protocols, so that their clients work unchanged.

Each protocol has a folder: `protocol` (the models of its wire), `adapter` (its requests to our calls and back) and
`routes`.
"""
