"""The summary's charts as files: the page's own marks, all they need inside, and nothing that the page withholds."""

import html
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.config import CHECKOUT
from app.exchange.out.drawings import NAMES
from tests.builders import observed, send
from tests.exchange.exported import ask, week
from tests.exchange.test_page_and_workbook import DAYS, demo_manager
from tests.people import Town
from tests.summary.test_charts import SCHEMES

SVG = "{http://www.w3.org/2000/svg}"
OF_THE_WEEK = ("sinks", "unscheduled-five", "heat-unscheduled", "heat-interruptions", "stacks")
SIZES = {"heading": 15, "words": 11, "source": 9}


@pytest.fixture
def mia(town: Town, client: TestClient) -> TestClient:
    week(town, client)
    return town["mia"].program(client)


demo = pytest.fixture(demo_manager)


def drawn(caller: TestClient, name: str, **asked: str) -> ET.Element:
    answer = ask(caller, f"charts/{name}.svg", **asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    return ET.fromstring(answer.content)


def marks(text: str) -> list[str]:
    """Every bar, whisker, cell and number of a drawing with its place, whatever stands around it."""
    return re.findall(
        r'<(?:rect|path|text|line|circle|g)[^>]*class="(?:bar|whisker|halo|name|value|tick|grid|part|high|low|[qc]\d)[^>]*>',
        text,
    )


@pytest.mark.parametrize("file", [*(f"charts/{name}.svg" for name in OF_THE_WEEK), "charts.zip"])
def test_they_are_for_managers_and_admins_of_the_clinic(town: Town, client: TestClient, file: str) -> None:
    week(town, client)
    told = {name: ask(town[name].program(client), file).status_code for name in town.people}
    assert told == {"ana": 200, "mia": 200, "otto": 403, "olga": 403, "ada": 403, "stella": 404}
    assert ask(client, file).status_code == 401


def test_each_is_the_pages_own_and_stands_alone(town: Town, demo: TestClient, client: TestClient) -> None:
    page = demo.get("/clinics/demo/summary", params={name: DAYS[name] for name in ("from", "to")}).text
    mia = town["mia"].program(client)
    for name in NAMES:
        file = ask(mia, f"charts/{name}.svg", **DAYS).text
        _as_on_the_page(name, page, html.unescape(file))
        _whole_in_itself(file)
        _inside_its_frame(ET.fromstring(file))
    drawings = set(re.findall(r'<svg[^>]*aria-labelledby="([\w-]+)-title', page))
    assert drawings == set(NAMES)
    with zipfile.ZipFile(io.BytesIO(ask(mia, "charts.zip", **DAYS).content)) as archive:
        assert archive.namelist() == [f"{name}.svg" for name in NAMES]
        assert archive.read("said.svg") == ask(mia, "charts/said.svg", **DAYS).content


def _as_on_the_page(name: str, page: str, file: str) -> None:
    (drawing,) = re.findall(rf'<svg[^>]*aria-labelledby="{name}-title .*?</svg>', page, re.DOTALL)
    drawing = html.unescape(drawing)
    found = marks(drawing)
    assert found
    assert marks(file.partition("<g transform=")[2])[: len(found)] == found
    (title,) = re.findall(rf'<title id="{name}-title">(.*?)</title>', drawing)
    assert f'<title id="title">{title}</title>' in file


def _whole_in_itself(text: str) -> None:
    root = ET.fromstring(text)
    told = {child.tag.removeprefix(SVG): child for child in root}
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [told["title"].attrib["id"], told["desc"].attrib["id"]]
    assert len(told["desc"].text or "") > 40
    style = told["style"].text or ""
    # neither variables, which few programs outside browsers know, nor anything to load or run
    assert "var(" not in style
    assert not re.search(r"@import|href|<script|\son\w+=|https?://(?!www\.w3\.org/2000/svg)", text)
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([\w-]+)\)", text)) <= set(ids)
    classes = {word for one in root.iter() for word in one.attrib.get("class", "").split()}
    assert classes - {"name", "marked", "once"} <= set(re.findall(r"\.([a-z][\w-]*)", style))


def _inside_its_frame(root: ET.Element) -> None:
    _x, _y, width, height = map(float, root.attrib["viewBox"].split())
    assert (float(root.attrib["width"]), float(root.attrib["height"])) == (2 * width, 2 * height)
    for text in (child for child in root if child.tag == f"{SVG}text"):
        assert 0 < float(text.attrib["y"]) < height
        # half of its size is what a letter is wide at most, on average
        letters = len((text.text or "").strip())
        assert float(text.attrib["x"]) + letters * SIZES[text.attrib["class"]] * 0.55 < width


def test_its_colours_are_those_of_the_page_in_daylight(mia: TestClient) -> None:
    style = (CHECKOUT / "templates" / "summary" / "_chart.css").read_text("utf-8")
    light = SCHEMES["light"]
    for step in range(7):
        assert f".q{step} rect {{ fill: {light[f'q{step}']};" in style
    for nth in range(7):
        assert f".c{nth} .part {{ fill: {light[f'k{nth}']};" in style
    wanted = {
        "high": "k6",
        "low": "bg",
        "bar-ground": "k0",
        "bar-ground.marked": "k1",
        "paper": "bg",
        "stripe-line": "bg",
    }
    for name, colour in wanted.items():
        assert f".{name} {{ fill: {light[colour]};" in style
    assert f"text {{ fill: {light['fg']};" in style
    assert set(re.findall(r"#[0-9a-f]{3,6}", style)) <= set(light.values())


def test_the_archive_is_named_after_what_is_in_it(mia: TestClient) -> None:
    answer = ask(mia, "charts.zip")
    assert "timesink-north-charts-2026-11-02-2026-11-08.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == [f"{name}.svg" for name in OF_THE_WEEK]


def test_filters_are_those_of_the_summary(mia: TestClient) -> None:
    bars: list[Any] = [list(drawn(mia, "sinks", **asked).iter(f"{SVG}text")) for asked in ({}, {"day_type": "typical"})]
    names = [{text.text for text in one if text.attrib["class"] == "name"} for one in bars]
    assert "Searching" in names[0] - names[1]
    said = [" ".join(text.text or "" for text in one if text.attrib["class"] == "source") for one in bars]
    assert ["typical volume." in one for one in said] == [False, True]


def test_what_the_page_withholds_is_in_no_chart(town: Town, mia: TestClient) -> None:
    send(town["olga"].program(mia), observed("15:00 rooming", "15:40 end", mode="self", subject=None), device="phone-6")
    for name in NAMES:
        answer = ask(mia, f"charts/{name}.svg", mode="self")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert "too few people" in answer.json()["detail"]
    assert ask(mia, "charts.zip", mode="self").status_code == 404


def test_there_is_no_chart_of_another_name(mia: TestClient) -> None:
    assert ask(mia, "charts/people.svg").status_code == 400
