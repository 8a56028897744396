"""The API, version 1: recorded documents as JSON, and its OpenAPI description. Nothing is serialised on reading."""
