"""Columns of the index: arrays that grow at the end, and whose values do not change."""

from array import array

import numpy as np
from pyroaring import BitMap


class GrowingArray:
    """Numbers of one type, by row. Slices that readers hold stay valid while rows are added."""

    def __init__(self, dtype):
        self._array, self._size = np.empty(64, dtype), 0

    def extend(self, values):
        """Append ``values``. The array grows by a tenth, so that not every call copies it."""
        end = self._size + len(values)
        if end > len(self._array):
            grown = np.empty(end + end // 10 + 64, self._array.dtype)
            grown[: self._size] = self._array[: self._size]
            self._array = grown
        self._array[self._size : end] = values
        self._size = end

    def upto(self, size):
        """Return the first ``size`` values as an array."""
        return self._array[:size]


class Numbers(dict):
    """Numbers keys from 0, in the order in which they first occur; ``names`` has the keys by number."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __missing__(self, key):
        self[key] = number = len(self.names)
        self.names.append(key)
        return number


def rows_in(bitmap):
    """Return a set of rows as a sorted array."""
    return np.frombuffer(bitmap.to_array(), np.uint32)


def set_of(rows):
    """Return an array of rows as a set."""
    return BitMap(array("I", np.asarray(rows, np.uint32).tobytes()))
