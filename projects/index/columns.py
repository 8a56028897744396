"""Columns of the index: arrays that grow at the end, and whose values do not change."""

from array import array

import numpy as np
from pyroaring import BitMap


class ColumnTable:
    """Columns of equal length: arrays of one type each. Slices that readers hold stay valid while rows are added."""

    def __init__(self, columns):
        self._arrays, self.size = {name: np.empty(64, dtype) for name, dtype in columns.items()}, 0

    def extend(self, rows):
        """Append ``rows``, tuples in the order of the columns. Arrays grow by a tenth, so that few calls copy them."""
        end = self.size + len(rows)
        for name, values in zip(list(self._arrays), zip(*rows, strict=True), strict=bool(rows)):
            column = self._arrays[name]
            if end > len(column):
                column = np.empty(end + end // 10 + 64, column.dtype)
                column[: self.size] = self._arrays[name][: self.size]
                self._arrays[name] = column
            column[self.size : end] = values
        self.size = end

    def upto(self, name, size):
        """Return the first ``size`` values of a column as an array."""
        return self._arrays[name][:size]

    def set(self, name, row, value):
        """Write to a row that no reader can see yet."""
        self._arrays[name][row] = value


class Numbers(dict):
    """Numbers keys from 0, in the order in which they first occur."""

    def __missing__(self, key):
        self[key] = number = len(self)
        return number


def rows_in(bitmap):
    """Return a set of rows as a sorted array."""
    return np.frombuffer(bitmap.to_array(), np.uint32)


def set_of(rows):
    """Return an array of rows as a set."""
    return BitMap(array("I", np.asarray(rows, np.uint32).tobytes()))
