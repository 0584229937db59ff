"""A series beside the session's: which image it shows, in which window, and that it is never another's."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from owner import Owner
from phantoms import write_chest_film, write_ct_series
from pydicom import dcmread
from scripted_shelf import ScriptedShelf
from state_files import voi, write_state

from core.dicom.study import Series
from core.errors import UnreadableFile
from core.imaging.frame import Window
from core.jobs import JobQueue
from core.session import Session
from core.side_stack import SideStack


@dataclass
class Desk:
    owner: Owner
    session: Session
    side: SideStack

    def wait(self) -> None:
        self.owner.run_until(lambda: not self.session.jobs.active)

    def open(self, *paths: Path) -> None:
        self.session.open(paths)
        self.wait()

    def series(self, number: int) -> Series:
        assert self.session.index is not None
        return next(one for one in self.session.index.series if one.series_number == number)


@pytest.fixture
def desk() -> Iterator[Desk]:
    owner = Owner()
    session = Session(JobQueue(owner.deliver), open_shelf=lambda wished: ScriptedShelf())
    made = Desk(owner, session, SideStack(session))
    yield made
    made.side.close()
    session.close()


@pytest.fixture
def stacks(desk: Desk, tmp_path: Path) -> Desk:
    """Two CT series of one study, of 5 and 12 slices; the session shows the first."""
    write_ct_series(tmp_path / "a", 5, series_number=1)
    write_ct_series(tmp_path / "b", 12, series_number=2)
    desk.open(tmp_path)
    desk.session.select(*desk.series(1).images[0])
    desk.wait()
    return desk


def shown(desk: Desk) -> tuple[int, int]:
    """(position, value of the slice): of slice k the phantom holds 100 + k."""
    side = desk.side
    assert side.selection is not None
    assert side.frame is not None
    return side.selection.position, int(side.frame.stored[-1, -1]) - 100


def test_a_series_is_shown_without_a_change_of_the_session(stacks: Desk) -> None:
    before = stacks.session.frame
    stacks.side.show(stacks.series(2), 3)
    assert stacks.side.selection is not None
    assert stacks.side.selection.loading
    assert stacks.side.frame is None
    stacks.wait()
    assert shown(stacks) == (3, 3)
    assert stacks.side.place is not None
    assert stacks.side.place[2].series_number == 2
    assert stacks.session.frame is before
    assert stacks.side.presets == tuple(stacks.side.presets)
    assert {preset.name for preset in stacks.side.presets} >= {"SOFT TISSUE", "LUNG"}


def test_scrolling_ends_at_the_image_that_was_asked_for_last(stacks: Desk) -> None:
    stacks.side.show(stacks.series(2))
    for _ in range(7):
        stacks.side.scroll(1)
    stacks.wait()
    assert shown(stacks) == (7, 7)
    stacks.side.scroll(99)
    stacks.wait()
    assert shown(stacks) == (11, 11)
    stacks.side.show_frame(-5)
    stacks.wait()
    assert shown(stacks) == (0, 0)


def test_no_image_is_ever_shown_at_another_place(stacks: Desk) -> None:
    seen: list[tuple[int, int]] = []
    stacks.side.frame_changed.connect(lambda frame: seen.append(shown(stacks)) if frame is not None else None)
    stacks.side.show(stacks.series(2), 2)
    stacks.side.show_frame(9)
    stacks.side.show(stacks.series(1), 4)
    stacks.wait()
    stacks.side.show(stacks.series(2), 1)
    stacks.wait()
    assert seen
    assert all(position == value for position, value in seen)
    assert shown(stacks) == (1, 1)


def test_another_series_is_never_left_on_screen_while_reading(stacks: Desk) -> None:
    stacks.side.show(stacks.series(1))
    stacks.wait()
    stacks.side._memory.clear()
    stacks.session._memory.clear()
    stacks.side.show(stacks.series(2))
    assert stacks.side.frame is None


def test_what_the_session_has_in_memory_is_not_read_again(stacks: Desk) -> None:
    stacks.side.show(stacks.series(1))
    assert stacks.side.frame is stacks.session.frame


def test_the_window_is_its_own_and_stays_within_the_series(stacks: Desk) -> None:
    side = stacks.side
    side.show(stacks.series(2))
    stacks.wait()
    of_file = side.grey
    side.set_grey(Window(1, 222))
    side.set_invert(True)
    side.scroll(1)
    stacks.wait()
    assert (side.grey, side.invert) == (Window(1, 222), True)
    assert stacks.session.grey == of_file
    side.reset_grey()
    assert (side.grey, side.invert) == (of_file, False)
    side.set_grey(Window(1, 222))
    side.show(stacks.series(1))
    stacks.wait()
    assert side.grey == of_file


def test_what_comes_with_an_image_is_told_from_what_the_reader_chose(stacks: Desk) -> None:
    heard: list[bool] = []
    stacks.side.grey_changed.connect(lambda grey, invert: heard.append(stacks.side.settling))
    stacks.side.show(stacks.series(2))
    stacks.wait()
    assert all(heard)
    stacks.side.set_grey(Window(1, 222))
    assert heard[-1] is False


def test_a_file_that_cannot_be_read_is_said_and_leaves_nothing(stacks: Desk) -> None:
    failures: list[tuple[BaseException, str]] = []
    stacks.side.failed.connect(lambda error, tried: failures.append((error, tried)))
    series = stacks.series(2)
    path = series.images[4][0].path
    path.write_bytes(path.read_bytes()[:700])
    stacks.side.show(series, 4)
    stacks.wait()
    assert stacks.side.frame is None
    assert isinstance(failures[0][0], UnreadableFile)
    assert path.name in failures[0][1]
    stacks.side.show_frame(5)
    stacks.wait()
    assert shown(stacks) == (5, 5)


def test_a_file_of_an_archive_is_named_as_the_archive_names_it(desk: Desk, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "disc.zip", "w") as archive:
        for number in (1, 2):
            for file in write_ct_series(tmp_path / str(number), 2, series_number=number):
                archive.write(file, f"IMAGES/{number}/{file.name}")
    desk.open(tmp_path / "disc.zip")
    failures: list[str] = []
    desk.side.failed.connect(lambda error, tried: failures.append(tried))
    desk.session.select(*desk.series(1).images[0])
    desk.wait()
    instance = desk.series(2).instances[1]
    instance.path.write_bytes(instance.path.read_bytes()[:700])
    desk.side.show(desk.series(2), desk.series(2).position_of(instance, 0))
    desk.wait()
    assert failures == [f"Open {instance.named_path.name}"]


def test_a_study_that_is_closed_leaves_the_desk(desk: Desk, tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 3)
    film = write_chest_film(tmp_path / "film.dcm").path
    desk.open(film)
    desk.open(tmp_path / "ct")
    assert desk.session.index is not None
    desk.side.show(desk.series(2), 1)
    desk.wait()
    study = desk.side.place[1].study_instance_uid  # type: ignore[index]  # shown above
    desk.session.close_study(study)
    assert (desk.side.frame, desk.side.selection, desk.side.place) == (None, None, None)
    desk.side.show(desk.series(1))
    desk.wait()
    desk.session.close_all()
    assert desk.side.frame is None
    with pytest.raises(KeyError):
        desk.side.show(desk_series_of_nothing())


def desk_series_of_nothing() -> Series:
    return Series("1.2.3")


def test_a_series_that_grows_keeps_its_image(desk: Desk, tmp_path: Path) -> None:
    paths = write_ct_series(tmp_path / "ct", 6)
    desk.open(*paths[2:])
    desk.side.show(desk.series(2), 1)
    desk.wait()
    assert shown(desk) == (1, 3)
    desk.open(*paths[:2])
    assert shown(desk) == (3, 3)
    assert desk.side.selection is not None
    assert desk.side.selection.count == 6


def test_presentation_states_count_beside_as_well(desk: Desk, tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film.dcm")
    desk.open(film.path)
    desk.side.show(desk.series(1))
    desk.wait()
    assert desk.side.presented is not None
    assert desk.side.presented.state is None
    write_state(tmp_path / "state.dcm", dcmread(film.path), SoftcopyVOILUTSequence=[voi(1000, 500)])
    desk.open(tmp_path / "state.dcm", film.path)
    assert desk.side.presented.state is not None
    assert (desk.side.grey.center, desk.side.grey.width) == (1000, 500)  # type: ignore[union-attr]  # a window
    desk.side.show_by(None)
    assert desk.side.presented.state is None


def test_after_the_end_nothing_is_heard(stacks: Desk) -> None:
    stacks.side.show(stacks.series(2), 3)
    stacks.side.close()
    stacks.wait()
    stacks.session.close_all()
    assert stacks.side.frame is None


def test_a_stack_beside_plays_as_one_clip_and_its_file_is_asked_for_time(stacks: Desk) -> None:
    side = stacks.side
    assert side.clip == range(0)
    side.request_timing(lambda instance, timing: pytest.fail("nothing is shown yet"))
    side.show(stacks.series(2), 3)
    stacks.wait()
    assert side.clip == range(12)
    answers: list[object] = []
    side.request_timing(lambda instance, timing: answers.append((instance, timing)))
    side.play(side.clip)
    side.rest()
    stacks.wait()
    assert answers == [(side.selection.instance, None)]  # type: ignore[union-attr]  # shown above
    side.play(None)
    assert shown(stacks) == (3, 3)
