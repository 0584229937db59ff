"""What the program makes of a set of files with known answers: a table by kind, and what differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from viewer.console import Progress, put, put_json, say
from viewer.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.dicom.conformance import FileResult, Outcome


def conformance(
    folder: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, help="Folder of files, with a manifest or without."),
    ],
    manifest: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV file with a column “file”, else *manifest*.csv of the folder.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Compare what the program reads with a manifest: a table of file kinds and results, and what differs.

    Columns that are used: file, expected (in words), pixels_sha256, dtype, shape, min, max. Without a
    manifest each file must give an image or a clear reason. Exit status 1 if an expectation is not met.
    """
    from core.dicom.conformance import Verdict, check

    with Progress() as progress:
        results = check(folder, manifest, progress)
    if as_json:
        put_json(_as_json(results))
    else:
        for line in _table(results):
            put(line)
    failed = sum(result.verdict is Verdict.NOT_MET for result in results)
    say(f"{len(results)} files: {len(results) - failed} as expected or better, {failed} not as expected.")
    return 1 if failed else 0


def _table(results: Sequence[FileResult]) -> Iterator[str]:
    """The table by kind, then every file that is better or not as expected, with the reason."""
    from core.dicom.conformance import Verdict, by_kind

    counts = by_kind(results)
    columns = _outcomes(results)
    heads = ("files", *(outcome.value for outcome in columns), "not met")
    widths = [max(len(head), 5) for head in heads]
    yield "  ".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True)) + "  kind of file"
    for kind, count in counts.items():
        cells = (count.files, *(count.outcomes[outcome] for outcome in columns), count.not_met)
        yield (
            "  ".join(f"{cell or '·':>{width}}" for cell, width in zip(cells, widths, strict=True))
            + f"  {kind}"
        )
    for verdict, title in (
        (Verdict.BETTER, "Better than expected:"),
        (Verdict.NOT_MET, "Not as expected:"),
    ):
        found = [result for result in results if result.verdict is verdict]
        if found:
            yield title
        for result in found:
            yield f"  {result.file}: expected “{result.expected}”, {result.outcome.value}: {result.reason}"


def _outcomes(results: Sequence[FileResult]) -> list[Outcome]:
    """The outcomes that there are, in their own order."""
    from core.dicom.conformance import Outcome

    there = {result.outcome for result in results}
    return [outcome for outcome in Outcome if outcome in there]


def _as_json(results: Sequence[FileResult]) -> dict[str, Any]:  # JSON object
    from core.dicom.conformance import Verdict, by_kind

    count = {verdict: sum(result.verdict is verdict for result in results) for verdict in Verdict}
    return {
        "files": len(results),
        "met": count[Verdict.MET],
        "better": count[Verdict.BETTER],
        "not_met": count[Verdict.NOT_MET],
        "kinds": [
            {
                "kind": kind,
                "files": one.files,
                "outcomes": {outcome.value: number for outcome, number in one.outcomes.items()},
                "not_met": one.not_met,
            }
            for kind, one in by_kind(results).items()
        ],
        "results": [
            {
                "file": result.file,
                "kind": result.kind,
                "expected": result.expected,
                "outcome": result.outcome.value,
                "verdict": result.verdict.value,
                "reason": result.reason,
                "notes": list(result.notes),
            }
            for result in results
        ],
    }
