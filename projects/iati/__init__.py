"""Projects as IATI 2.03 activities (https://iatistandard.org), made from documents.

What no source states has no element, and a project without the required elements is left out, with the reasons.
docs/api.md, "IATI", says which member becomes which element.
"""
