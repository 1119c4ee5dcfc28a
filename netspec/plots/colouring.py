"""Colours of a map: regions that share a border have different ones."""

import numpy as np

from netspec.regions.adjacency import neighbours
from netspec.regions.areas import Areas
from netspec.regions.polygons import Corners


def colours_of(found: Areas) -> list[int]:
    """Return the number of a colour for each cell, that of its piece; pieces that share a border have different ones.

    Last is coloured first what has the fewest neighbours left: of a map in the plane these are five at most, so that
    six colours do.
    """
    nothing = np.zeros(len(found.labels))
    first, second = neighbours(Corners(found.offsets, found.places, found.labels, nothing, nothing))
    around: dict[int, set[int]] = {piece: set() for piece in range(found.pieces)}
    for one, other in zip(found.piece[first].tolist(), found.piece[second].tolist(), strict=True):
        if one != other:
            around[one].add(other)
            around[other].add(one)
    left = {piece: set(those) for piece, those in around.items()}
    waiting: list[set[int]] = [set() for _ in range(1 + max(map(len, left.values())))]
    for piece, those in left.items():
        waiting[len(those)].add(piece)
    order: list[int] = []
    while left:
        piece = min(next(each for each in waiting if each))
        order.append(piece)
        waiting[len(left[piece])].remove(piece)
        for other in left.pop(piece):
            waiting[len(left[other])].remove(other)
            left[other].remove(piece)
            waiting[len(left[other])].add(other)
    colour: dict[int, int] = {}
    for piece in reversed(order):
        taken = {colour.get(other) for other in around[piece]}
        colour[piece] = next(each for each in range(len(taken) + 1) if each not in taken)
    return [colour[piece] for piece in found.piece.tolist()]
