"""The pages say what was measured: tables from files, commands that exist."""

import importlib.util
import re
from pathlib import Path

import pytest

from common.results import read_header, read_rows
from common.scores import EXACT, RMSE

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / page for page in ("README.md", "extensions/README.md", "docs/speed.md")]


def results():
    path = ROOT / "benchmarks" / "results.py"
    spec = importlib.util.spec_from_file_location("results", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_the_tables_are_those_that_the_files_give(page):
    text = page.read_text(encoding="utf-8")
    assert "<!-- table: " in text
    assert results().filled(text) == text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_file_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    named = re.findall(
        r"(?:table: |python )((?:docs/|extensions/|benchmarks/)?\w[\w/]*\.\w+)", text
    )
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert [link for link in linked if not (page.parent / link).exists()] == []


def test_every_extension_has_a_section():
    sections = re.findall(r"(?m)^## (\w+\.py)$", PAGES[1].read_text(encoding="utf-8"))
    assert sorted(sections) == sorted(path.name for path in ROOT.glob("extensions/*.py"))


def test_every_results_file_is_shown():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = {f"{name}.csv" for name in results().EXPERIMENTS}
    shown |= set(re.findall(r"table: docs/results/(\w+\.csv)", text))
    assert {path.name for path in (ROOT / "docs/results").glob("*.csv")} <= shown


def test_every_experiment_can_be_measured_alone():
    commands = results().commands()
    assert [c for c in commands.values() if not (ROOT / c[0]).exists()] == []
    assert {*results().EXPERIMENTS, *results().BENCHMARKS, "figures"} < set(commands)


@pytest.mark.slow
def test_a_file_of_rows_is_replaced_once_the_new_one_is_complete(tmp_path, monkeypatch):
    measuring = results()
    kept = tmp_path / "addition_mlp.csv"
    kept.write_text("seed,RMSE\n1,0.0\n")  # of an older kind, without a header
    monkeypatch.setattr(measuring, "RESULTS", tmp_path)
    monkeypatch.setattr(measuring, "ROOT", tmp_path)  # paths are told relative to it
    command = [str(ROOT / "addition_mlp.py"), "--runs", "2", "--epochs", "1"]
    seen = []

    def stopped(command):
        seen.append(command)
        raise SystemExit("killed")

    args = measuring.parse_args([])
    run = measuring.run
    monkeypatch.setattr(measuring, "run", stopped)
    with pytest.raises(SystemExit, match="killed"):
        measuring.measure("addition_mlp", command, args)
    assert kept.read_text() == "seed,RMSE\n1,0.0\n"
    monkeypatch.setattr(measuring, "run", run)
    measuring.measure("addition_mlp", command, args)
    assert [row["seed"] for row in read_rows(kept)] == [1, 2]
    assert read_header(kept)["settings"]["epochs"] == 1
    monkeypatch.setattr(measuring, "run", seen.append)
    measuring.measure("addition_mlp", command, args)  # goes on with the file itself
    assert seen[-1][seen[-1].index("--scores") + 1] == "addition_mlp.csv"


@pytest.mark.slow
def test_the_mlps_row_comes_out_again(tmp_path):
    """To rounding, which another processor may do differently."""
    import addition_mlp

    kept = read_rows(ROOT / "docs/results/addition_mlp.csv")
    addition_mlp.main(["--runs", str(len(kept)), "--scores", str(tmp_path / "new.csv")])
    for before, now in zip(kept, read_rows(tmp_path / "new.csv"), strict=True):
        assert now["seed"] == before["seed"]
        assert now[RMSE] == pytest.approx(before[RMSE], rel=0.05, abs=0.05)
        assert float(now[EXACT]) == pytest.approx(float(before[EXACT]), abs=0.05)
