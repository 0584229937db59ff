"""Hanging protocols: which fits, what stands beside, and what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dicom.study import Instance, Patient, Series, Study, StudyIndex
from core.errors import ProductError
from core.hanging import (
    MOST_COLUMNS,
    MOST_ROWS,
    PANELS,
    Beside,
    Layout,
    Protocols,
    chosen_layouts,
    load_protocols,
    placed,
    read_protocols,
    with_chosen,
)


def series(uid: str, modality: str = "DX", films: int = 1, **words: str) -> Series:
    instances = tuple(
        Instance(Path(f"{uid}-{place}"), f"{uid}.{place}", view_position="PA") for place in range(films)
    )
    return Series(uid, modality=modality, instances=instances, **words)


def index_of(*now: Series, before: tuple[Series, ...] = ()) -> StudyIndex:
    studies = [Study("now", study_date="20260301", series=now)]
    if before:
        studies.insert(0, Study("before", study_date="20250101", series=before))
    return StudyIndex((Patient("1", "Doe, Jane", studies=tuple(studies)),))


def hung(index: StudyIndex, *, width_px: int = 1000, **more: object):
    protocols, wrong = load_protocols(None)
    assert wrong is None
    first = index.patients[0].studies[-1].series[0].instances[0]
    return protocols.hung(index, first, width_px=width_px, **more)  # type: ignore[arg-type]  # as each test says


def names(images) -> list[str]:
    return ["" if image is None else image[0].images[image[1]][0].path.name for image in images]


# --- the protocols that ship -------------------------------------------------------------------------


def test_a_film_hangs_with_its_twin_and_difference():
    found = hung(index_of(series("a")))
    assert (found.layout, found.beside) == (Layout(1, 1, "all"), ())


@pytest.mark.parametrize("modality", ["CT", "MR", "US", "NM", "XA", "OT"])
def test_what_no_model_reads_hangs_alone(modality):
    assert hung(index_of(series("a", modality))).layout == Layout(1, 1, "original")


def test_a_prior_film_is_hung_beside_where_there_is_room():
    index = index_of(series("a"), before=(series("b", "CR"),))
    assert hung(index, width_px=1000).layout == Layout(1, 1, "all")
    wide = hung(index, width_px=1800)
    assert wide.layout == Layout(1, 2, "all")
    assert names(wide.beside) == ["b-0"]


def test_a_prior_stack_is_hung_beside_the_current_one():
    found = hung(index_of(series("a", "CT", 5), before=(series("b", "CT", 9),)))
    assert found.layout == Layout(1, 2, "original")
    assert names(found.beside) == ["b-0"]


def test_pet_hangs_beside_its_ct():
    found = hung(index_of(series("pt", "PT"), series("sr", "SR"), series("ct", "CT")))
    assert names(found.beside) == ["ct-0"]
    assert hung(index_of(series("pt", "PT"))).layout.beside == 0


def test_mammograms_hang_in_pairs():
    assert names(hung(index_of(series("m", "MG", 4))).beside) == ["m-1"]


def test_the_layout_that_the_reader_chose_for_a_modality_is_taken():
    index = index_of(series("a", "CT"), series("b", "CT"), series("c", "CT"))
    found = hung(index, chosen={"CT": Layout(2, 2, "original"), "MR": Layout(1, 3)})
    assert found.layout == Layout(2, 2, "original")
    assert names(found.beside) == ["b-0", "c-0", ""]


# --- what stands beside ------------------------------------------------------------------------------


def test_empty_viewports_are_filled_with_films_then_series_then_the_prior():
    index = index_of(series("a", films=3), series("b"), before=(series("old"),))
    here = index.studies[-1][1].series[0].instances[1]
    assert names(placed(index, here, 0, (), 5)) == ["a-2", "a-0", "b-0", "old-0", ""]


def test_series_are_filled_from_the_next_one_on():
    index = index_of(series("a", "CT"), series("b", "CT"), series("c", "CT"))
    middle = index.series[1].instances[0]
    assert names(placed(index, middle, 0, (), 2)) == ["c-0", "a-0"]


def test_a_series_is_wanted_by_its_modality_or_its_words():
    index = index_of(
        series("a", "MR", description="T1 tra"),
        series("b", "MR", description="T2 TRA fs"),
        series("c", "MR", protocol_name="flair"),
    )
    wanted = (Beside("", description="t2 tra"), Beside("", description="FLAIR"), Beside("", "CT"))
    assert names(placed(index, index.series[0].instances[0], 0, wanted, 4)) == ["b-0", "c-0", "", ""]


def test_the_same_image_never_hangs_twice():
    index = index_of(series("a"), before=(series("old"),))
    wanted = (Beside("prior"), Beside("prior"), Beside("nothing"))
    assert names(placed(index, index.series[-1].instances[0], 0, wanted, 3)) == ["old-0", "", ""]


# --- files -------------------------------------------------------------------------------------------


def written(folder: Path, text: str) -> Path:
    path = folder / "hanging.toml"
    path.write_text(text, "utf-8")
    return path


FULL = """
[[protocol]]
name = "Mine"
modality = ["CT"]
body_part = ["chest"]
view = ["PA"]
with = ["PT"]
prior = false
least_series = 2
most_series = 3
from_width = 900
layout = "2x2"
panels = "original"
beside = [{ modality = "PT" }, "next series", { description = "lung" }]
preset = "Lung"
zoom = "one to one"
"""


def test_every_condition_of_a_protocol_decides(tmp_path):
    protocols = Protocols(read_protocols(written(tmp_path, FULL)))

    def fits(index: StudyIndex, width_px: int = 1000) -> bool:
        first = index.patients[0].studies[-1].series[0].instances[0]
        return protocols.hung(index, first, width_px=width_px).preset == "Lung"

    ct, pt = series("ct", "CT", body_part_examined="CHEST"), series("pt", "PT")
    assert fits(index_of(ct, pt))
    assert not fits(index_of(ct, pt), width_px=800)
    assert not fits(index_of(ct))
    assert not fits(index_of(ct, series("mr", "MR")))
    assert not fits(index_of(ct, pt, *(series(f"x{place}", "MR") for place in range(2))))
    assert not fits(index_of(ct, pt, before=(ct,)))
    assert not fits(index_of(series("ct", "CT", body_part_examined="HEAD"), pt))
    assert not fits(index_of(series("mr", "MR", body_part_examined="CHEST"), pt))
    found = protocols.hung(index_of(ct, pt), ct.instances[0], width_px=1000)
    assert (found.layout, found.zoom) == (Layout(2, 2, "original"), "one to one")


def test_the_own_file_is_asked_first_and_replaces_by_name(tmp_path):
    own = written(
        tmp_path,
        '[[protocol]]\nname = "Film with its twin"\nmodality = ["DX"]\nlayout = "1x1"\npanels = "twin"\n',
    )
    protocols, wrong = load_protocols(own)
    assert wrong is None
    index = index_of(series("a"))
    assert protocols.hung(index, index.instances[0]).layout.panels == "twin"
    absent, wrong = load_protocols(tmp_path / "absent.toml")
    assert wrong is None
    assert absent.hung(index, index.instances[0]).layout.panels == "all"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[protocol]\n", "is not TOML"),
        ("[[protocols]]\nname = 'x'", "[[protocol]] entries only"),
        ("protocol = 3", "[[protocol]] entries only"),
        ("protocol = [3]", "number 1"),
        (
            "[[protocol]]\nname = 'x'",
            "“x”",
        ),
        ("[[protocol]]\nname = 'x'\nlayout = '9x9'", "1 to 3 rows"),
        ("[[protocol]]\nname = 'x'\nlayout = 'wide'", "written as 1x2"),
        ("[[protocol]]\nlayout = '1x1'", "'name' is missing"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\nlayuot = 1", "'layuot' is not known"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\nmodality = 'CT'", "'modality' must be a list"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\nmodality = [3]", "a list of texts"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\nprior = 1", "true or false"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\nfrom_width = -1", "a whole number"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\nzoom = 'huge'", "'zoom' is one of"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\npanels = 'four'", "the panels are one of"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x1'\nbeside = ['prior']", "names 1 viewports"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x2'\nbeside = ['what']", "not 'what'"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x2'\nbeside = [{ }]", "a table in 'beside'"),
        ("[[protocol]]\nname = 'x'\nlayout = '1x2'\nbeside = [{ modality = 1 }]", "must be a text"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_the_shipped_ones_serve(tmp_path, text, words):
    own = written(tmp_path, text)
    protocols, wrong = load_protocols(own)
    assert wrong is not None
    assert words in wrong.message
    assert str(own) in wrong.message
    assert wrong.hint
    index = index_of(series("a"))
    assert protocols.hung(index, index.instances[0]).layout == Layout(1, 1, "all")


def test_a_file_that_is_no_text_or_cannot_be_read_is_said(tmp_path):
    path = tmp_path / "hanging.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ProductError, match="not TOML"):
        read_protocols(path)
    with pytest.raises(ProductError, match="cannot be read"):
        read_protocols(tmp_path)


@given(st.text())
def test_no_text_breaks_the_reader_of_protocols(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "hanging.toml"
    path.write_text(text, "utf-8", errors="replace")
    _, wrong = load_protocols(path)
    assert wrong is None or str(path) in wrong.message


# --- what the reader chose ---------------------------------------------------------------------------

layouts = st.builds(Layout, st.integers(1, MOST_ROWS), st.integers(1, MOST_COLUMNS), st.sampled_from(PANELS))


@given(layouts)
def test_a_layout_is_read_as_it_was_written(layout):
    assert Layout.of(str(layout)) == layout


@given(st.dictionaries(st.text(max_size=4), layouts, max_size=4))
def test_chosen_layouts_are_kept_by_modality(chosen):
    text = ""
    for modality, layout in chosen.items():
        text = with_chosen(text, modality, layout)
    assert chosen_layouts(text) == chosen
    for modality in chosen:
        text = with_chosen(text, modality, None)
    assert text == ""


@pytest.mark.parametrize(
    "text", ["{", "[]", "3", '{"CT": 3}', '{"CT": "0x1"}', '{"CT": "1x1 five"}', "[" * 9999]
)
def test_damaged_choices_count_as_none(text):
    assert chosen_layouts(text) == {}
