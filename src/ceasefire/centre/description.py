"""The description of the API: OpenAPI 3.1, with what each field means and to whom it is told.

The framework describes paths and shapes; this adds what it cannot know: the words and classes of fields, that a field
of any class but public may be left out, the one error body, the operation a route opens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

from litestar import Litestar
from litestar.connection import Request
from litestar.enums import OpenAPIMediaType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import OpenAPIRenderPlugin
from pydantic import BaseModel

from ceasefire.centre.asking import operation_of
from ceasefire.centre.errors import ErrorBody
from ceasefire.model.roles import FieldClass, marks
from ceasefire.release.telling import WITHHELD

CLASS_KEY, OPERATION_KEY = "x-field-class", "x-operation"
_ERRORS = {
    "400": "What was asked cannot be understood.",
    "401": "Nobody is signed in, and without an account this cannot be asked.",
    "403": "The role of the one who asks does not allow it.",
    "404": "There is no such record.",
    "409": "The record moved on since; or it has no results yet, or they are not those asked for.",
    "413": "The request is longer than it may be.",
    "414": "The address is too long.",
    "415": "What was sent is not of the kind that is taken here.",
    "422": "The data are too coarse, or too few, for the question.",
    "429": "Too many requests came from one address.",
    "503": "The server is at work on as much as it can hold.",
}
_WITHHELD = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Names of fields left out because of who asks; absent where none is. What is left out is not null.",
}


class PlainJson(OpenAPIRenderPlugin):
    """Gives the description as JSON, and nothing that needs a script."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """Return the description."""
        return json.dumps(described(request.app), ensure_ascii=False).encode()


def routes_of(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Yield every route with its path; the answers to OPTIONS that the framework adds open nothing, and are refused."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and handler.http_methods != {"OPTIONS"}:
                yield route.path_format, handler


def records_of(app: Litestar) -> dict[str, type[Any]]:
    """Return every record type that an answer can hold, by name.

    Raises
    ------
    ValueError
        When two have one name.
    """
    found: dict[str, type[Any]] = {"ErrorBody": ErrorBody}
    for _, handler in routes_of(app):
        for record in _within(handler.parsed_fn_signature.return_type.raw):
            if found.setdefault(record.__name__, record) is not record:
                raise ValueError(f"two records are called {record.__name__}")
    return found


def _within(annotation: Any, seen: set[Any] | None = None) -> Iterator[type[Any]]:
    """Yield the dataclasses that a type holds, itself included."""
    seen = set() if seen is None else seen
    if isinstance(annotation, type) and is_dataclass(annotation):
        if annotation in seen:
            return
        seen.add(annotation)
        yield annotation
        for hint in get_type_hints(annotation).values():
            yield from _within(hint, seen)
        return
    for part in get_args(annotation):
        yield from _within(part, seen)


def described(app: Litestar) -> dict[str, Any]:
    """Return the description of an application."""
    description: dict[str, Any] = json.loads(json.dumps(app.openapi_schema.to_schema()))
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas["ErrorBody"] = _error_schema()
    for name, record in records_of(app).items():
        if name in schemas:
            _describe(schemas[name], record)
    schemas["ErrorBody"]["required"].remove("rivals")  # left out where there are none
    for path, operations in description["paths"].items():
        for method, said in operations.items():
            handler = _handler(app, path, method)
            _describe_operation(said, handler)
            if "body" in handler.opt:
                said["requestBody"] = _request_body(handler.opt["body"], schemas)
    return _tidied(description)  # type: ignore[no-any-return]


def _handler(app: Litestar, path: str, method: str) -> HTTPRouteHandler:
    return next(
        handler
        for each, handler in routes_of(app)
        if each == path and method.upper() in {str(held) for held in handler.http_methods}
    )


def _describe(schema: dict[str, Any], record: type[Any]) -> None:
    schema["description"] = " ".join((record.__doc__ or "").split("\n\n")[0].split())
    marked = marks(record)
    for name, field in schema["properties"].items():
        if name in marked:
            field["description"] = marked[name].means
            field[CLASS_KEY] = marked[name].field_class.value
    always = [name for name in schema["properties"] if marked[name].field_class is FieldClass.PUBLIC]
    schema["required"] = always
    if len(always) < len(schema["properties"]):
        schema["properties"][WITHHELD] = {**_WITHHELD, CLASS_KEY: FieldClass.PUBLIC.value}
    schema["additionalProperties"] = False


def _request_body(body: type[BaseModel] | str, schemas: dict[str, Any]) -> dict[str, Any]:
    """Describe what is sent: by its schema, or bytes of a media type.

    Raises
    ------
    ValueError
        When two schemas have one name.
    """
    if isinstance(body, str):
        return {"required": True, "content": {body: {"schema": {"type": "string", "format": "binary", "minLength": 1}}}}
    told = body.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, schema in {**told.pop("$defs", {}), body.__name__: told}.items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas are called {name}")
    reference = {"$ref": f"#/components/schemas/{body.__name__}"}
    return {"required": True, "content": {"application/json": {"schema": reference}}}


def _error_schema() -> dict[str, Any]:
    text = {"type": "string"}
    maybe = {"type": ["string", "null"]}
    return {
        "type": "object",
        "title": "ErrorBody",
        "properties": {
            "status": {"type": "integer"}, "title": dict(text), "what": dict(text), "why": dict(maybe),
            "do": dict(text), "where": dict(maybe),
            "rivals": {
                "type": "array",
                "description": "Of an edit: fields that somebody else changed since; left out otherwise.",
                "items": {
                    "type": "object",
                    "title": "RivalEdit",
                    "required": ["field", "base", "revision", "stands", "offered"],
                    "properties": {
                        "field": dict(text),
                        "base": {"type": "integer", "description": "The revision that you began from."},
                        "revision": {"type": "integer", "description": "The one that stands: the base of an edit."},
                        "stands": {"description": "The value that stands."},
                        "offered": {"description": "Yours."},
                    },
                },
            },
        },
    }  # fmt: skip


def _describe_operation(said: dict[str, Any], handler: HTTPRouteHandler) -> None:
    operation = operation_of(handler)
    if operation is not None:
        said[OPERATION_KEY] = operation.value
    for status in [status for status in said["responses"] if status >= "400"]:
        del said["responses"][status]
    body = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    for status, words in _ERRORS.items():
        said["responses"][status] = {"description": words, "content": body}
    if handler.opt.get("tagged") is not False:
        said["responses"]["304"] = {"description": "What the reader holds is still the answer."}
    if "media" in handler.opt:
        said["responses"]["200"]["content"] = {kind: {"schema": each} for kind, each in handler.opt["media"].items()}
    for parameter in said.get("parameters", ()):
        schema = parameter["schema"]
        # left out is the one way to give none
        if "oneOf" in schema and {"type": "null"} in schema["oneOf"]:
            schema.update(next(option for option in schema.pop("oneOf") if option != {"type": "null"}))
        schema.pop("description", None)
    if not said.get("parameters"):
        said.pop("parameters", None)


def _tidied(value: Any) -> Any:
    """Write alternatives with null as a list of types, tuples as closed, and whole bounds as whole numbers."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, dict):
        return value
    held = {key: _tidied(item) for key, item in value.items() if not (key == "deprecated" and item is False)}
    for useless in ("allowEmptyValue", "allowReserved"):
        if held.get(useless) is False:
            del held[useless]
    if "prefixItems" in held:
        held["minItems"] = held["maxItems"] = len(held["prefixItems"])
    options = held.get("oneOf")
    if isinstance(options, list) and len(options) == 2 and {"type": "null"} in options:
        other = next(option for option in options if option != {"type": "null"})
        if isinstance(other.get("type"), str) and "enum" not in other:
            del held["oneOf"]
            held = {**other, **held, "type": [other["type"], "null"]}
    return held
