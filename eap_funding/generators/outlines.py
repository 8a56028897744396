"""Outlines of the partner countries, from TopoJSON of the world to paths for an SVG.

    python -m eap_funding.generators.outlines < FILE > assets/outlines.json

`make` runs this once, with `world/50m.json` of the atlas, which is in the public domain, by Visionscarto after Natural
Earth. Crimea is Ukraine's.
"""

import json
import sys
from itertools import pairwise
from math import cos, hypot, radians, sin

PARTNERS = {"031": "AZ", "051": "AM", "112": "BY", "268": "GE", "498": "MD", "804": "UA"}  # ISO 3166-1
WIDTH, HEIGHT = 1000, 820  # of the map, in its own units
WEST, NORTH, SCALE = 17.3, 56.2, 2.4  # of its corner in degrees; units by thousandth of the globe's radius
MIDDLE, SOUTHERN, NORTHERN = (radians(degrees) for degrees in (36, 41, 54))  # of an equidistant conic projection
CONE = (cos(SOUTHERN) - cos(NORTHERN)) / (NORTHERN - SOUTHERN)
APEX = cos(SOUTHERN) / CONE + SOUTHERN
TOLERANCE = 2.2  # units that a simplified line may leave the true one


def outlines(world):
    """Return ``{"width", "height", "countries": {code: path}, "land": path}`` of a TopoJSON object."""
    arcs = [simplified([projected(*point) for point in degrees_of(world, arc)]) for arc in world["arcs"]]
    countries, land = (world["objects"][name] for name in ("countries", "land"))
    partners = {code: each for each in countries["geometries"] if (code := PARTNERS.get(each.get("id")))}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "countries": {code: path(ring_of(arcs, ring) for ring in rings_of(each)) for code, each in partners.items()},
        "land": path(ring_of(arcs, ring) for each in land["geometries"] for ring in rings_of(each)),
    }


def rings_of(geometry):
    """Return the rings of a geometry, each a list of numbers of arcs."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def ring_of(arcs, ring):
    """Return the points of a ring; of an arc numbered ``~n``, those of ``n`` backwards."""
    points = []
    for number in ring:
        points += (arcs[number] if number >= 0 else arcs[~number][::-1])[bool(points) :]
    return points


def degrees_of(world, arc):
    """Return the points of an arc as (longitude, latitude)."""
    (across, up), (west, south) = world["transform"]["scale"], world["transform"]["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * across + west, y * up + south))
    return points


def _conic(longitude, latitude):
    turn, distance = CONE * (radians(longitude) - MIDDLE), APEX - radians(latitude)
    return 1000 * distance * sin(turn), 1000 * distance * cos(turn)


def projected(longitude, latitude):
    """Return a place as (x, y) on the map."""
    (x, y), (left, top) = _conic(longitude, latitude), _conic(WEST, NORTH)
    return (x - left) * SCALE, (y - top) * SCALE


def simplified(points):
    """Return the points of a line without those that it can do without (Douglas and Peucker)."""
    if len(points) < 3:
        return points
    (x, y), (end_x, end_y) = points[0], points[-1]
    length = hypot(end_x - x, end_y - y)

    def distance(place):
        across, up = points[place]
        if not length:
            return hypot(across - x, up - y)
        return abs((end_x - x) * (y - up) - (x - across) * (end_y - y)) / length

    farthest = max(range(1, len(points) - 1), key=distance)
    if distance(farthest) <= TOLERANCE:
        return [points[0], points[-1]]
    return simplified(points[: farthest + 1])[:-1] + simplified(points[farthest:])


def path(rings):
    """Return rings as a path, as far as they are on the map."""
    parts = []
    for ring in filter(lambda ring: any(0 < x < WIDTH and 0 < y < HEIGHT for x, y in ring), rings):
        points = [(round(x), round(y)) for x, y in clipped(ring)]
        steps = [(x - x0, y - y0) for (x0, y0), (x, y) in pairwise(points) if (x, y) != (x0, y0)]
        if len(steps) > 1:
            parts.append(f"M{points[0][0]} {points[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps) + "z")
    return "".join(parts).replace(" -", "-")


def clipped(ring):
    """Return the part of a ring that is on the map (Sutherland and Hodgman)."""
    for axis, edge, sign in ((0, -4, 1), (0, WIDTH + 4, -1), (1, -4, 1), (1, HEIGHT + 4, -1)):
        points = []
        for before, point in zip([*ring[-1:], *ring], ring, strict=False):
            inside, was_inside = ((each[axis] - edge) * sign >= 0 for each in (point, before))
            if inside != was_inside:
                share = (edge - before[axis]) / (point[axis] - before[axis])
                points.append(tuple(start + share * (end - start) for start, end in zip(before, point, strict=True)))
            if inside:
                points.append(point)
        ring = points
    return ring


if __name__ == "__main__":
    json.dump(outlines(json.load(sys.stdin)), sys.stdout, separators=(",", ":"))
