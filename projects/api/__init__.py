"""The API, version 1: recorded documents as JSON, and its OpenAPI description."""
