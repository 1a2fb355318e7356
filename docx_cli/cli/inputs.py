"""Which documents a command reads: one set of arguments for all that take several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from docx_cli import inputs

AllowNetwork = Annotated[
    bool,
    typer.Option("--allow-network", help="Fetch what is named by http:// or https://."),
]


@dataclass(frozen=True)
class Inputs:
    """What stands on the command line in place of documents."""

    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="PDF or picture; a folder or pattern stands for its files, - for stdin.",
        ),
    ] = None
    files_from: Annotated[
        str | None,
        typer.Option(
            "--files-from",
            metavar="FILE",
            help="Names of more, one a line or NUL between them; - reads them from stdin.",
        ),
    ] = None
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Look into the folders below a folder, too.")
    ] = False
    allow_network: AllowNetwork = False
    max_bytes: Annotated[
        int, typer.Option("--max-bytes", metavar="N", min=1, help="A larger file is refused.")
    ] = inputs.MAX_BYTES

    @property
    def several(self) -> bool:
        """Whether there may be more than one, whatever lies in the folders today."""
        return inputs.may_be_several(self.files or [], self.files_from)

    def names(self) -> Iterator[str]:
        """Return the documents' names as `docx_cli.inputs.expand` does."""
        return inputs.expand(self.files or [], recursive=self.recursive, files_from=self.files_from)
