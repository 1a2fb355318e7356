"""How the groups of commands are made, and joined without loading them."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from docx_cli.cli.commands import COMMANDS, Entry
from docx_cli.errors import MissingDependencyError

TRAINING_PACKAGES = ("torch", "safetensors", "onnx", "onnxscript", "typst", "faker")
"""What the [train] extra installs."""


def new_app(help_text: str, **settings: Any) -> typer.Typer:
    """Return an empty group of commands; all groups, training's too, are made here.

    Its help is plain text: the same on a terminal, in a pipe and in docs/cli.md.

    Args:
        help_text: what the group is for, one line.
        settings: more of what `typer.Typer` takes.
    """
    settings = {
        "add_completion": False,
        "rich_markup_mode": None,
        "no_args_is_help": True,
        **settings,
    }
    return typer.Typer(help=help_text, **settings)


class Deferred(TyperCommand):
    """Stands in a group's help for a command whose module is not loaded yet."""

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, help=entry.help, rich_markup_mode=None)
        self._entry = entry

    @property
    def heavy(self) -> bool:
        """Whether it needs the [train] extra."""
        return not self._entry.target.startswith("docx_cli.")

    def load(self) -> Any:
        """Import the module and return the command."""
        module, _, attribute = self._entry.target.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return get_command(found)
        from docx_cli.cli.examples import EXAMPLES

        alone = new_app("")
        alone.command(self.name, epilog=EXAMPLES.get(self.name or ""))(found)
        return get_command(alone)


class MainGroup(TyperGroup):
    """The group of all commands; each is loaded when it is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, entry in COMMANDS.items():
            self.add_command(Deferred(name, entry))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command that is called, load it, and set its defaults."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, Deferred):
            try:
                command = command.load()
            except ModuleNotFoundError:
                if not ctx.resilient_parsing:  # a shell that completes goes without
                    raise
        if name and not ctx.resilient_parsing:
            from docx_cli.cli.settings import Settings

            found = Settings({**self.commands, name: command})
            ctx.default_map = {name: found.defaults(command, name)}
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a package that is not installed becomes one clear line."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package in ("", "docx_cli", "docx_models", "docx_export"):
                raise
            if package in TRAINING_PACKAGES:
                need, hint = (
                    "this needs the [train] extra",
                    "in the checkout: pip install '.[train]'",
                )
            else:
                need, hint = "the installation is not complete", "install docx-cli again"
            raise MissingDependencyError(f"{need}: {package} is missing", hint=hint) from error
