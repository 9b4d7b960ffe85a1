"""The pages say what was measured: tables from files, commands that exist."""

import importlib.util
import re
from pathlib import Path

import pytest
from common.tables import read_scores

from common.scores import EXACT, RMSE

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    page for page in (ROOT / "README.md", ROOT / "extensions/README.md") if page.exists()
]


def results():
    path = ROOT / "benchmarks" / "results.py"
    spec = importlib.util.spec_from_file_location("results", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_the_tables_are_those_that_the_files_give(page):
    text = page.read_text(encoding="utf-8")
    assert "<!-- table: " in text
    assert results().filled(text) == text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
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
    sections = re.findall(r"(?m)^## (\w+\.py)$", PAGES[-1].read_text(encoding="utf-8"))
    assert sorted(sections) == sorted(path.name for path in ROOT.glob("extensions/*.py"))


def test_every_results_file_is_shown():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = {f"{name}.csv" for name in results().EXPERIMENTS}
    shown |= set(re.findall(r"table: docs/results/(\w+\.csv)", text))
    assert {path.name for path in (ROOT / "docs/results").glob("*.csv")} <= shown


def test_every_experiment_can_be_measured_alone():
    commands = results().commands()
    for name, command in commands.items():
        assert (ROOT / command[0]).exists()
        if name != "figures":
            assert command[command.index("--scores") + 1] == f"docs/results/{name}.csv"
    assert set(results().EXPERIMENTS) < set(commands)


def test_an_interrupted_measurement_goes_on_where_it_stopped(tmp_path, monkeypatch, capsys):
    measuring = results()
    monkeypatch.setattr(measuring, "RESULTS", tmp_path)
    monkeypatch.setattr(measuring, "FIGURES", tmp_path)
    monkeypatch.setattr(measuring, "DONE", tmp_path / ".done")
    monkeypatch.setattr(measuring, "PAGES", [])

    def measure(second, *flags):
        append = "open({!r}, 'a').write({!r})"
        log = str(tmp_path / "log")
        commands = {
            "first": ["-c", append.format(log, "first ")],
            "second": ["-c", second or append.format(log, "second ")],
        }
        monkeypatch.setattr(measuring, "commands", lambda: commands)
        measuring.main([*flags])
        return (tmp_path / "log").read_text()

    with pytest.raises(SystemExit, match="failed"):
        measure("raise SystemExit(1)")
    assert measure(None) == "first second "
    assert "Going on after first." in capsys.readouterr().err
    assert not (tmp_path / ".done").exists()
    assert measure(None, "--only", "second") == "first second second "
    assert measure(None) == "first second second first second "


@pytest.mark.slow
def test_the_mlps_row_comes_out_again(tmp_path):
    """To rounding, which another processor may do differently."""
    import addition_mlp

    kept = read_scores(ROOT / "docs/results/addition_mlp.csv")
    addition_mlp.main(["--runs", str(len(kept)), "--scores", str(tmp_path / "new.csv")])
    for before, now in zip(kept, read_scores(tmp_path / "new.csv"), strict=True):
        assert now["seed"] == before["seed"]
        assert now[RMSE] == pytest.approx(before[RMSE], rel=0.05, abs=0.05)
        assert float(now[EXACT]) == pytest.approx(float(before[EXACT]), abs=0.05)
