"""The site: settings, addresses, errors, languages and the pages about the whole register.

It puts the other apps together and is imported by none. What the register contains is in the apps below.
"""
