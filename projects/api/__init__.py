"""The API, version 1. It reads recorded documents; no serializer runs on reading."""
