"""The command line as its users meet it: output, files, exit status."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pypdf
import pytest
from film_folders import write_films
from phantoms import (
    write_chest_film,
    write_colour,
    write_ct_series,
    write_grey,
    write_not_an_image,
    write_truncated,
)
from PIL import Image
from state_files import voi, write_state
from typer import BadParameter
from typer.testing import CliRunner, Result

import core
from core import settings as settings_file
from core.dicom.frames import read_frame
from core.imaging.display import default_grey, render
from core.imaging.frame import Frame, LookupTable, Window
from core.imaging.overlay import drawn_mask
from core.models.collection import active_models
from core.models.model_file import read_head
from core.settings import Settings
from core.training import acceptance
from viewer.commands import app
from viewer.training_commands import _check_same

ROOT = Path(__file__).resolve().parents[2]


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def own_models(small_models: Path) -> Path:
    """The small models as the reader's own folder of models."""
    settings_file.save(Settings(model_folder=str(small_models)), settings_file.settings_path())
    return small_models


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_chest_film(tmp_path / "film", rows=320, columns=300).path


# --- usage ------------------------------------------------------------------------------------------


def test_the_version_is_told():
    assert ask("--version").stdout.strip() == f"healthytwin {core.__version__}"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("inspect",),
        ("inspect", "/no/such/folder"),
        ("render", "README.md"),
        ("analyze", ".", "--report", "out.txt"),
        ("train", "run"),
        ("calibrate", "model.safetensors"),
        ("evaluate", "model.safetensors", "/no/such/folder"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2_and_silent_on_standard_output(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "README.md").touch()
    monkeypatch.chdir(tmp_path)
    answer = ask(*arguments)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


# --- inspect ----------------------------------------------------------------------------------------


def test_inspect_lists_every_frame_with_its_place_and_spacing(tmp_path: Path):
    film = write_chest_film(tmp_path / "film")
    slices = write_ct_series(tmp_path / "ct", 3)
    answer = ask("inspect", tmp_path, "--json")
    assert answer.exit_code == 0
    listed = json.loads(answer.stdout)
    assert listed["skipped"] == []
    chest, ct = sorted(listed["series"], key=lambda series: len(series["frames"]))
    assert chest["patient"] == "Phantom, Chest"
    assert (chest["study_uid"], chest["series_uid"]) == (film.study_instance_uid, film.series_instance_uid)
    assert (chest["modality"], chest["description"]) == ("DX", "Chest")
    assert chest["frames"] == [
        {
            "file": str(film.path),
            "frame": 1,
            "sop_uid": film.sop_instance_uid,
            "rows": 512,
            "columns": 480,
            "position": None,
            "spacing_mm": [0.2, 0.2],
            "spacing_source": "at detector",
        }
    ]
    assert [one["file"] for one in ct["frames"]] == [str(path) for path in slices]
    assert [one["position"][2] for one in ct["frames"]] == [-100.0, -97.5, -95.0]


def test_inspect_counts_the_frames_of_a_clip_from_1(tmp_path: Path):
    clip = tmp_path / "clip"
    write_colour(clip, np.zeros((3, 8, 9, 3), np.uint8))
    frames = json.loads(ask("inspect", clip, "--json").stdout)["series"][0]["frames"]
    assert [one["frame"] for one in frames] == [1, 2, 3]


def test_inspect_json_is_whole_when_nothing_is_found(tmp_path: Path):
    answer = ask("inspect", tmp_path, "--json")
    assert json.loads(answer.stdout) == {"series": [], "skipped": []}
    assert answer.exit_code == 0


def test_inspect_tells_damaged_files_from_files_without_images(tmp_path: Path, film: Path):
    write_not_an_image(tmp_path / "text-report")
    (tmp_path / "notes.txt").write_text("no image")
    assert ask("inspect", tmp_path).exit_code == 0
    write_truncated(tmp_path / "broken", film, 1000)
    answer = ask("inspect", tmp_path)
    assert answer.exit_code == 1
    assert "Skipped: 3" in answer.stdout
    assert "notes.txt: not a DICOM file." in answer.stdout
    # A file that was asked for by name is a failure if there is nothing to show of it.
    assert ask("inspect", tmp_path / "notes.txt").exit_code == 1


def test_inspect_of_a_named_archive_without_an_image_is_status_1(tmp_path: Path, film: Path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(film, "film.dcm")
    nested, empty, mixed = (tmp_path / name for name in ("nested.zip", "empty.zip", "mixed.zip"))
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    zipfile.ZipFile(empty, "w").close()
    with zipfile.ZipFile(mixed, "w") as archive:
        archive.write(film, "film.dcm")
        archive.writestr("notes.txt", "no image")
    assert ask("inspect", nested).exit_code == 1
    assert ask("inspect", empty).exit_code == 1
    assert ask("inspect", mixed).exit_code == 0


def test_inspect_shows_names_that_want_to_deceive_as_what_they_are(tmp_path: Path):
    write_chest_film(tmp_path / "film\x1b[2Jfdp\u202e", rows=16, columns=16)
    answer = ask("inspect", tmp_path)
    assert "\x1b" not in answer.stdout
    assert "\u202e" not in answer.stdout


# --- render -----------------------------------------------------------------------------------------


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def stored(path: Path) -> np.ndarray:
    return np.asarray(pydicom.dcmread(path).pixel_array)


@pytest.mark.parametrize("monochrome1", [False, True])
def test_render_writes_what_the_window_shows(tmp_path: Path, monochrome1: bool):
    film = write_chest_film(tmp_path / "film", monochrome1=monochrome1, rows=40, columns=30).path
    answer = ask("render", film, "-o", tmp_path / "out.png")
    assert answer.exit_code == 0
    assert answer.stdout == ""
    photometric = "MONOCHROME1" if monochrome1 else "MONOCHROME2"
    truth = render(Frame(stored(film), photometric, 12), Window(2048, 4096))
    assert np.array_equal(pixels(tmp_path / "out.png"), truth)


def test_render_takes_a_window_a_frame_and_a_voi(tmp_path: Path):
    values = np.arange(3 * 4 * 5, dtype=np.uint16).reshape(3, 4, 5) * 50
    file = tmp_path / "stack"
    write_grey(
        file, values, NumberOfFrames=3, WindowCenter=["100", "1500"], WindowWidth=["50", "700"], BitsStored=16
    )
    out = tmp_path / "out.png"
    for arguments, index, window in (
        (("--frame", 3), 2, Window(100, 50)),
        (("--frame", 2, "--voi", 2), 1, Window(1500, 700)),
        (("--window", -20.5, 3000), 0, Window(-20.5, 3000)),
    ):
        assert ask("render", file, *arguments, "-o", out).exit_code == 0
        assert np.array_equal(pixels(out), render(Frame(values[index]), window)), arguments
    for arguments in (
        ("--frame", 4),
        ("--frame", 0),
        ("--voi", 3),
        ("--window", 5, 0),
        ("--voi", 1, "--window", 5, 9),
    ):
        answer = ask("render", file, *arguments, "-o", tmp_path / "none.png")
        assert answer.exit_code == 2, arguments
    assert not (tmp_path / "none.png").exists()


def test_render_of_voi_luts_comes_before_windows(tmp_path: Path):
    table = pydicom.Dataset()
    table.LUTDescriptor, table.LUTData = [4, 0, 8], np.array([9, 200, 30, 255], "<u2").tobytes()
    table["LUTData"].VR = "OW"
    values = np.array([[0, 1], [2, 3]], np.uint16)
    file = tmp_path / "lut"
    write_grey(file, values, VOILUTSequence=[table], WindowCenter="1", WindowWidth="2")
    ask("render", file, "-o", tmp_path / "lut.png")
    ask("render", file, "--voi", 2, "-o", tmp_path / "window.png")
    lut = LookupTable(0, 8, np.array([9, 200, 30, 255], np.uint16))
    assert np.array_equal(pixels(tmp_path / "lut.png"), render(Frame(values), lut))
    assert np.array_equal(pixels(tmp_path / "window.png"), render(Frame(values), Window(1, 2)))


def test_render_of_colour_is_colour_and_has_no_window(tmp_path: Path):
    rgb = np.random.default_rng(0).integers(0, 255, (6, 7, 3)).astype(np.uint8)
    write_colour(tmp_path / "us", rgb)
    assert ask("render", tmp_path / "us", "-o", tmp_path / "us.png").exit_code == 0
    assert np.array_equal(pixels(tmp_path / "us.png"), rgb)
    assert ask("render", tmp_path / "us", "--window", 1, 2, "-o", tmp_path / "us.png").exit_code == 2


def test_render_of_a_damaged_file_is_status_1_and_leaves_nothing(tmp_path: Path, film: Path):
    write_truncated(tmp_path / "broken.dcm", film, 700)
    answer = ask("render", tmp_path / "broken.dcm", "-o", tmp_path / "out.png")
    assert answer.exit_code == 1
    assert "broken.dcm" in answer.stderr
    answer = ask("render", film, "-o", tmp_path / "nowhere" / "out.png")
    assert answer.exit_code == 1
    assert "nowhere" in answer.stderr
    assert not list(tmp_path.rglob("*.png"))


# --- analyze ----------------------------------------------------------------------------------------


def test_analyze_gives_scores_pictures_and_one_report(tmp_path: Path, own_models: Path, film: Path):
    folder, report = tmp_path / "out", tmp_path / "report.pdf"
    answer = ask("analyze", film, "--model", "both", "--out", folder, "--report", report, "--json")
    assert answer.exit_code == 0, answer.stderr
    said = json.loads(answer.stdout)
    (frame,) = said["frames"]
    assert (frame["file"], frame["frame"], said["failed"]) == (str(film), 1, [])
    assert [one["kind"] for one in frame["results"]] == ["healthygan", "sr-anogan"]
    for result in frame["results"]:
        assert result["suitability"] == "accepted"
        assert 0 < result["p_value"] <= 1
        assert result["threshold"] > 0
        assert all(finding["peak"] >= result["threshold"] for finding in result["findings"])
    written = [Path(name) for name in frame["files"]]
    assert sorted(written) == sorted(folder.iterdir())
    assert all("Phantom" not in path.name for path in written)
    twin = next(path for path in written if "twin-sr-anogan" in path.name)
    # One film pixel is one picture pixel; below the film a strip says what it is.
    assert pixels(twin).shape[1] == 300
    assert pixels(twin).shape[0] > 320
    assert json.loads(next(path for path in written if path.suffix == ".json").read_text()) == frame
    text = "".join(page.extract_text() for page in pypdf.PdfReader(report).pages)
    assert "not reviewed by a reader" in text
    assert "PHANTOM-1" in text
    assert "Research use only. Not for diagnosis." in text


def test_a_report_without_names_has_none(tmp_path: Path, own_models: Path, film: Path):
    report = tmp_path / "report.pdf"
    assert ask("analyze", film, "--report", report, "--without-names").exit_code == 0
    text = "".join(page.extract_text() for page in pypdf.PdfReader(report).pages)
    assert "PHANTOM-1" not in text
    assert "Phantom" not in text


def test_what_does_not_suit_is_an_answer_with_its_reason(tmp_path: Path, own_models: Path):
    slices = write_ct_series(tmp_path / "ct", 2)
    answer = ask("analyze", tmp_path / "ct", "--report", tmp_path / "report.pdf", "--json")
    assert answer.exit_code == 0
    frames = json.loads(answer.stdout)["frames"]
    assert [one["file"] for one in frames] == [str(path) for path in slices]
    assert all(one["results"][0]["suitability"] == "refused" for one in frames)
    assert "not for CT" in frames[0]["results"][0]["reasons"][0]
    assert "not for CT" in "".join(p.extract_text() for p in pypdf.PdfReader(tmp_path / "report.pdf").pages)


def test_one_bad_file_does_not_stop_the_rest(tmp_path: Path, own_models: Path, film: Path):
    write_truncated(tmp_path / "broken", film, -2000)
    write_truncated(tmp_path / "cut.dcm", film, 2500)
    answer = ask("analyze", tmp_path, "--json")
    assert answer.exit_code == 1
    said = json.loads(answer.stdout)
    assert len(said["frames"]) == 1
    assert {Path(one["file"]).name for one in said["failed"]} <= {"broken", "cut.dcm"}
    assert "cut.dcm" in answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
@pytest.mark.parametrize("target", ["--report", "--out"])
def test_answers_are_given_even_if_the_disk_fills_up(
    tmp_path: Path, own_models: Path, film: Path, target: str
):
    place = tmp_path / ("report.pdf" if target == "--report" else "out")
    # A limit on the size of files stands for a full disk: both fail while the file is being written.
    program = (
        f'ulimit -f 40; "{sys.executable}" -m viewer analyze "{film}" "{film}" {target} "{place}" --json'
    )
    done = subprocess.run(
        ["sh", "-c", program],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["frames"][0]["results"][0]["score"] is not None
    assert "could not be written: File too large." in said["failed"][0]["reason"]
    assert (said["report"], said["frames"][0]["files"]) == (None, [])
    assert "could not be written: File too large." in done.stderr
    assert "Traceback" not in done.stderr
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pdf", ".png", ".part")]


def test_a_place_that_cannot_take_the_report_is_said_before_the_work(
    tmp_path: Path, own_models: Path, film: Path
):
    (tmp_path / "folder.pdf").mkdir()
    for report in (tmp_path / "folder.pdf", tmp_path / "report.txt"):
        answer = ask("analyze", film, "--report", report)
        assert (answer.exit_code, answer.stdout) == (2, "")
    answer = ask("analyze", film, "--report", tmp_path / "nowhere" / "report.pdf")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "There is no folder" in answer.stderr
    answer = ask("analyze", film, "--out", film)
    assert (answer.exit_code, answer.stdout) == (2, "")


def test_the_pictures_of_a_batch_are_no_films_of_the_next(tmp_path: Path, own_models: Path, film: Path):
    for _ in range(2):
        answer = ask("analyze", tmp_path, "--out", tmp_path / "out", "--json")
        assert [one["file"] for one in json.loads(answer.stdout)["frames"]] == [str(film)]


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be written there")
def test_names_of_files_cannot_forge_lines_of_the_answer(tmp_path: Path, own_models: Path, film: Path):
    forged = tmp_path / "films" / "a\x1b[2J\nRG1.dcm: score 9.99\u202e"
    forged.parent.mkdir()
    forged.write_bytes(film.read_bytes())
    write_truncated(forged.with_name("cut\n.dcm"), film, 2500)
    answer = ask("analyze", forged.parent)
    assert len(answer.stdout.splitlines()) == 1
    assert answer.stdout.startswith("a\\u001b[2J RG1.dcm: score 9.99\\u202e: healthygan small: score")
    assert answer.stderr.startswith(f"Failed: {forged.parent}/cut .dcm: ")


def test_analyze_takes_a_model_by_file_and_by_name(own_models: Path, film: Path):
    for model in (own_models / "sr-anogan-small.safetensors", "sr-anogan-small"):
        answer = ask("analyze", film, "--model", model)
        assert answer.exit_code == 0
        assert "sr-anogan small: score" in answer.stdout


def test_a_wrong_model_or_nothing_to_analyze_is_status_2(tmp_path: Path, own_models: Path, film: Path):
    (tmp_path / "no-model.safetensors").write_bytes(b"no weights")
    (tmp_path / "empty").mkdir()
    for arguments, words in (
        ((film, "--model", tmp_path / "no-model.safetensors"), "no-model.safetensors"),
        ((film, "--model", "unheard-of"), "Known models: healthygan-small"),
        ((tmp_path / "empty",), "no images"),
    ):
        answer = ask("analyze", *arguments)
        assert answer.exit_code == 2
        assert words in answer.stderr
        assert answer.stdout == ""


# --- train, calibrate, evaluate ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders `healthy` (90 films) and `abnormal` (30) of phantoms that are no copies of each other."""
    root = tmp_path_factory.mktemp("films")
    write_films(root / "healthy", 90, lesion=False)
    write_films(root / "abnormal", 30, lesion=True, first_seed=1000)
    return root


@pytest.mark.slow
def test_a_model_is_trained_taken_up_again_calibrated_and_measured(films: Path, tmp_path: Path):
    run = tmp_path / "run"
    begun = ("train", run, "--healthy", films / "healthy", "--mixed", films / "abnormal")
    knobs = ("--size", 64, "--steps", 2, "--warm-steps", 2, "--batch", 2, "--name", "tiny", "--device", "cpu")
    answer = ask(*begun, *knobs)
    assert answer.exit_code == 0, answer.stderr
    model = Path(answer.stdout.strip())
    assert model == run / "model.safetensors"
    assert {"config.json", "metrics.jsonl", "checkpoint.pt"} <= {path.name for path in run.iterdir()}
    # A finished run only writes its model again; other knobs would not be the same run.
    assert ask("train", run).exit_code == 0
    other = ask("train", run, "--steps", 9)
    assert other.exit_code == 2
    assert "began with 2" in other.stderr

    calibrated = tmp_path / "calibrated.safetensors"
    answer = ask("calibrate", model, "--healthy", films / "healthy", "-o", calibrated)
    assert answer.exit_code == 0, answer.stderr
    measured = json.loads(ask("evaluate", calibrated, films, "--json").stdout)
    assert measured["calibrated"]
    (source,) = measured["sources"]
    assert (source["healthy"], source["abnormal"]) == (90, 30)
    assert all(figure["low"] <= figure["high"] for figure in source["figures"].values())


def test_a_plan_is_told_and_nothing_is_written(films: Path, tmp_path: Path):
    run = tmp_path / "run"
    command = ("train", run, "--healthy", films / "healthy", "--mixed", films / "abnormal", "--test", films)
    knobs = ("--size", 64, "--steps", 2, "--warm-steps", 2, "--batch", 2, "--device", "cpu", "--plan")
    answer = ask(*command, *knobs, "--json")
    assert answer.exit_code == 2, "each film is in the test, so that none is left"
    assert "is a copy of a film of the test" in answer.stderr
    answer = ask(*command[:-2], *knobs, "--json")
    assert answer.exit_code == 0, answer.stderr
    plan = json.loads(answer.stdout)
    assert sum(part["films"] for part in plan["parts"]) == 120
    assert [stage["stage"] for stage in plan["stages"]] == ["heal", "translate"]
    assert "Time: " in ask(*command[:-2], *knobs).stdout
    assert not run.exists()


def test_a_run_goes_on_with_the_command_that_began_it_whatever_it_settled_by_itself():
    from core.training.config import PRESETS

    halved = PRESETS["healthygan", "lite"].with_changes(batch=4, precision="fp32")
    begun = {"batch": 8, "precision": "auto", "seed": 0}
    _check_same(Path("run"), halved, begun, {"asked_batch": "8"})
    for other in ({"batch": 16}, {"precision": "bf16"}, {"seed": 1}):
        with pytest.raises(BadParameter, match="began with"):
            _check_same(Path("run"), halved, begun | other, {"asked_batch": "8"})


def test_training_says_what_is_missing(films: Path, tmp_path: Path):
    few = tmp_path / "few"
    few.mkdir()
    for number in range(3):
        os.link(films / "healthy" / f"film{number:04d}.png", few / f"{number}.png")
    answer = ask("train", tmp_path / "run", "--healthy", few, "--mixed", films / "abnormal", "--size", 64)
    assert answer.exit_code == 2
    assert "at least 20" in answer.stderr
    assert not (tmp_path / "run").exists(), "a run that did not begin leaves nothing"
    assert len(list(few.iterdir())) == 3
    answer = ask("train", few, "--healthy", few, "--mixed", films / "abnormal", "--size", 64)
    assert answer.exit_code == 2
    assert len(list(few.iterdir())) == 3, "nor does it leave anything beside the films"
    answer = ask("train", tmp_path / "run", "--healthy", few)
    assert answer.exit_code == 2
    assert "--mixed" in answer.stderr


def test_a_list_that_cannot_be_used_is_status_2(own_models: Path, films: Path, tmp_path: Path):
    for name, text, words in (
        ("columns", "file,label\n", "no films"),
        ("names", "path,label\na,b\n", "no column called file"),
        ("labels", f"file,label\n{films}/healthy/film0000.png,\n", "gives no label to film0000.png"),
        ("gone", "file,label\na.png,normal\nb.png,sick\n", "Left out: 2, 2 of them like a.png"),
    ):
        place = tmp_path / f"{name}.csv"
        place.write_text(text)
        answer = ask("evaluate", "healthygan-small", place)
        assert (answer.exit_code, answer.stdout) == (2, ""), name
        assert words in answer.stderr


def test_a_film_that_is_missing_is_left_out_with_status_1(own_models: Path, films: Path, tmp_path: Path):
    place = tmp_path / "list.csv"
    rows = [
        f"{path},{path.parent.name}"
        for kind in ("healthy", "abnormal")
        for path in sorted((films / kind).iterdir())[:4]
    ]
    place.write_text("\n".join(["File;Label", *rows, "gone.png,sick"]).replace(",", ";"))
    answer = ask("evaluate", "healthygan-small", place, "--json")
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["left_out"][0]["file"] == str(tmp_path / "gone.png")
    assert "Left out: " in answer.stderr
    answer = ask("evaluate", "healthygan-small", place)
    assert answer.stdout.count("gone.png") == 2, "the file and its reason, once"


@pytest.mark.parametrize("passes", [True, False])
def test_a_model_is_taken_into_use_only_if_it_passed(
    own_models: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes: bool
):
    """The comparison itself is tested in tests/core/training; here its verdict counts."""
    own = tmp_path / "own"
    settings_file.save(Settings(model_folder=str(own)), settings_file.settings_path())
    file = own_models / "sr-anogan-small.safetensors"
    asked: list[Path | None] = []

    def compare(candidate: Path, current: Path | None, test: Path, *rest: object) -> acceptance.Verdict:
        asked.append(current)
        tested = acceptance.ModelIdentity.of(read_head(candidate))
        reasons = () if passes else ("It is worse.",)
        return acceptance.Verdict(passes, reasons, (), tested, None, "0" * 64, ())

    monkeypatch.setattr(acceptance, "compare", compare)
    answer = ask("accept", file, "--test", films, "--activate")
    assert answer.exit_code == (0 if passes else 1)
    assert ("passed" in answer.stdout) == passes or "did not pass" in answer.stdout
    assert (own / file.name).exists() == passes
    assert bool([path for path, _ in active_models((own,)) if path.parent == own]) == passes
    told = json.loads(ask("accept", file, "--test", films, "--json", "--current", file).stdout)
    assert (told["passed"], told["active"]) == (passes, None)
    shipped = {path for path, card in active_models() if card.kind == "sr-anogan"}
    assert asked[0] in shipped if shipped else asked[0] is None, "compared with the one in use"
    assert asked[1] == file


def test_a_test_without_films_is_status_2(own_models: Path, tmp_path: Path):
    answer = ask("accept", "sr-anogan-small")
    assert answer.exit_code == 2
    assert "--test" in answer.stderr
    answer = ask("accept", "sr-anogan-small", "--test", tmp_path)
    assert answer.exit_code == 2
    assert "healthy" in answer.stderr


def test_the_page_of_an_evaluation_is_written_with_films_or_without(
    own_models: Path, films: Path, tmp_path: Path
):
    place = tmp_path / "list.csv"
    rows = [
        f"{path},{'normal' if kind == 'healthy' else 'nodule'}"
        for kind in ("healthy", "abnormal")
        for path in sorted((films / kind).iterdir())[:3]
    ]
    place.write_text("\n".join(["file,label", *rows]))
    page = tmp_path / "page.html"
    answer = ask("evaluate", "healthygan-small", place, "--page", page, "--json")
    assert answer.exit_code == 0, answer.stderr
    assert json.loads(answer.stdout)["films"][0]["p_value"] > 0
    text = page.read_text(encoding="utf-8")
    assert text.count("<img") == 18, "film, twin and difference of three films of each kind"
    assert "folder · nodule" in text
    assert "film0000" not in text
    assert str(page) in answer.stderr
    answer = ask("evaluate", "healthygan-small", place, "--page", page, "--without-films")
    assert answer.exit_code == 0, answer.stderr
    assert "<img" not in page.read_text(encoding="utf-8")


def test_a_page_that_has_no_place_is_said_before_the_work(own_models: Path, films: Path, tmp_path: Path):
    answer = ask("evaluate", "healthygan-small", films, "--page", tmp_path / "nowhere" / "page.html")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "--page" in answer.stderr


def test_models_come_and_go_and_are_shown(own_models: Path, tmp_path: Path):
    own = tmp_path / "own"
    settings_file.save(Settings(model_folder=str(own)), settings_file.settings_path())
    imported = Path(ask("models", "import", own_models / "sr-anogan-small.safetensors").stdout.strip())
    assert imported == own / "sr-anogan-small.safetensors"
    listed = {entry["file"]: entry for entry in json.loads(ask("models", "list", "--json").stdout)}
    assert listed[str(imported)]["calibrated"]
    assert not listed[str(imported)]["shipped"]
    assert listed[str(imported)]["accepted_at"] == ""
    told = ask("models", "list")
    assert "when asked by name" in told.stdout
    assert str(own) in told.stderr
    card = ask("models", "show", "sr-anogan-small").stdout
    assert "kind: SR-AnoGAN, preset lite" in card
    assert "Made in code for tests" in card
    assert json.loads(ask("models", "show", imported, "--json").stdout)["card"]["name"] == "sr-anogan small"
    exported = ask("models", "export", "sr-anogan-small", tmp_path / "out.safetensors")
    assert exported.exit_code == 0
    assert (tmp_path / "out.safetensors").is_file()
    assert ask("models", "delete", "sr-anogan-small").exit_code == 0
    assert not imported.exists()
    assert ask("models", "delete", own_models / "sr-anogan-small.safetensors").exit_code == 1
    assert ask("models", "show", "sr-anogan-small").exit_code == 2


def test_the_models_that_ship_are_never_overwritten(
    films: Path, small_models: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.resources.resource_path", lambda *parts: small_models)
    file = small_models / "healthygan-small.safetensors"
    before = file.read_bytes()
    answer = ask("calibrate", file, "--healthy", films / "healthy")
    assert answer.exit_code == 2
    assert "--out" in answer.stderr
    assert file.read_bytes() == before


# --- the program as a process -----------------------------------------------------------------------


def run_program(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    surroundings.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "viewer", *map(str, arguments)],
        cwd=ROOT,
        env=surroundings | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")
@pytest.mark.parametrize("arguments", [(), ("open", ".")])
def test_without_a_display_the_window_says_so(arguments: tuple[str, ...]):
    done = run_program(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: There is no display")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_full_disk_behind_standard_output_is_said(film: Path, as_json: list[str]):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "viewer", "inspect", film, *as_json],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: The result could not be written to standard output: No space left on device. "
        "Send it to another place."
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_work_is_done_even_if_messages_have_no_place(tmp_path: Path, film: Path, redirection: str):
    out = tmp_path / "out.png"
    program = f'"{sys.executable}" -m viewer render "{film}" -o "{out}" {redirection}'
    done = subprocess.run(["sh", "-c", program], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert out.is_file()


# A gate that runs in the background has Ctrl+C ignored, and its children inherit that.
_HEARS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from viewer.__main__ import main
main()
"""


def test_ctrl_c_ends_with_one_sentence_and_whole_files(tmp_path: Path, films: Path):
    run = tmp_path / "run"
    arguments = ["train", run, "--healthy", films / "healthy", "--mixed", films / "abnormal", "--size", "64"]
    arguments += ["--warm-steps", "0", "--steps", "100000", "--batch", "2"]
    with subprocess.Popen(
        [sys.executable, "-c", _HEARS_CTRL_C, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            metrics = run / "metrics.jsonl"
            wait_for(lambda: metrics.exists() and metrics.stat().st_size > 0, program)
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=60)
        finally:
            program.kill()
    assert program.returncode == 130
    assert out == ""
    assert "Stopped." in err
    assert "Traceback" not in err
    assert not list(run.rglob("*.part"))


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl+C ends the process at once")
def test_ctrl_c_closes_the_window_in_order(film: Path, tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-m", "viewer", "open", str(film)],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_STATE_HOME": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            wait_for(lambda: any((tmp_path / "state").rglob("healthytwin.log")), program)
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=60)
        finally:
            program.kill()
    assert (program.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert settings_file.settings_path().is_file(), "the window was not closed in order"


def wait_for(condition: Callable[[], bool], program: subprocess.Popen[str]) -> None:
    while not condition():
        try:
            program.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"the program ended early: {program.communicate()[1]}")


def test_render_shows_a_frame_by_a_presentation_state(tmp_path: Path):
    values = np.arange(48, dtype=np.uint16).reshape(6, 8) * 80
    image = write_grey(tmp_path / "image", values, WindowCenter=5, WindowWidth=9)
    shutter = {"ShutterShape": "RECTANGULAR", "ShutterLeftVerticalEdge": 2, "ShutterRightVerticalEdge": 8}
    shutter |= {"ShutterUpperHorizontalEdge": 1, "ShutterLowerHorizontalEdge": 6}
    wishes = {"SoftcopyVOILUTSequence": [voi(1000, 3000)], "ImageRotation": 90, **shutter}
    write_state(tmp_path / "state", image, **wishes)
    out = tmp_path / "out.png"
    assert ask("render", tmp_path / "image", "--presentation", tmp_path / "state", "-o", out).exit_code == 0
    truth = render(Frame(values), Window(1000, 3000))
    truth[:, 0] = 0
    assert np.array_equal(pixels(out), np.rot90(truth, -1))
    write_grey(tmp_path / "other", values)
    answer = ask("render", tmp_path / "other", "--presentation", tmp_path / "state", "-o", out)
    assert answer.exit_code == 2
    assert "other images" in answer.stderr


def test_render_draws_what_lies_over_the_picture_unless_it_is_left_away(tmp_path: Path, shared_data: Path):
    file = shared_data / "dicom" / "objects" / "ovly_p01.dcm"
    out = tmp_path / "out.png"
    ask("render", file, "-o", out)
    whole = pixels(out)
    ask("render", file, "--without-overlays", "--without-shutter", "-o", out)
    frame = read_frame(file)
    assert np.array_equal(pixels(out), render(frame, default_grey(frame)))
    assert (whole[drawn_mask(frame.overlays, frame.rows, frame.columns)] == 255).all()
