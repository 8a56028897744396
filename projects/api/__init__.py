"""The API, version 1: recorded documents as JSON, and its OpenAPI description.

It changes nothing. Which records an address means is decided in ``search`` and ``published``.
"""
