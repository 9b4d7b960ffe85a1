"""The pages say what was measured: tables and numbers from files, commands that exist."""

import functools
import importlib
import re
import statistics

import pytest
from conftest import ROOT

from common.runner.files import Unusable
from common.runner.intervals import wilson
from common.runner.rows import read_header, read_rows, score_names
from common.scores import EXACT, RMSE
from benchmarks import results
from extensions.tools.heldout import n_unordered

RESULTS = ROOT / "docs/results"
EXTENSIONS = sorted((ROOT / "extensions").glob("*.md"))
DOCS = [ROOT / "docs" / name for name in ("speed.md", "measuring.md", "again.md")]
PAGES = [ROOT / "README.md", *DOCS, *EXTENSIONS]
QUESTIONS = [page for page in EXTENSIONS if page.stem != "README"]
NUMBER = r"(?<![\w.,])-?\d+(?:,\d{3})*(?:\.\d+)?(?: (?:%|points?))?(?![\w])"

rows_of = functools.cache(lambda name: read_rows(RESULTS / f"{name}.csv"))
text_of = functools.cache(lambda page: page.read_text(encoding="utf-8"))


def each(pages):
    """A test for each page."""
    ids = [f"{page.parent.name}/{page.name}" for page in pages]
    return pytest.mark.parametrize("page", pages, ids=ids)


class Measured:
    """What the lines under a page may ask its file of rows, each as a float."""

    def __init__(self, rows):
        self.rows = rows

    def on(self, processor):
        """Only the rows that were made on one processor."""
        return Measured([row for row in self.rows if processor in row["processor"]])

    def _scores(self, variant, score):
        found = [row[score] for row in self.rows if row["variant"] == variant]
        assert found, f"there is no variant {variant!r}"
        return [value for value in found if value is not None]

    def values(self, variant, score=EXACT):
        return [float(value) for value in self._scores(variant, score)]

    def median(self, variant, score=EXACT):
        return statistics.median(self.values(variant, score))

    def lowest(self, variant, score=EXACT):
        return min(self.values(variant, score))

    def highest(self, variant, score=EXACT):
        return max(self.values(variant, score))

    def n_seeds(self, variant):
        return sum(row["variant"] == variant for row in self.rows)

    def n_at_least(self, value, variant, score=EXACT):
        return sum(found >= value for found in self.values(variant, score))

    def n_at_most(self, value, variant, score=EXACT):
        return sum(found <= value for found in self.values(variant, score))

    def asked(self, variant, score=EXACT):
        [total] = {share.total for share in self._scores(variant, score)}
        return total

    def parameters(self, variant):
        return next(r["parameters"] for r in self.rows if r["variant"] == variant)


def as_written(value, written):
    """A value in the form of a written number: its unit, its decimals.

    >>> as_written(0.99275, "99.3 %"), as_written(14832.4, "14,832")
    ('99.3 %', '14,832')
    """
    digits, _, unit = written.partition(" ")
    decimals = len(digits.partition(".")[2])
    if unit:
        all_of_it = digits == "100" and value != 1
        value *= 100
        assert not all_of_it, f"{value} is not {written}"
    text = f"{value:,.{decimals}f}" if "," in digits else f"{value:.{decimals}f}"
    return f"{text} {unit}" if unit else text


def numbers_of(page):
    """[(phrase with a number, expression)], from the block at the end of a page."""
    block = re.search(r"(?s)<!-- numbers\n(.*?)-->", text_of(page))
    return [line.split(" = ", 1) for line in block[1].splitlines()]


def one_line(text):
    return " ".join(text.split())


def shown_of(page):
    """What a reader sees of a page before its details, and its answer, in one line each."""
    text = text_of(page).split("<!-- numbers")[0]
    shown = one_line(re.sub(r"(?s)<details>.*?</details>", "", text))
    answer = text.split("\n", 1)[1].split("<!-- table", 1)[0].split("![", 1)[0]
    answer = re.sub(r"\n {4}python .*", "", answer)
    return shown, one_line(answer)


def measured(name):
    """What an expression may ask of the file of rows of one script."""
    return Measured(rows_of(name))


def given(page, scripts):
    """The numbers that need no row: those of the question, the commands and the scripts."""
    text = text_of(page)
    texts = [text.split("\n", 1)[0], *re.findall(r"\n {4}(python .*)", text)]
    for name in scripts:
        texts += [row["variant"] for row in rows_of(name)] + score_names(rows_of(name)[0])
        script = importlib.import_module(f"extensions.{name}")
        numbers = read_header(RESULTS / f"{name}.csv")["numbers"].values()
        texts += [repr(script.Settings()), *map(str, numbers)]
    return {n.replace(",", "") for n in re.findall(NUMBER, " ".join(texts))}


@each(QUESTIONS)
def test_each_number_of_a_page_is_bound_to_its_place(page):
    tables = re.findall(r"table: docs/results/(\w+)\.csv", text_of(page))
    scripts = [n for n in {*tables, page.stem} if (RESULTS / f"{n}.csv").exists()]
    if not scripts:
        pytest.skip("not measured yet")
    ask = {"of": measured, "wilson": wilson, "n_unordered": n_unordered, "published": float}
    ask["script"] = importlib.import_module(f"extensions.{page.stem}")
    if page.stem in scripts:
        own = measured(page.stem)
        ask |= {n: getattr(own, n) for n in dir(own) if not n.startswith("_")}
    shown, answer = shown_of(page)
    bound, wrong = [], []
    for phrase, asked in numbers_of(page):
        number = re.search(NUMBER, phrase)[0]
        now = as_written(eval(asked, ask), number)
        if now != number or shown.count(phrase) != 1:
            wrong.append((phrase, now, shown.count(phrase)))
        start = answer.find(phrase)
        if start >= 0:
            bound.append(start + phrase.index(number))
    assert wrong == []  # (phrase, what the rows give, how often it stands in the page)
    known = given(page, scripts)
    found = re.finditer(NUMBER, answer.replace("95 % interval", "95_% interval"))
    loose = [m for m in found if m[0].replace(",", "") not in known]
    assert [m[0] for m in loose if m.start() not in bound] == []


@each(PAGES)
def test_the_tables_are_those_that_the_files_give(page):
    assert results.filled(text_of(page)) == text_of(page)


@each(QUESTIONS)
def test_a_page_compares_three_pairs_at_most(page):
    scripts = re.findall(r"table: differences; (\w+)", text_of(page))
    experiments = [importlib.import_module(f"extensions.{n}").experiment for n in scripts]
    pairs = [p for e in experiments for p in e.compares(e.Settings())]
    assert len(pairs) <= 3, pairs


@each(PAGES)
def test_every_file_that_a_page_names_is_there(page):
    file = r"(?:table: |python )((?:docs/|extensions/|benchmarks/)?\w[\w/]*\.\w+)"
    named = re.findall(file, text_of(page))
    assert [name for name in named if not (ROOT / name).exists()] == []
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text_of(page))
    assert [link for link in linked if not (page.parent / link).exists()] == []


def test_every_script_of_the_extensions_is_in_the_index_or_on_a_page():
    index = text_of(ROOT / "extensions" / "README.md")
    named = set(re.findall(r"\((\w+)\.py\)", index))
    for page in QUESTIONS:
        assert f"; {page.stem}" in index  # in the table of pages
        named |= set(re.findall(r"python -m extensions\.(\w+)", text_of(page)))
    scripts = {path.stem for path in ROOT.glob("extensions/*.py")}
    assert scripts - {"__init__", "common"} <= named  # which says how they are started


def test_every_results_file_is_shown():
    shown = {f"{name}.csv" for name in results.EXPERIMENTS}
    for page in PAGES:
        shown |= set(re.findall(r"table: docs/results/(\w+\.csv)", text_of(page)))
    assert {path.name for path in RESULTS.glob("*.csv")} <= shown


def test_everything_that_is_measured_has_commands_that_make_the_rows_of_its_file():
    commands, other = results.commands(), []
    assert {*results.EXPERIMENTS, *results.BENCHMARKS, "figures"} < set(commands)
    assert {path.stem for path in RESULTS.glob("*.csv")} < set(commands)
    for name in commands:
        read = [results.read_command(command) for command in commands[name]]
        module = read[0][0]
        experiment = getattr(module, "experiment", module)
        runs = [experiment.parse_args(flags) for _, flags in read]
        if experiment is module or not (RESULTS / f"{name}.csv").exists():
            continue
        tasks = {task.key for args in runs for task in experiment.tasks(args)}
        there = experiment.variants(runs[0].settings)  # not those of the past
        rows = [row for row in rows_of(name) if row["variant"] in there]
        if tasks != {(row["variant"], row["seed"]) for row in rows}:
            other.append(name)
    assert other == []


# Measuring


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """The commands that would have been run, to measure in an empty folder."""
    commands = []
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setattr(results, "ROOT", tmp_path)  # paths are told relative to it
    monkeypatch.setattr(results, "run", commands.append)
    return commands


MLP = [["addition_mlp.py", "--runs", "30", "--plot", "docs/figures/addition_mlp.png"]]


def test_only_rows_that_are_missing_are_measured_and_none_of_other_settings(ran, tmp_path):
    path = tmp_path / "addition_mlp.csv"
    text, args = (RESULTS / path.name).read_text(), results.parse_args(["--jobs", "2"])
    path.write_text(text)
    results.measure("addition_mlp", MLP, args)
    assert ran == []
    path.write_text(text[: text.rindex("\naddition_mlp,") + 1])
    results.measure("addition_mlp", MLP, args)
    assert ran == [[*MLP[0], "--scores", "addition_mlp.csv", "--jobs", "2"]]
    path.write_text(text.replace('"epochs": 50', '"epochs": 49'))
    with pytest.raises(Unusable, match="has rows of other epochs: 49, not 50"):
        results.measure("addition_mlp", MLP, args)
    assert len(ran) == 1


def test_differences_are_set_to_the_right():
    lines = [["compared", "difference"], ["a", "+3.0 points"], ["b", "-12.0 points"]]
    assert "| --- | ---: |" in results.markdown(lines)


RUN = results.run


@pytest.mark.slow
def test_a_file_of_rows_is_replaced_once_the_new_one_is_complete(
    ran, tmp_path, monkeypatch
):
    kept, unfinished = tmp_path / "addition_mlp.csv", tmp_path / ".addition_mlp.csv"
    kept.write_text("seed,RMSE\n1,0.0\n")  # of an older kind, without a header
    command = [[str(ROOT / "addition_mlp.py"), "--runs", "2", "--epochs", "1"]]
    args = results.parse_args(["--anew"])
    with pytest.raises(FileNotFoundError):  # nothing was run
        results.measure("addition_mlp", command, args)
    assert len(ran) == 1 and kept.read_text() == "seed,RMSE\n1,0.0\n"
    monkeypatch.setattr(results, "run", RUN)
    results.measure("addition_mlp", command, args)
    assert [row["seed"] for row in read_rows(kept)] == [1, 2]
    assert read_header(kept)["settings"]["epochs"] == 1
    # and the next time anew: not what an unfinished file has of other settings
    unfinished.write_text(kept.read_text().replace('"epochs": 1', '"epochs": 2'))
    results.measure("addition_mlp", command, args)
    assert read_header(kept)["settings"]["epochs"] == 1 and not unfinished.exists()


@pytest.mark.slow
def test_the_mlps_row_comes_out_again(tmp_path):
    """To rounding, which another processor may do differently."""
    import addition_mlp

    addition_mlp.main(["--runs", "5", "--scores", str(tmp_path / "new.csv")])
    for before, now in zip(rows_of("addition_mlp"), read_rows(tmp_path / "new.csv")):
        assert now["seed"] == before["seed"]
        assert now[RMSE] == pytest.approx(before[RMSE], rel=0.05, abs=0.05)
        assert float(now[EXACT]) == pytest.approx(float(before[EXACT]), abs=0.05)
