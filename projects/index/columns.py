"""Columns of the index: arrays that grow at their end, and never change what stands."""

from array import array

import numpy as np
from pyroaring import BitMap


class GrowingArray:
    """Numbers of one type, by row. What a reader was given stays as it was while rows are added."""

    def __init__(self, dtype):
        self._array, self._size = np.empty(64, dtype), 0

    def extend(self, values):
        """Append ``values``; room is made for a tenth more, so that the next do not copy everything."""
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
    """Numbers of keys, from 0, in the order in which they were first asked for; ``names`` has them by number."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __missing__(self, key):
        self[key] = number = len(self.names)
        self.names.append(key)
        return number


def rows_in(bitmap):
    """Return a set of rows as an array, in their order."""
    return np.frombuffer(bitmap.to_array(), np.uint32)


def set_of(rows):
    """Return an array of rows as a set."""
    return BitMap(array("I", np.asarray(rows, np.uint32).tobytes()))
