"""What of a new OpenAPI description breaks those who rely on the old one, in words.

Inside a version addresses, parameters, members and values may be added. Nothing that a client may ask is refused or
means something else, and no answer lacks what it had, or holds what it could not.
"""

LEAST, MOST = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")
SHAPE = ("pattern", "format", "const")


def breaks(old, new):
    """Return a sentence for each break between two descriptions; none if ``new`` keeps what ``old`` promises."""
    return list(_Comparison(old, new).all())


class _Comparison:
    def __init__(self, old, new):
        self.old, self.new = old, new

    def all(self):
        for path, item in self.old["paths"].items():
            for method, operation in item.items():
                where = f"{method.upper()} {path}"
                if now := self.new["paths"].get(path, {}).get(method):
                    yield from self.parameters(where, operation, now)
                    yield from self.answers(where, operation, now)
                else:
                    yield f"{where} is gone"

    # -- What may be asked --

    def parameters(self, where, old, new):
        was, now = ({(p["in"], p["name"]): p for p in each.get("parameters", ())} for each in (old, new))
        for key, parameter in was.items():
            here = f"{where}: parameter {key[1]}"
            if key not in now:
                yield f"{here} is gone"
                continue
            for name in ("style", "explode"):
                if parameter.get(name) != now[key].get(name):
                    yield f"{here} is written in another way ({name})"
            yield from self.asked(here, parameter["schema"], now[key]["schema"])
        for key, parameter in now.items():
            if parameter.get("required") and not was.get(key, {}).get("required"):
                yield f"{where}: parameter {key[1]} is now required"

    def asked(self, where, old, new):
        """What was allowed is allowed, and means the same."""
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        if old.get("type") != new.get("type"):
            yield f"{where} has another type"
        if old.get("default") != new.get("default"):
            yield f"{where} has another default"
        if "enum" in new:
            for value in old.get("enum", ["any value"]):
                if value not in new["enum"]:
                    yield f"{where} no longer takes {value}"
        yield from _changed(where, {name: new[name] for name in SHAPE if name in new}, old)
        yield from _tighter(where, new, old)
        if "items" in new:
            yield from self.asked(where, old.get("items", {}), new["items"])

    # -- What is answered --

    def answers(self, where, old, new):
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                yield f"{where}: the answer {status} is gone"
                continue
            was, now = _resolved(self.old, answer), _resolved(self.new, new["responses"][status])
            for media_type, content in was.get("content", {}).items():
                if media_type in now.get("content", {}):
                    yield from self.answered(
                        f"{where} {status}", content["schema"], now["content"][media_type]["schema"]
                    )
                else:
                    yield f"{where} {status}: {media_type} is gone"
            for name in was.get("headers", {}).keys() - now.get("headers", {}).keys():
                yield f"{where} {status}: the header {name} is gone"

    def answered(self, where, old, new):
        """Whatever is answered now could have been answered before."""
        was = list(_alternatives(self.old, old))
        for name, now in _alternatives(self.new, new):
            of_type = [(like, each) for like, each in was if each.get("type") == now.get("type")]
            of_name = [(like, each) for like, each in of_type if like and like == name]
            if not of_type:
                yield f"{where} may now be {now.get('type', 'anything')}"
                continue
            yield from min((list(self.answered_one(where, each, now)) for _, each in of_name or of_type), key=len)

    def answered_one(self, where, old, new):
        for value in old.get("enum", ()):
            if value not in new.get("enum", ()):
                yield f"{where} is no longer {value}"
        yield from _changed(where, {name: old[name] for name in SHAPE if name in old}, new)
        yield from _tighter(where, old, new)
        for name, member in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}.{name} is gone"
                continue
            if name in old.get("required", ()) and name not in new.get("required", ()):
                yield f"{where}.{name} may now be left out"
            yield from self.answered(f"{where}.{name}", member, new["properties"][name])
        for name in ("items", "additionalProperties"):
            if isinstance(old.get(name), dict):
                yield from self.answered(f"{where}[]", old[name], new.get(name, {}))


def _changed(where, shape, other):
    for name, value in shape.items():
        if other.get(name) != value:
            yield f"{where} has another {name}"


def _tighter(where, tight, loose):
    """What ``tight`` bounds, ``loose`` does not bound less."""
    for name in LEAST:
        if name in tight and not loose.get(name, float("-inf")) >= tight[name]:
            yield f"{where} has another {name}"
    for name in MOST:
        if name in tight and not loose.get(name, float("inf")) <= tight[name]:
            yield f"{where} has another {name}"


def _resolved(description, node):
    while "$ref" in node:
        target = description
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _alternatives(description, node):
    """Yield (name of its component, schema) of what a schema may be, one type each."""
    name, node = node.get("$ref"), _resolved(description, node)
    for choice in ("anyOf", "oneOf"):
        if choice in node:
            for each in node[choice]:
                yield from _alternatives(description, each)
            return
    if isinstance(node.get("type"), list):
        for each in node["type"]:
            yield name, {"type": each} if each == "null" else {**node, "type": each}
    else:
        yield name, {"type": "null"} if node.get("enum") == [None] else node
