"""The register as IATI 2.03 (https://iatistandard.org): written from documents.

Nothing is invented: what no source states has no element, and a project that would need an invention to be a
valid activity has none, with the reasons why. docs/api.md, "IATI", says which member becomes which element.
"""
