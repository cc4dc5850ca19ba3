"""Do the same with every file of a folder; one that fails is listed, the rest goes on."""

from __future__ import annotations

import csv
import multiprocessing
import os
import signal
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from atomsegnet.core.errors import AtomSegNetError, ReadError, SettingError, WriteError
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.core.recipe import Recipe, recipe_text
from atomsegnet.tasks.batch_file import FileResult, work_on_file

SUMMARY_NAME = "summary.csv"
RECIPE_NAME = "recipe.toml"
# How often a batch with several processes looks whether it is to stop [s].
_POLL_S = 0.1
# How long a scheduler may take to answer [s].
_PATIENCE_S = 10


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises
    ------
    ReadError
        The file cannot be read.
    SettingError
        A step is unknown or outside its limits.
    """
    from pydantic import ValidationError

    try:
        return Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError(path, f"cannot be read as TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "recipe"
        raise SettingError(f"{path}: {name}: {first['msg']}.") from error


def batch_files(folder: Path) -> list[Path]:
    """Return the files of a folder that can be images by their names, sorted.

    Raises
    ------
    ReadError
        The folder cannot be read, or holds none.
    """
    from atomsegnet.io.read import SUFFIXES

    try:
        found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file()]
    except OSError as error:
        raise ReadError(folder, f"cannot be read ({error.strerror})") from error
    if not found:
        raise ReadError(folder, "holds no image this program knows")
    return sorted(found, key=lambda path: path.name.lower())


@dataclass(frozen=True)
class _Task:
    """What one process is given."""

    path: Path
    recipe: Recipe
    output: Path


def run_batch(
    files: Sequence[Path],
    recipe: Recipe,
    output: Path,
    *,
    workers: int = 1,
    scheduler: str = "",
    resume: bool = False,
    report: Report = silent,
) -> Iterator[FileResult]:
    """Work on files and yield the result of each as soon as it is there.

    The results go to `output`: what the recipe makes of each file, ``recipe.toml``, and
    ``summary.csv`` with one line for each file, written anew after each.

    Parameters
    ----------
    files : sequence of Path
        Micrographs and stacks; no two of one stem.
    recipe : Recipe
        What is done.
    output : Path
        A new or empty folder, or with `resume` that of an earlier run of the same recipe.
    workers : int
        Files that are worked on at once.
    scheduler : str
        Address of a Dask scheduler whose workers do it in place of processes of this computer;
        they have the program, and files and folders have the same names for them.
    resume : bool
        Whether to leave out the files that are done; those that failed are tried again.
    report : callable
        Called between files, and with one worker within them; raises Cancelled to stop.

    Raises
    ------
    SettingError
        The folder is not empty, or holds another recipe, or two files have the same name, or the
        scheduler cannot be reached.
    WriteError
        The folder cannot be written.
    Cancelled
        The report callback asked to stop; what is done stays.
    """
    _refuse_same_names(files)
    done = _claim(output, recipe, resume)
    results = {name: result for name, result in done.items() if not result.error}
    left = [path for path in files if path.name not in results]
    if scheduler:
        tasks = [_Task(path.absolute(), recipe, output.absolute()) for path in left]
        finished = _at_scheduler(tasks, scheduler, report)
    else:
        tasks = [_Task(path, recipe, output) for path in left]
        finished = _in_turn(tasks, report) if workers <= 1 else _at_once(tasks, workers, report)
    for result in finished:
        results[result.name] = result
        _write_summary(output / SUMMARY_NAME, files, results)
        yield result
    report(Progress(len(left), len(left), "batch"))


def _in_turn(tasks: Sequence[_Task], report: Report) -> Iterator[FileResult]:
    for number, task in enumerate(tasks):
        # Of the steps within a file only the chance to stop is handed on: a bar shows the files.
        progress = Progress(number, len(tasks), task.path.name)
        report(progress)
        yield _result_of(task, _constant(report, progress))


def _constant(report: Report, progress: Progress) -> Report:
    return lambda _step: report(progress)


def _at_once(tasks: Sequence[_Task], workers: int, report: Report) -> Iterator[FileResult]:
    context = multiprocessing.get_context("spawn")
    pool = context.Pool(min(workers, max(1, len(tasks))), _prepare_process)
    try:
        results = pool.imap_unordered(_result_of, tasks)
        count = 0
        while count < len(tasks):
            try:
                yield results.next(timeout=_POLL_S)
            except multiprocessing.TimeoutError:
                report(Progress(count, len(tasks), "batch"))
            else:
                count += 1
    finally:
        pool.terminate()
        pool.join()


def _at_scheduler(tasks: Sequence[_Task], address: str, report: Report) -> Iterator[FileResult]:
    try:
        from distributed import Client, wait
    except ImportError as error:
        raise SettingError("A scheduler needs Dask: pip install atomsegnet[cluster].") from error
    try:
        client = Client(address, timeout=_PATIENCE_S)
    except (OSError, ValueError) as error:
        raise SettingError(f"No Dask scheduler answers at {address}.") from error
    with client:
        left = set(client.map(_result_of, tasks, pure=False))
        try:
            while left:
                report(Progress(len(tasks) - len(left), len(tasks), "batch"))
                try:
                    done, left = wait(left, timeout=_POLL_S, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    continue
                yield from (future.result() for future in done)
        finally:
            client.cancel(list(left))


def _prepare_process() -> None:
    """Let a process that is told to end clean up, so that no temporary file stays."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(1)


def _result_of(task: _Task, report: Report = silent) -> FileResult:
    try:
        return work_on_file(task.path, task.recipe, task.output, report)
    except (AtomSegNetError, OSError, MemoryError) as error:
        reason = str(error) or "There is not enough memory."
        return FileResult(task.path.name, error=" ".join(reason.split()))


def _refuse_same_names(files: Sequence[Path]) -> None:
    stems: dict[str, Path] = {}
    for path in files:
        other = stems.setdefault(path.stem, path)
        if other is not path:
            raise SettingError(f"The results of {other.name} and {path.name} would have one name.")


def _claim(output: Path, recipe: Recipe, resume: bool) -> dict[str, FileResult]:
    """Make the folder and note the recipe; return what an earlier run has done."""
    noted = output / RECIPE_NAME
    if resume and noted.is_file():
        if read_recipe(noted) != recipe:
            raise SettingError(f"The batch in {output} was started with another recipe.")
        return read_summary(output / SUMMARY_NAME)
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise SettingError(f"{output} is no empty folder; resume its batch or choose another.")
    try:
        output.mkdir(parents=True, exist_ok=True)
        _write_whole(noted, recipe_text(recipe))
    except OSError as error:
        raise WriteError(output, f"cannot be written ({error.strerror})") from error
    return {}


def _write_summary(path: Path, files: Sequence[Path], results: dict[str, FileResult]) -> None:
    names = [item.name for item in fields(FileResult)]
    with _rewritten(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(asdict(results[p.name]) for p in files if p.name in results)


def read_summary(path: Path) -> dict[str, FileResult]:
    """Return what a summary tells of each file, by its name; nothing where there is none.

    Raises
    ------
    ReadError
        The file is no summary of a batch.
    """
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [FileResult.from_row(row) for row in csv.DictReader(file)]
    except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
        raise ReadError(path, "is no summary of a batch") from error
    return {row.name: row for row in rows}


def _write_whole(path: Path, text: str) -> None:
    with _rewritten(path) as partial:
        partial.write_text(text, encoding="utf-8")


@contextmanager
def _rewritten(path: Path) -> Iterator[Path]:
    partial = path.with_name(f".{path.name}.partial")
    yield partial
    partial.replace(path)
