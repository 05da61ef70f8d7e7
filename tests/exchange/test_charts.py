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
from tests.builders import observed, send
from tests.exchange.exported import WEEK, ask, week
from tests.people import Town
from tests.summary.test_charts import SCHEMES

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("sinks", "when", "often")


@pytest.fixture
def mia(town: Town, client: TestClient) -> TestClient:
    week(town, client)
    return town["mia"].program(client)


def drawn(caller: TestClient, name: str, **asked: str) -> ET.Element:
    answer = ask(caller, f"charts/{name}.svg", **asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    return ET.fromstring(answer.content)


def marks(text: str) -> list[tuple[str, ...]]:
    """Every bar, whisker, cell and number of a drawing with its place, whatever stands around it."""
    return re.findall(
        r'<(?:rect|path|text|line|g)[^>]*class="(?:bar|whisker|halo|name|value|tick|grid|q\d)[^>]*>', text
    )


@pytest.mark.parametrize("file", [*(f"charts/{name}.svg" for name in NAMES), "charts.zip"])
def test_they_are_for_managers_and_admins_of_the_clinic(town: Town, client: TestClient, file: str) -> None:
    week(town, client)
    told = {name: ask(town[name].program(client), file).status_code for name in town.people}
    assert told == {"ana": 200, "mia": 200, "otto": 403, "olga": 403, "ada": 403, "stella": 404}
    assert ask(client, file).status_code == 401


def test_their_marks_and_titles_are_those_of_the_page(town: Town, mia: TestClient) -> None:
    page = town["mia"].browser(mia).get("/clinics/north/summary", params={k: WEEK[k] for k in ("from", "to")}).text
    for name in NAMES:
        file = html.unescape(ask(mia, f"charts/{name}.svg").text)
        (drawing,) = re.findall(rf'<svg[^>]*aria-labelledby="{name}-title .*?</svg>', page, re.DOTALL)
        drawing = html.unescape(drawing)
        found = marks(drawing)
        assert found
        assert marks(file.partition("<g transform=")[2])[: len(found)] == found
        (title,) = re.findall(rf'<title id="{name}-title">(.*?)</title>', drawing)
        assert f'<title id="title">{title}</title>' in file


@pytest.mark.parametrize("name", NAMES)
def test_each_stands_alone(mia: TestClient, name: str) -> None:
    root = drawn(mia, name)
    told = {child.tag.removeprefix(SVG): child for child in root}
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [told["title"].attrib["id"], told["desc"].attrib["id"]]
    assert len(told["desc"].text or "") > 40
    style = told["style"].text or ""
    # neither variables, which few programs outside browsers know, nor anything to load or run
    assert "var(" not in style
    text = ask(mia, f"charts/{name}.svg").text
    assert not re.search(r"@import|href|<script|\son\w+=|https?://(?!www\.w3\.org/2000/svg)", text)
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([\w-]+)\)", text)) <= set(ids)
    classes = {word for one in root.iter() for word in one.attrib.get("class", "").split()}
    assert classes - {"name", "marked", "once"} <= set(re.findall(r"\.([a-z][\w-]*)", style))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_leaves_the_drawing(mia: TestClient, name: str) -> None:
    root = drawn(mia, name)
    _x, _y, width, height = map(float, root.attrib["viewBox"].split())
    assert (float(root.attrib["width"]), float(root.attrib["height"])) == (2 * width, 2 * height)
    for text in (child for child in root if child.tag == f"{SVG}text"):
        assert 0 < float(text.attrib["y"]) < height
        # half of its size is what a letter is wide at most, on average
        size = {"heading": 15, "words": 11, "source": 9}[text.attrib["class"]]
        assert float(text.attrib["x"]) + len(text.text or "") * size * 0.55 < width


def test_its_colours_are_those_of_the_page_in_daylight(mia: TestClient) -> None:
    style = (CHECKOUT / "templates" / "summary" / "_chart.css").read_text("utf-8")
    light = SCHEMES["light"]
    for step in range(7):
        assert f".q{step} rect {{ fill: {light[f'q{step}']};" in style
    wanted = {"bar-ground": "k0", "bar-ground.marked": "k1", "paper": "bg", "stripe-line": "bg"}
    for name, colour in wanted.items():
        assert f".{name} {{ fill: {light[colour]};" in style
    assert f"text {{ fill: {light['fg']};" in style
    assert set(re.findall(r"#[0-9a-f]{3,6}", style)) <= set(light.values())


def test_all_of_them_are_one_archive(mia: TestClient) -> None:
    answer = ask(mia, "charts.zip")
    assert "timesink-north-charts-2026-11-02-2026-11-08.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == [f"{name}.svg" for name in NAMES]
        assert archive.read("sinks.svg") == ask(mia, "charts/sinks.svg").content


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
