"""The project join: sources in, facts out. Which calls there are, what is in force on them, what surrounds them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from callsafe.checks import calls as finding
from callsafe.checks.catalogue import Catalogue, mentioned
from callsafe.checks.credentials import credentials
from callsafe.checks.errors import Errors, raised
from callsafe.checks.flow import Flows
from callsafe.checks.module import Module, index
from callsafe.checks.prompts import prompt_texts
from callsafe.checks.resolve import Resolver, Touched
from callsafe.checks.settings_in_force import settings
from callsafe.checks.source import Source
from callsafe.checks.values import Absent, Const, Later, Value, options
from callsafe.checks.versions import generations, pinned
from callsafe.rules import facts
from callsafe.rules.facts import Call, Kind, Renamed, Setting
from callsafe.rules.sdks.model import Generation, Operation, Sdk

WRAPPER_DEPTH = 3
"""How many functions between a caller and the model call may pass settings on."""
WRAPPER_CALLS = 50
"""Calls of one wrapper that are looked at."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the resolver finds: model calls, values that reach a credential's place, constant texts of prompts."""

    calls: tuple[Call, ...] = ()
    credentials: tuple[facts.Credential, ...] = ()
    texts: tuple[facts.Text, ...] = ()


def analyse(sources: Sequence[Source], *, root: Path) -> Analysis:
    """Resolve all sources together."""
    names = mentions(sources)
    if not names:
        return Analysis()
    ordered = sorted(sources, key=lambda source: source.path)  # what is found depends on no other order
    return join([index(source, source.tree) for source in ordered], names, root)


def mentions(sources: Sequence[Source]) -> set[str]:
    """Return the names of the SDK files that the sources together need."""
    found: set[str] = set()
    for source in sources:
        found |= mentioned(source.data, found)
    return found


def join(modules: list[Module], names: set[str], root: Path) -> Analysis:
    """Resolve the calls of all indexed modules with these SDK files."""
    catalogue = Catalogue(names)
    releases = generations(root, catalogue.sdks.values())
    catalogue.releases.update({name: generation.name for name, (generation, _) in releases.items()})
    resolver = Resolver(modules, catalogue)
    flows = Flows(resolver, Errors(catalogue))
    reader = _Calls(resolver, flows, releases)
    found: list[Call] = []
    prompts: list[facts.Text] = []
    for module in modules:
        for site in finding.find(resolver, module):
            made, touched = resolver.touching(partial(reader.call, site))
            prompts.extend(prompt_texts(resolver, site))
            found.append(made)
            for caller, outer in reader.derived(site, made, touched | site.touched, 0):
                prompts.extend(prompt_texts(resolver, caller))
                if _decides(outer, made):
                    found.append(outer)
    return Analysis(tuple(found), tuple(credentials(resolver, catalogue, found)), tuple(prompts))


@dataclass(frozen=True, slots=True)
class _Calls:
    """Makes `facts.Call` of places."""

    resolver: Resolver
    flows: Flows
    releases: dict[str, tuple[Generation, str]]

    def call(self, site: finding.Found) -> Call:
        """Return the facts of one model call."""
        sdk = self.resolver.catalogue.sdks[site.operation.sdk]
        generation, said_by = self._release(site.module, sdk)
        subject = finding.subject_text(site.node.func if site.base is not None else site.subject)
        in_force = settings(
            self.resolver, sdk, generation, site.operation, site.receiver, site.arguments, subject
        )
        if site.others:
            in_force = self._joined(site, in_force, subject)
        kind = _kind(site.operation, in_force)
        if kind is not site.operation.kind:
            in_force.pop("output_bound", None)
        source = site.module.source
        return Call(
            place=source.place(site.node.func if site.base is not None else site.subject),
            sdk=sdk.name,
            title=sdk.title
            if site.receiver is not None or not site.operation.distinctive
            else f"{sdk.title}-compatible",
            operation=site.method,
            kind=kind,
            settings=in_force,
            subject=subject,
            provider=(site.receiver.type.provider if site.receiver is not None else "") or sdk.provider,
            release=generation.name if generation is not None else "",
            release_from=said_by,
            streamed=_streams(site, in_force),
            asynchronous=_is_asynchronous(site),
            removed="" if site.others else _removed(site.operation, generation),
            successor=sdk.successor,
            renamed=() if site.others else tuple(_renamed(self.resolver, site, generation, in_force)),
            flow=self.flows.of(site, raised(sdk, generation, source.data)),
            through=site.base.module.source.place(site.base.subject) if site.base is not None else None,
        )

    def _release(self, module: Module, sdk: Sdk) -> tuple[Generation | None, str]:
        """Return the release of an SDK that is in force in a file, and who says so."""
        own = pinned(module.source.installs, sdk)
        if own is not None:
            return own, "the notebook"
        return self.releases.get(sdk.name, (None, ""))

    def _joined(self, site: finding.Found, first: dict[str, Setting], subject: str) -> dict[str, Setting]:
        """Keep of a call that can be one operation or another only what is in force on all of them."""
        joined = dict(first)
        for operation, _, receiver in site.others:
            sdk = self.resolver.catalogue.sdks[operation.sdk]
            generation, _ = self.releases.get(sdk.name, (None, ""))
            other = settings(self.resolver, sdk, generation, operation, receiver, site.arguments, subject)
            for role, setting in first.items():
                if role not in other or other[role].value != setting.value:
                    joined[role] = Setting(
                        facts.UNKNOWN,
                        setting.origin,
                        setting.place,
                        setting.keyword,
                        "depends on the path taken",
                    )
        return joined

    def derived(
        self, site: finding.Found, base: Call, touched: Touched, depth: int
    ) -> Iterator[tuple[finding.Found, Call]]:
        """Yield the callers of project functions that decide a setting of the call, each as a call of its own."""
        if not touched or depth >= WRAPPER_DEPTH or all(setting.known for setting in base.settings.values()):
            return
        for count, inner in enumerate(finding.wrapped(self.resolver, site, touched)):
            if count >= WRAPPER_CALLS:
                return
            made, deeper = self.resolver.touching(partial(self.call, inner))
            if made.settings != base.settings:
                yield inner, made
                yield from self.derived(inner, made, deeper | inner.touched, depth + 1)


CONTENT = frozenset({"prompt", "instructions", "tools", "stop", "metadata", "headers", "structured_output"})
"""Roles that differ from call to call by nature: whoever gives only these decides nothing about the call."""


def _decides(outer: Call, base: Call) -> bool:
    """Tell whether the caller of a project function decides a setting of the model call that it reaches."""
    return any(
        base.settings[role] != setting
        for role, setting in outer.settings.items()
        if role in base.settings and role not in CONTENT
    )


def _kind(operation: Operation, in_force: dict[str, Setting]) -> Kind:
    """Return what the call makes; where one method does it all, the modalities, the model or the body say it."""
    asked = in_force["modalities"].value if "modalities" in in_force else None
    if isinstance(asked, tuple) and all(asked) and "TEXT" not in asked:
        return Kind.IMAGE if "IMAGE" in asked else Kind.AUDIO
    bounds = operation.roles.get("output_bound", ())
    if not bounds or any(path.keyword != "body" for path in bounds) or in_force["output_bound"].known:
        return operation.kind
    model = in_force["model"].value if "model" in in_force else None
    if isinstance(model, str):
        return Kind.EMBEDDING if "embed" in model else operation.kind
    prompt = in_force.get("prompt")
    says_text = (
        prompt is not None and not prompt.missing and prompt.keyword in {"body.messages", "body.prompt"}
    )
    return operation.kind if says_text else Kind.OTHER


def _streams(site: finding.Found, in_force: dict[str, Setting]) -> bool | facts.Unset:
    operation = site.operation
    if operation.streams == "always" or site.method in operation.always_streams:
        return True
    if operation.streams != "keyword":
        return False
    stream = in_force.get("stream")
    if stream is None or stream.missing:
        return False
    return bool(stream.value) if stream.known else facts.UNKNOWN


def _is_asynchronous(site: finding.Found) -> bool | facts.Unset:
    if site.method in site.operation.asynchronous:
        return True
    link = site.module.parents.get(site.node)
    if link is not None and (
        isinstance(link[0], ast.Await) or _enters_asynchronously(site.module, site.node)
    ):
        return True
    if site.receiver is None:
        return facts.UNKNOWN if site.operation.methods and not site.operation.functions else False
    return site.receiver.type.asynchronous


def _enters_asynchronously(module: Module, node: ast.AST) -> bool:
    parent, _ = module.parents[node]
    if isinstance(parent, ast.withitem):
        parent, _ = module.parents[parent]
    return isinstance(parent, ast.AsyncWith | ast.AsyncFor)


def _removed(operation: Operation, generation: Generation | None) -> str:
    if not operation.removed:
        return ""
    works = generation is not None and generation.name in operation.generations
    return "" if works else operation.removed


def _renamed(
    resolver: Resolver, site: finding.Found, generation: Generation | None, in_force: dict[str, Setting]
) -> Iterator[Renamed]:
    model = in_force.get("model")
    for renaming in site.operation.renamed:
        given = site.arguments.keywords.get(renaming.keyword)
        if given is None or any(isinstance(one, Absent) for one in options(resolver.force(given))):
            continue
        if renaming.generations and (generation is None or generation.name not in renaming.generations):
            continue
        if renaming.accepted and not _rejected(resolver, given, renaming.accepted):
            continue
        if renaming.models is not None:
            known = model is not None and isinstance(model.value, str)
            if not known or not renaming.models.search(str(model.value if model else "")):
                continue
        place = site.module.source.place(site.subject)
        if isinstance(given, Later) and given.module is site.module:
            place = site.module.source.place(given.node)
        yield Renamed(renaming.keyword, renaming.use, renaming.why, place)


def _rejected(resolver: Resolver, given: Value | Later, accepted: tuple[object, ...]) -> bool:
    """Tell whether a value is known to be none of the accepted ones."""
    found = options(resolver.force(given))
    return all(isinstance(option, Const) and option.value not in accepted for option in found)
