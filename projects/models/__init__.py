"""The tables of the register: organisations, themes, projects and their parts.

Their rules and members are declared here; how they are recorded is in ``provenance.store``.
"""

from .organisation import EUROPEAN_UNION, Organisation
from .parts import Component, Contribution, Participation
from .project import Project, funder_fault, sum_fault, unattributed
from .theme import Theme, ThemeCode
