"""The application as a reader meets it: a server started as `make run` starts it, and a Chromium."""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.__main__ import main
from core.data import Data
from core.formats import p_value, significant
from core.outputs import find
from core.where import Where
from pages import PAGES
from tests.conftest import ROOT, TRIAL

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REQUIRED = os.environ.get("MARROWSCOPE_BROWSER") == "required"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 60_000
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@dataclass
class Watched:
    """What a page asked of the network and wrote to its console."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://localhost:{port}"
        try:
            wait_for(address)
            yield address
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(f"{address} did not answer within a minute")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if REQUIRED:
            pytest.fail("A Chromium is required here; install Debian's package chromium.")
        pytest.skip("NO BROWSER: the browser tests did not run; install Debian's package chromium to run them.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            yield chromium
            chromium.close()


def visit(browser: Browser, address: str, watched: Watched) -> Page:
    """Open an address in a browser of its own, as another reader would."""
    context = browser.new_context(
        viewport={"width": 1400, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on(
        "request",
        lambda r: None if re.match(r"(http|ws)://localhost|data:|blob:", r.url) else watched.outside.append(r.url),
    )
    page.on("console", lambda m: watched.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: watched.errors.append(str(e)))
    page.goto(address)
    return page


def test_a_deep_link_its_numbers_its_patients_and_its_copy(server: str, browser: Browser, pilot: Data) -> None:
    """The very first request is a deep link with filters; the view travels to a second reader."""
    women = pilot.study.populations[0].filtered(Where.parse("SEX EQ F"))
    output = find("ae_by_term")
    result = output.run(pilot, women, {"category": "related", "columns": "TRT01A"})
    row = next(row for row in output.show(result, pilot).rows if row.label == "Pruritus")
    records = output.behind(pilot, women, {"category": "related"}, row.about)
    behind = f"Behind “Pruritus”: {len(records)} events of {records.USUBJID.nunique()} patients"
    watched = Watched()

    page = visit(
        browser, f"{server}/adverse-events?study=cdiscpilot01&view=By+term&SEX=F&category=Related+to+treatment", watched
    )
    expect(page.get_by_text("143 subjects on view")).to_be_visible(timeout=PATIENCE)
    line = page.locator("tr", has=page.get_by_role("rowheader", name="Pruritus, show the records behind", exact=True))
    expect(line.locator("td")).to_have_text(list(row.cells), timeout=PATIENCE)
    line.click()
    expect(page.get_by_role("heading", name=behind)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("row=PT~PRURITUS"))
    expect(page.locator("tr.chosen td")).to_have_text(list(row.cells))

    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit(browser, link, watched)
    expect(other.get_by_role("heading", name=behind)).to_be_visible(timeout=PATIENCE)
    expect(other.locator("tr.chosen td")).to_have_text(list(row.cells))
    expect(other.get_by_text("143 subjects on view")).to_be_visible()

    assert watched.outside == []
    assert watched.errors == []


@pytest.mark.parametrize("path", ["", *(page.path for page in PAGES[1:])])
@pytest.mark.parametrize(("study", "N"), [("", 45), ("?study=cdiscpilot01", 254)])
def test_every_page_opens_wide_and_narrow_without_an_error(
    server: str, browser: Browser, path: str, study: str, N: int
) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/{path}{study}", watched)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(f"N={N}").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    for width in (1400, 420):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        expect(page.get_by_text(f"N={N}").first).to_be_visible(timeout=PATIENCE)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert watched.outside == []
    assert watched.errors == []


def test_a_filter_chosen_by_hand_reaches_the_address(server: str, browser: Browser) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/?study=cdiscpilot01", watched)
    # A list closes when what it hangs on is scrolled: scroll first, as a reader does.
    page.get_by_role("combobox", name="Sex").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.get_by_role("combobox", name="Sex").click()
    page.get_by_role("option", name="M", exact=True).click()
    expect(page.get_by_text("111 subjects on view")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("SEX=M"))
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Adverse events").click()
    expect(page.get_by_role("heading", level=1, name="Adverse events")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("SEX=M"))
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_text("254 subjects on view")).to_be_visible(timeout=PATIENCE)
    assert "SEX" not in page.url
    assert watched.errors == []


def test_a_marker_of_the_panel_opens_its_page_with_the_numbers_of_the_command_line(
    server: str, browser: Browser, trial: Data, capfd: pytest.CaptureFixture[str]
) -> None:
    """Table and figure lead to the marker, the filter goes along, a mark tells who it is, and Back leads back."""
    assert main(["run", "paired_change", str(TRIAL), "PARAMCD=KLK3", "blq=lloq", "--where", "SITEID EQ 01"]) == 0
    ard, told = capfd.readouterr()
    numbers = pd.read_csv(io.StringIO(ard)).set_index(["context", "stat_name"]).stat
    watched = Watched()
    page = visit(browser, f"{server}/panel?SITEID=01&blq=The+limit", watched)
    page.get_by_role("rowheader", name=re.compile("^KLK3.*open it on the page Change")).click()
    expect(page.get_by_role("heading", level=1, name="Change of a marker")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(told.splitlines()[0])).to_be_visible(timeout=PATIENCE)
    assert {"SITEID=01", "blq=The+limit"} <= set(page.url.split("?")[1].split("&"))
    row = page.locator("tr", has=page.get_by_role("rowheader", name=re.compile("^Mean fold change, paired t-test")))
    expect(row.locator("td").nth(0)).to_have_text(f"× {significant(numbers['fold_change', 'estimate'])}")
    expect(row.locator("td").nth(2)).to_have_text(p_value(numbers["paired_t", "p_value"]))

    page.get_by_text("Change by subject", exact=True).click()
    bar = page.locator("svg path[aria-roledescription=bar]").first
    subject = re.search(r"Subject: ([\w-]+)", str(bar.get_attribute("aria-label")))
    assert subject is not None
    bar.click()
    expect(page.get_by_role("heading", name=f"{subject[1]}: every record of this marker")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Panel of markers")).to_be_visible(timeout=PATIENCE)
    assert watched.outside == []
    assert watched.errors == []


def test_a_mark_of_the_forest_plot_opens_its_marker(server: str, browser: Browser) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/panel?panel_view=Forest+plot", watched)
    page.locator("svg path[aria-roledescription=point]").nth(3).click(force=True)
    expect(page.get_by_role("heading", level=1, name="Change of a marker")).to_be_visible(timeout=PATIENCE)
    assert "PARAMCD=" in page.url
    assert watched.errors == []


def test_a_cell_of_the_map_opens_its_scatter_plot_and_a_rectangle_there_lists_patients(
    server: str, browser: Browser
) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/association?association_view=Map+of+correlations&SITEID=01", watched)
    cell = page.locator("svg path[aria-roledescription='rect mark']").nth(5)
    told = str(cell.get_attribute("aria-label"))
    cell.click(force=True)
    x, y = (re.search(rf"{axis}: ([^;]+); {axis} at: Baseline", told) for axis in ("Horizontal", "Vertical"))
    assert x is not None
    assert y is not None
    expect(page.get_by_role("heading", level=1, name="Association of measures")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(f"{y[1]}, Baseline against {x[1]}, Baseline", exact=False).first).to_be_visible()
    assert "SITEID=01" in page.url

    page.locator(".stVegaLiteChart svg").scroll_into_view_if_needed()
    plot = page.locator(".stVegaLiteChart svg").bounding_box()
    assert plot is not None
    page.mouse.move(plot["x"] + 0.35 * plot["width"], plot["y"] + 0.3 * plot["height"])
    page.mouse.down()
    page.mouse.move(plot["x"] + 0.95 * plot["width"], plot["y"] + 0.85 * plot["height"], steps=5)
    page.mouse.up()
    expect(page.get_by_role("heading", name=re.compile(r"Patients marked: \d+"))).to_be_visible(timeout=PATIENCE)
    page.go_back()
    expect(page.get_by_text("Click a mark or a row to open its scatter plot.")).to_be_visible(timeout=PATIENCE)
    assert watched.outside == []
    assert watched.errors == []


def test_the_server_guards_its_answers(server: str) -> None:
    with urllib.request.urlopen(server) as answer:
        headers = answer.headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_leaves_the_link_of_another_alone(server: str, browser: Browser) -> None:
    """What is chosen on one page is not taken for a choice of the next one."""
    watched = Watched()
    page = visit(browser, f"{server}/panel", watched)
    page.get_by_text("Forest plot", exact=True).click()
    expect(page.locator(".stVegaLiteChart svg")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Adverse events").click()
    expect(page.get_by_role("heading", level=1, name="Adverse events")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    other = visit(browser, page.evaluate("navigator.clipboard.readText()"), watched)
    expect(other.get_by_role("heading", level=1, name="Adverse events")).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_text("does not exist here")).to_have_count(0)
    assert watched.errors == []


def cell(page: Page, row: int, table: int = 0) -> None:
    """Click the first column of a row of a table, which is drawn on a canvas."""
    grid = page.locator("[data-testid=stDataFrame]").nth(table)
    grid.locator("canvas").first.wait_for(timeout=PATIENCE)
    grid.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 40, box["y"] + 35 * row + 18)


def opened_patient(page: Page, subject: str) -> None:
    expect(page.get_by_role("heading", level=1, name="Patient", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(f"/patient\\?.*USUBJID={subject}"))
    expect(page.get_by_role("combobox", name="Patient")).to_have_value(subject, timeout=PATIENCE)
    expect(page.locator(".stVegaLiteChart svg").get_by_text(subject, exact=True)).to_be_visible(timeout=PATIENCE)


def test_two_clicks_lead_from_a_table_to_a_patient_and_the_link_opens_the_same_elsewhere(
    server: str, browser: Browser, trial: Data
) -> None:
    population = trial.study.populations[0].filtered(Where.parse("VISCERAL EQ Y"))
    about = ("PT", "Nausea", "Gastrointestinal disorders")
    listed = find("ae_by_term").behind(trial, population, {"category": "teae"}, about)
    watched = Watched()
    page = visit(browser, f"{server}/adverse-events?view=By+term&VISCERAL=Y", watched)
    page.get_by_role("rowheader", name="Nausea, show the records behind", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Behind “Nausea”"))).to_be_visible(timeout=PATIENCE)
    cell(page, 2)
    subject = listed.USUBJID.iloc[1]
    opened_patient(page, subject)
    assert "VISCERAL=Y" in page.url

    on_view = list(trial.ask("subjects", population).USUBJID)
    after = on_view[on_view.index(subject) + 1]
    page.get_by_role("button", name="Next").click()
    opened_patient(page, after)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    other = visit(browser, page.evaluate("navigator.clipboard.readText()"), watched)
    opened_patient(other, after)
    expect(other.get_by_text(f"{len(on_view)} subjects on view").first).to_be_visible()
    expect(other.get_by_text("is not among")).to_have_count(0)
    assert watched.outside == []
    assert watched.errors == []


def test_two_clicks_lead_from_a_mark_to_a_patient(server: str, browser: Browser) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/change?figure=Change+by+subject", watched)
    bar = page.locator("svg path[aria-roledescription=bar]").first
    subject = re.search(r"Subject: ([\w-]+)", str(bar.get_attribute("aria-label")))
    assert subject is not None
    bar.click()
    page.get_by_role("button", name=f"Open {subject[1]}").click()
    opened_patient(page, subject[1])
    assert watched.errors == []


def test_two_clicks_lead_from_a_bar_of_states_to_a_patient(server: str, browser: Browser, trial: Data) -> None:
    """Performance status: a part of a bar lists its patients, and a click on one opens the patient."""
    records = find("ordinal_change").run(trial, trial.study.populations[0]).records
    watched = Watched()
    page = visit(browser, f"{server}/ecog", watched)
    bar = page.locator("svg path[aria-roledescription=bar]").first
    told = dict(part.split(": ", 1) for part in str(bar.get_attribute("aria-label")).split("; ") if ": " in part)
    state = {"Improved": "improved", "Stable": "stable", "Worsened": "worsened"}[told["State"]]
    bar.click()
    expect(page.get_by_role("heading", name=re.compile(f"{told['Period']}: {state}"))).to_be_visible(timeout=PATIENCE)
    cell(page, 1)
    opened_patient(page, records[records.bar == f"{told['Period']}: {state}"].USUBJID.iloc[0])
    assert watched.errors == []


def test_the_note_at_a_table_of_adverse_events_leads_to_the_findings(
    server: str, browser: Browser, trial: Data
) -> None:
    findings = find("ctcae_checks").run(trial, trial.study.populations[0]).records
    watched = Watched()
    page = visit(browser, f"{server}/adverse-events", watched)
    expect(page.get_by_text("5 records of 2 patients have a finding")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="List the findings").click()
    expect(page.get_by_role("heading", level=1, name="Study data")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name=re.compile("5 findings of 2 patients"))).to_be_visible(timeout=PATIENCE)
    cell(page, 1, table=1)
    opened_patient(page, findings.USUBJID.iloc[0])
    assert watched.errors == []


def test_a_bar_of_a_patient_shows_its_record(server: str, browser: Browser) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/patient?USUBJID=CBZ-01-001", watched)
    bars = page.locator("svg path[aria-label*='Febrile neutropenia']")
    bars.first.click()
    expect(page.get_by_role("heading", name="The record of this mark")).to_be_visible(timeout=PATIENCE)
    assert watched.errors == []


@pytest.mark.parametrize(
    ("address", "marks"),
    [
        ("adverse-events?view=By+worst+grade", "path[aria-roledescription=bar]"),
        ("adverse-events?view=Most+frequent", "path[aria-roledescription=point]"),
        ("adverse-events?view=Rates", "path[aria-roledescription=point]"),
        ("safety-timeline?", "path[aria-roledescription='rect mark']"),
        ("safety-timeline?timeline_view=Onset+over+time", "path[aria-roledescription='rect mark']"),
        ("safety-timeline?study=cdiscpilot01", "path[aria-roledescription=point]"),
    ],
)
def test_two_clicks_lead_from_a_mark_of_safety_to_a_patient(
    server: str, browser: Browser, address: str, marks: str
) -> None:
    """The first click lists those behind the mark, and the second opens the first of them."""
    watched = Watched()
    page = visit(browser, f"{server}/{address}", watched)
    page.locator(f"svg {marks}").nth(4).click(force=True)
    expect(page.get_by_role("heading", name=re.compile("^Behind “"))).to_be_visible(timeout=PATIENCE)
    cell(page, 1)
    expect(page.get_by_role("heading", level=1, name="Patient", exact=True)).to_be_visible(timeout=PATIENCE)
    found = re.search(r"USUBJID=([\w-]+)", page.url)
    assert found is not None
    opened_patient(page, found[1])
    assert watched.outside == []
    assert watched.errors == []


def test_a_lane_of_the_timeline_and_a_sheet_of_a_serious_event_open_their_patient(
    server: str, browser: Browser
) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/safety-timeline?timeline_view=Patients", watched)
    bar = page.locator("svg path[aria-roledescription=bar]").nth(2)
    subject = re.search(r"Patient: ([\w-]+)", str(bar.get_attribute("aria-label")))
    assert subject is not None
    bar.click(position={"x": 2, "y": 2}, force=True)
    page.get_by_role("button", name=f"Open {subject[1]}").click()
    opened_patient(page, subject[1])
    page = visit(browser, f"{server}/adverse-events?view=Serious+events", watched)
    choice = page.get_by_role("combobox", name="Serious event")
    choice.click()
    choice.fill("sepsis")
    option = page.get_by_role("option").first
    subject = re.search(r"CBZ-[\d-]+", option.inner_text())
    assert subject is not None
    option.click()
    page.get_by_role("button", name=f"Open {subject[0]}").click(timeout=PATIENCE)
    opened_patient(page, subject[0])
    opened_patient(visit(browser, page.url, watched), subject[0])
    assert watched.errors == []


def test_hovering_over_a_mark_of_the_timeline_tells_what_it_is(server: str, browser: Browser) -> None:
    watched = Watched()
    page = visit(browser, f"{server}/safety-timeline?timeline_view=Onset+over+time", watched)
    page.locator("svg path[aria-roledescription='rect mark']").nth(3).hover(force=True)
    tip = page.locator("#vg-tooltip-element")
    expect(tip).to_contain_text("Any event", timeout=PATIENCE)
    expect(tip).to_contain_text("Subjects, n (%)")
    assert watched.errors == []
