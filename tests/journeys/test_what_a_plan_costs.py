"""What a plan with nine lines of two missions costs, and a photo over a satellite line (J13, J14)."""

from __future__ import annotations

import io
import random
from dataclasses import replace

import pytest
from PIL import Image

from gaf.demo import acting_parts as do
from gaf.demo.acting_parts import LineWritten
from gaf.demo.volume import USUAL, asking
from gaf.money import total
from tests.journeys.conditions import Conditions
from tests.journeys.counting import A_WAY, BYTES_A_SECOND, told
from tests.journeys.travelling import a_request, conditions, sign_in, stage  # noqa: F401  # fixtures
from workflow.actions.documents import read_document
from workflow.models import AssistanceRequest, BudgetLine, Upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHEET = """Type	Description	Quantity	Unit	Unit cost	Currency
Shelter and accommodation	Transit centre	21	person-night	16 000	XOF
Food and nutrition	Meals	21	person-day	4 000	XOF
Medical care	Examination	1	treatment	45 000	XOF
Local and onward transport	Bus to the capital	1	trip	12 000	XOF
International travel	Flight home	1	ticket	410.00	USD
Travel pocket money	For the way	1	person	50.00	USD"""
OF_LEBANON = [
    LineWritten("RECEP", "LB", "Met at the airport", "person", "1", "60.00", "USD"),
    LineWritten("SHEL", "LB", "Three nights", "person-night", "3", "40.00", "USD"),
    LineWritten("INTRAN", "LB", "Taxi", "trip", "1", "25.00", "USD"),
]
FIELDS = ["assistance_type", "description", "quantity", "unit", "unit_cost", "currency"]


@pytest.fixture
def shared(stage) -> AssistanceRequest:  # noqa: F811
    """Niger leads, Lebanon takes part and has written its three lines; Niger's plan and lines are to be written."""
    wanted = asking(USUAL)
    wanted.other_missions = ("LB",)
    wanted.consent = replace(wanted.consent, purposes=("ASSISTANCE", "SHARING"))
    reference = do.write_request(stage, "amina", wanted)
    do.submit(stage, "amina", reference)
    do.endorsed(stage, "idriss", reference)
    do.take(stage, "bruno", reference)
    do.found_eligible(stage, "bruno", reference)
    do.write_plan(stage, "rana", reference, "", OF_LEBANON)
    return AssistanceRequest.objects.get(reference=reference)


@pytest.mark.parametrize("conditions", [Conditions(), Conditions(scripts=False)], ids=str)
def test_j13_nine_lines_of_two_missions_in_two_currencies(conditions, shared, sign_in):  # noqa: F811
    here = f"/requests/{shared.reference}/plan/"
    amina = sign_in("amina")
    page = amina.open(f"{here}assistance/").form().fill(plan="Repos, soins, retour.", delivery_months="1")
    page.press("Save the plan")
    page = amina.open(f"{here}budget/")
    amina.click_on("summary:has-text('Paste lines')")
    form = page.form("Put them into the rows")
    form.paste("pasted", SHEET)
    page = form.press_and_stay("Put them into the rows", "6 lines were put into the rows")
    assert BudgetLine.objects.count() == len(OF_LEBANON)
    page = page.form("Work out totals").press("Work out totals")
    assert BudgetLine.objects.count() == 9
    said = page.words.partition("Saved lines of your mission:")[2].partition("Save the lines")[0]
    all_of_it = total([line.usd for line in BudgetLine.objects.all()], "USD")
    assert "XOF 477,000" in said
    assert f"All missions: {all_of_it}" in said
    print(f"J13 worked out: {said.strip()}")
    page = amina.open(f"{here}check/")
    with amina.told_that_it_is_done():
        page.form().fill(declared=True).press("Send the budget")
    cost = told(f"J13 {conditions}", amina.cost)
    assert AssistanceRequest.objects.get().state == "BUDGET_REVIEW"
    assert len({url.split("?")[0] for url in amina.screens if "/plan/" in url and not url.endswith("/plan/")}) == 3
    assert cost.acts <= 9
    assert cost.words_typed <= 10


def test_j13_tab_goes_through_a_line_in_the_order_of_its_columns(shared, sign_in):  # noqa: F811
    amina = sign_in("amina")
    amina.open(f"/requests/{shared.reference}/plan/budget/")
    amina.page.locator("[name=lines-0-assistance_type]").focus()
    reached = []
    for _field in FIELDS:
        reached.append(amina.page.evaluate("document.activeElement.name"))
        amina.key("Tab")
    rows = amina.page.locator("table.inputs tbody tr").count()
    print(f"J13 by hand: {amina.cost.keys} keys of Tab from the first field of a line to the end of it")
    assert reached == [f"lines-0-{name}" for name in FIELDS]
    assert rows == 1


def test_j14_a_photo_of_four_megabytes_over_a_satellite_line(stage, sign_in):  # noqa: F811
    reference = a_request(stage, "draft")
    amina = sign_in("amina")
    page, sent, photo = amina.open(f"/requests/{reference}/documents/"), list[int](), a_photo_of_a_paper()
    window = amina.page

    def count(route) -> None:
        sent.append(len(route.request.post_data_buffer or b""))
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    window.route("**/documents/uploads/*/?save=1", count)
    form = page.form("Add the document").fill(kind="QUOTE")
    amina.cost.acts += 1  # the file is chosen in a window of the system's own
    window.locator("[name=file]").set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo})
    window.locator("[data-photo]:visible").wait_for()
    amina.click("Add the document", "button")
    window.locator("[data-stopped]:visible").wait_for()
    form.press("Add the document")
    cost = told("J14", amina.cost)
    kept = AssistanceRequest.objects.get().documents.get()
    pieces, size = len(sent), Upload.objects.get().size
    seconds = round(sum(sent) / (BYTES_A_SECOND / 2) + pieces * A_WAY)
    print(f"J14 {len(photo):,} bytes, {size:,} after the device, {sum(sent):,} sent in {pieces} pieces, {seconds} s")
    assert len(photo) >= 4_000_000
    assert size <= 300_000
    assert sum(sent) - sent[1] == size  # only the piece that was dropped goes twice
    assert sum(sent) / (BYTES_A_SECOND / 2) <= 95
    assert cost.acts <= 4
    with Image.open(io.BytesIO(read_document(kept))) as picture:
        assert max(picture.size) == 1600
        assert dict(picture.getexif()) == {}


def a_photo_of_a_paper() -> bytes:
    """Lines of print on a sheet, with the grain of a telephone's sensor and the place where it was taken."""
    width, height = 4000, 3000
    grain = Image.frombytes("L", (width, height), random.Random(7).randbytes(width * height))
    paper = Image.new("L", (width, height), 225)
    for top in range(200, height - 200, 90):
        paper.paste(40, (300, top, width - 300 - top % 700, top + 26))
    place, taken = Image.Exif(), io.BytesIO()
    place[0x010E] = "At the well of Zinder"
    Image.blend(paper, grain, 0.2).convert("RGB").save(taken, "JPEG", quality=90, exif=place)
    return taken.getvalue()
