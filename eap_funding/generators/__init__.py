"""What is made before the site runs: fonts for pictures, texts to translate.

The Makefile and Babel call these modules; no request does.
"""
