"""What staff do, in a real browser: find by number, word and misspelt word; judge a print; say "I have read this"."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from programme import POLICY, Programme

from qmdoc.git import Repository
from qmdoc.model import Meaning
from qmdoc.outputs import manual, site
from qmdoc.place import find

ROOT = Path(__file__).parents[2]
TODAY = datetime(2026, 11, 22, 12)  # noqa: DTZ001 (as the browser's own clock shows it)
FOLDER = ROOT / "templates" / "manual"
NUMBERS = [
    "CLN-002",
    "CLN-003",
    "CLN-004",
    "CLN-010",
    "CLN-011",
    "CLN-022",
    "CLN-101",
    "CLN-102",
    "COL-002",
    "COL-003",
    "PHA-001",
    "PRC-004",
    "PRC-011",
    "QM-002",
]
MISSPELT = [
    ("hemofagocitic", "CLN-011"),
    ("tocilizumap", "PHA-001"),
    ("cryopreservaton", "PRC-004"),
    ("aphersis", "COL-003"),
    ("plerixaphor", "COL-002"),
    ("dexametasone", "PHA-001"),
    ("fotopheresis", "CLN-022"),
    ("dimetyl", "PRC-004"),
    ("encephalopaty", "CLN-004"),
    ("feritin", "CLN-011"),
    ("anakirna", "CLN-011"),
]


def library(number: str, version: str = "1.0") -> tuple[str, str]:
    """A document of the library with its places filled, owned by somebody of the test's programme."""
    file = next(ROOT.glob(f"sops/**/{number}-*.md"))
    text = re.sub(r"\[\[local:\s([^\]]*)\]\]", r"(\1)", file.read_text(encoding="utf-8"))
    for key, value in {"owner": "quality-manager", "version": f'"{version}"', "review_date": "2027-12-31"}.items():
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
    return str(file.relative_to(ROOT)), re.sub(r"^effective_date: .*\n", "", text, flags=re.MULTILINE)


def attached() -> dict[str, str]:
    """The attachments of the documents taken: charts, and what they were drawn from."""
    folders = [next(ROOT.glob(f"sops/**/{number}-*.md")).parent / number for number in NUMBERS]
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def history() -> Programme:
    policy = POLICY.replace("types: {", "types: {guideline: {review_months: 12}, ")
    programme = Programme(policy=f"{policy}manual_url: https://manual.example/\n")
    texts = dict(library(number) for number in (*NUMBERS, "QM-001")) | attached()
    place, text = library("QM-002")
    assert "supersedes:" not in text
    texts[place] = text.replace("review_date:", "supersedes: [OLD-004]\nreview_date:")
    programme.commit("w.writer", texts)
    programme.approve(*NUMBERS, "QM-001")
    place, text = library("CLN-003", "2.0")
    programme.commit("w.writer", {place: text.replace("38.0", "38.3")})
    programme.approve("CLN-003", at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    place, text = library("CLN-004", "2.0")
    programme.commit("w.writer", {place: text.replace("review_date:", "effective_date: 2026-11-30\nreview_date:")})
    programme.approve("CLN-004")
    programme.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW, reason="Merged into QM-002")
    programme.commit("w.writer", dict([library("QM-003")]))
    return programme


@pytest.fixture(scope="module")
def staff_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staff")
    audit = history().audit(folder / "r")
    templates = {
        str(file.relative_to(FOLDER)): file.read_text(encoding="utf-8") for file in FOLDER.rglob("*") if file.is_file()
    }
    with Repository(find(folder / "r"), {"PATH": "/usr/bin:/bin"}) as repository:
        files = manual.pages(audit, blob=repository.blob, templates=templates)
    for name, content in files.items():
        (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "src" / name).write_bytes(content)
    assert site.build(folder / "src", folder / "site", configuration=ROOT, is_draft=False) == ()
    return folder / "site"


class _Server(SimpleHTTPRequestHandler):
    """Serves files as a host of pages does: what is not there is answered with the site's own page."""

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        content = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def staff_address(staff_site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Server, directory=str(staff_site))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["file", "http"])
def top(request: pytest.FixtureRequest, staff_site: Path, staff_address: str) -> str:
    return f"file://{staff_site}" if request.param == "file" else staff_address


@pytest.fixture
def window(chromium: Browser) -> Iterator[Page]:
    """A window in which nothing may fail, and from which nothing may be asked of another place."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    yield page
    context.close()
    assert not [each for each in wrong if "404" not in each], wrong
    assert not [each for each in asked if not each.startswith(("file:", "http://127.0.0.1:", "blob:", "data:"))], asked


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("CLN-011", "CLN-011"),
        ("cln 11", "CLN-011"),
        ("cln11", "CLN-011"),
        ("22", "CLN-022"),
        ("CLN-003 CRS grading", "CLN-003"),
    ],
)
def test_a_number_and_enter_opens_the_document(window: Page, top: str, typed: str, number: str) -> None:
    window.goto(f"{top}/index.html")
    window.get_by_label("Find a procedure: number, word or title").fill(typed)
    expect(window.get_by_role("option").first).to_contain_text(number)
    window.keyboard.press("Enter")
    expect(window.locator("h1")).to_contain_text(number)


def test_a_number_of_several_documents_lets_the_reader_choose(window: Page, top: str) -> None:
    window.goto(f"{top}/index.html")
    box = window.get_by_role("combobox")
    box.fill("11")
    expect(window.get_by_role("option")).to_contain_text(["CLN-011", "PRC-011"])
    window.keyboard.press("ArrowDown")
    window.keyboard.press("ArrowDown")
    chosen = window.locator('[role="option"][aria-selected="true"]')
    expect(chosen).to_contain_text("PRC-011")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    window.keyboard.press("Enter")
    expect(window.locator("h1")).to_contain_text("PRC-011")


def test_words_of_a_title_are_found_and_escape_closes_the_list(window: Page, top: str) -> None:
    window.goto(f"{top}/index.html")
    box = window.get_by_role("combobox")
    box.fill("grad esc")
    expect(window.get_by_role("option")).to_have_count(2)
    expect(window.get_by_role("status")).to_contain_text("2 documents. Arrow keys choose, Enter opens.")
    assert box.get_attribute("aria-expanded") == "true"
    window.keyboard.press("Escape")
    expect(window.get_by_role("option")).to_have_count(0)
    assert box.get_attribute("aria-expanded") == "false" and box.input_value() == "grad esc"


def test_what_is_retired_or_a_draft_is_found_by_number_and_said_to_be_so(window: Page, top: str) -> None:
    window.goto(f"{top}/index.html")
    window.get_by_role("combobox").fill("QM-001")
    expect(window.get_by_role("option")).to_contain_text(["Withdrawn"])
    window.keyboard.press("Enter")
    expect(window.locator("article")).to_contain_text("Withdrawn: do not use.")


def test_the_box_leads_to_the_search_where_no_script_runs(chromium: Browser, staff_address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{staff_address}/index.html")
    page.get_by_label("Find a procedure").fill("fever")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**/search.html?q=fever")
    expect(page.get_by_role("link", name="master list", exact=True)).to_be_visible()
    context.close()


@pytest.mark.parametrize("number", NUMBERS)
def test_the_search_finds_each_number_first(window: Page, staff_address: str, number: str) -> None:
    window.goto(f"{staff_address}/search.html?q={number}")
    expect(window.locator(".qm-hits a").first).to_contain_text(number)
    expect(window.locator("[data-qm-told]")).to_contain_text("Only what is in force was searched.")


@pytest.mark.parametrize(("typed", "number"), MISSPELT)
def test_a_misspelt_word_finds_its_page(window: Page, staff_address: str, typed: str, number: str) -> None:
    window.goto(f"{staff_address}/search.html?q={typed}")
    expect(window.locator("[data-qm-told]")).to_contain_text(f"“{typed}” stands nowhere in the manual.")
    expect(window.locator(".qm-hits").get_by_text(number).first).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("CLN-999", "There is no document CLN-999."),
        ("cln 99", "There is no document cln 99."),
        ("XYZ-001", "There is no document XYZ-001."),
        ("cyclophosphamide", "“cyclophosphamide” stands nowhere in the manual. Shown is what is like it."),
    ],
)
def test_what_there_is_not_is_said_before_what_is_like_it(
    window: Page, staff_address: str, typed: str, sentence: str
) -> None:
    """The nearest number or word is another document, and may not be taken for the one that was asked for."""
    window.goto(f"{staff_address}/search.html?q={typed}")
    expect(window.locator("[data-qm-told]")).to_contain_text(sentence)


@pytest.mark.parametrize("typed", ["CLN-011", "day 100", "il-6", "fever"])
def test_nothing_is_called_absent_that_is_no_number_or_is_there(window: Page, staff_address: str, typed: str) -> None:
    window.goto(f"{staff_address}/search.html?q={typed}")
    told = window.locator("[data-qm-told]")
    expect(told).to_contain_text("Only what is in force was searched.")
    expect(told).not_to_contain_text("There is no document")


def test_the_title_of_a_draft_opens_nothing_by_itself(window: Page, top: str) -> None:
    """Its number does; words of a title may mean a document that can be followed."""
    window.goto(f"{top}/index.html")
    window.get_by_role("combobox").fill("document control")
    expect(window.get_by_role("option")).to_contain_text(["Withdrawn"])
    window.keyboard.press("Enter")
    window.wait_for_url("**/search.html?q=document+control")


def test_the_words_around_what_was_found_keep_apart(window: Page, staff_address: str) -> None:
    """ "fever with" may not become "feverwith", nor "5 mg" another dose."""
    window.goto(f"{staff_address}/search.html?q=fever")
    expect(window.locator(".qm-hits mark").first).to_be_visible()
    texts = window.locator(".qm-hits p").all_inner_texts()
    assert texts and not [text for text in texts if re.search(r"fever[a-z]", text)], texts
    assert any("fever " in text for text in texts)


def test_a_misspelt_word_is_corrected_without_a_server_too(window: Page, staff_site: Path) -> None:
    window.goto(f"file://{staff_site}/search.html?q=tocilizumap")
    expect(window.locator("[data-qm-told]")).to_contain_text("“tocilizumap” stands nowhere in the manual.")
    expect(window.locator("#search-results").get_by_text("PHA-001").first).to_be_visible()
    expect(window.locator("#search-results")).not_to_contain_text("did not match")
    expect(window.locator("#search-results ul.search")).to_have_count(1)


def test_a_word_of_the_texts_is_found_where_no_server_answers(window: Page, staff_site: Path) -> None:
    window.goto(f"file://{staff_site}/search.html?q=plerixafor")
    expect(window.locator("#search-results").get_by_text("COL-002").first).to_be_visible()
    expect(window.locator("#search-results ul.search")).to_have_count(1)


def test_only_what_is_in_force_is_found_unless_asked(window: Page, staff_address: str) -> None:
    window.goto(f"{staff_address}/search.html?q=fever")
    expect(window.locator(".qm-hits a").first).to_be_visible()
    assert not window.locator(".qm-hits").get_by_text("not current").count()
    window.get_by_label("Drafts, earlier and coming versions, and retired documents too").check()
    expect(window.locator(".qm-hits").get_by_text("CLN-003 CRS grading and escalation: version 1.0")).to_be_visible()
    expect(window.locator(".qm-hits")).to_contain_text(["Earlier version"])


def test_a_search_can_keep_to_one_domain(window: Page, staff_address: str) -> None:
    window.goto(f"{staff_address}/search.html?q=record")
    expect(window.locator(".qm-hits a").first).to_be_visible()
    window.get_by_label("Domain").select_option("Quality")
    expect(window).to_have_url(re.compile("domain=Quality"))
    expect(window.locator(".qm-hits a").first).to_contain_text("QM-002")
    assert window.locator(".qm-hits a").count() == window.locator(".qm-hits").get_by_text("QM-").count()


def test_nothing_typed_into_a_search_becomes_markup(window: Page, top: str) -> None:
    window.goto(f"{top}/search.html?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(window.locator("h1")).to_have_text("Search")
    window.wait_for_load_state("networkidle")
    assert window.locator("article img").count() == 0


def digest(window: Page, top: str, page: str) -> str:
    window.goto(f"{top}/{page}.html")
    found = window.locator('dt:text-is("Digest") + dd').inner_text()
    assert re.fullmatch("[0-9a-f]{12}", found)
    return found


@pytest.mark.parametrize(
    ("print_", "page", "verdict", "sentence"),
    [
        ("CLN-003/2.0", "documents/CLN-003", "Your print is current.", "is in force since 2026-06-01"),
        ("CLN-003/1.0", "versions/CLN-003-1.0", "Not current: destroy your copy.",
         "Your print is version 1.0; version 2.0 is in force since 2026-06-01."),
        ("CLN-003/2.0", "versions/CLN-003-1.0", "Another text: do not use your print.", "not printed from the approved text"),
        ("CLN-003/3.0", "documents/CLN-003", "Not known: do not use your print.", "was never approved here"),
        ("QM-001/1.0", "documents/QM-002", "Withdrawn: destroy your print.", "Merged into QM-002"),
        ("QM-003/1.0", "documents/QM-002", "Not in force.", "has no version in force"),
        ("OLD-004/1.0", "documents/QM-002", "Not in force.", "It was replaced by QM-002."),
        ("QM-999/1.0", "documents/QM-002", "Not known.", "do not use your print"),
    ],
)  # fmt: skip
def test_the_code_on_a_print_leads_to_its_verdict(
    window: Page, top: str, print_: str, page: str, verdict: str, sentence: str
) -> None:
    window.clock.set_fixed_time(TODAY)
    window.goto(f"{top}/current.html#{print_}/{digest(window, top, page)}")
    answer = window.locator("[data-qm-answer]")
    expect(answer.locator("strong")).to_have_text(verdict)
    expect(answer).to_contain_text(sentence)
    expect(answer).to_contain_text("By the records of 2026-11-22.")


@pytest.mark.parametrize(
    ("clock", "verdict"), [("2026-11-29", "Your print is current."), ("2026-11-30", "Perhaps not.")]
)
def test_a_print_is_not_called_current_once_its_successor_was_to_follow(
    window: Page, top: str, clock: str, verdict: str
) -> None:
    window.clock.set_fixed_time(datetime.fromisoformat(f"{clock}T12:00:00"))
    window.goto(f"{top}/current.html#CLN-004/1.0/{digest(window, top, 'documents/CLN-004')}")
    expect(window.locator("[data-qm-answer] strong")).to_have_text(verdict)


@pytest.mark.parametrize(
    ("clock", "verdict", "sentence"),
    [
        ("2026-11-29", "Not yet in force.", "comes into force on 2026-11-30. Until then version 1.0 is in force."),
        ("2026-11-30", "Perhaps.", "was to come into force on 2026-11-30: look at a newer manual"),
    ],
)
def test_a_print_of_a_version_ahead_is_never_called_current(
    window: Page, top: str, clock: str, verdict: str, sentence: str
) -> None:
    window.clock.set_fixed_time(datetime.fromisoformat(f"{clock}T12:00:00"))
    window.goto(f"{top}/current.html#CLN-004/2.0/{digest(window, top, 'versions/CLN-004-2.0')}")
    expect(window.locator("[data-qm-answer] strong")).to_have_text(verdict)
    expect(window.locator("[data-qm-answer]")).to_contain_text(sentence)


@pytest.mark.parametrize(
    ("clock", "print_", "verdict", "sentence"),
    [
        ("2026-11-29", "CLN-004/2.0", "Another text: do not use your print.",
         "CLN-004 version 2.0 is approved and comes into force on 2026-11-30, but its digest is "),
        ("2026-11-30", "CLN-004/2.0", "Another text: do not use your print.",
         "On 2026-11-22, when this manual was made, CLN-004 version 2.0 was approved and was to come into force on 2026-11-30, but its digest is "),
        ("2026-11-22", "CLN-003/1.0", "Not current: destroy your copy.",
         "Your print is version 1.0; version 2.0 is in force since 2026-06-01. It was not printed from the approved text of version 1.0 either: its digest is "),
    ],
)  # fmt: skip
def test_a_wrong_digest_of_an_approved_version_is_not_called_a_version_that_nobody_approved(
    window: Page, top: str, clock: str, print_: str, verdict: str, sentence: str
) -> None:
    right, wrong = digest(window, top, f"versions/{print_.replace('/', '-')}"), "0123456789ab"
    window.clock.set_fixed_time(datetime.fromisoformat(f"{clock}T12:00:00"))
    window.goto(f"{top}/current.html#{print_}/{wrong}")
    answer = window.locator("[data-qm-answer]")
    expect(answer.locator("strong")).to_have_text(verdict)
    expect(answer).to_contain_text(f"{sentence}{right}; your print says {wrong}.")
    expect(answer).not_to_contain_text("never approved")


def test_a_search_finds_a_version_ahead_only_when_asked_and_says_so(window: Page, staff_address: str) -> None:
    window.goto(f"{staff_address}/search.html?q=encephalopathy")
    expect(window.locator(".qm-hits a").first).to_be_visible()
    assert not window.locator(".qm-hits").get_by_text("not yet in force").count()
    window.get_by_label("Drafts, earlier and coming versions, and retired documents too").check()
    expect(window.locator(".qm-hits").get_by_text("version 2.0, not yet in force")).to_be_visible()
    expect(window.locator(".qm-hits")).to_contain_text(["Not yet in force: approved, its day is ahead"])


@pytest.mark.parametrize(
    ("clock", "verdict"),
    [("2026-11-29", "Your print is current."), ("2026-11-30", "Your print was current on 2026-11-22.")],
)
def test_an_old_copy_of_the_manual_promises_nothing_for_today(window: Page, top: str, clock: str, verdict: str) -> None:
    window.clock.set_fixed_time(datetime.fromisoformat(f"{clock}T12:00:00"))
    window.goto(f"{top}/current.html#CLN-003/2.0/{digest(window, top, 'documents/CLN-003')}")
    expect(window.locator("[data-qm-answer] strong")).to_have_text(verdict)


def test_a_print_can_be_judged_by_typing_and_never_without_its_digest(window: Page, top: str) -> None:
    window.clock.set_fixed_time(TODAY)
    right = digest(window, top, "documents/CLN-003")
    window.goto(f"{top}/current.html")
    box = window.get_by_label("What stands below the print's code")
    for typed, verdict in {
        f"cln-003 2.0 {right.upper()}": "Your print is current.",
        f"CLN-003, version 2.0, digest {right}": "Your print is current.",
        "CLN-003 2.0": "Perhaps.",
        "CLN-003": "Not understood.",
        f"CLN-003 2.0 {right[:11]}": "Not understood.",
        "constructor 1.0": "Not understood.",
    }.items():
        box.fill(typed)
        window.keyboard.press("Enter")
        expect(window.locator("[data-qm-answer] strong")).to_have_text(verdict)


def test_i_have_read_this_is_filled_in_for_the_reader(window: Page, top: str) -> None:
    window.goto(f"{top}/read/CLN-003.html")
    window.get_by_label("Your id in the staff list").fill("n.nurse")
    window.get_by_label("The day on which you read it").fill("2026-11-20")
    expect(window.get_by_role("status")).to_contain_text("filled in")
    letter = urlsplit(window.get_by_role("link", name="Write an e-mail").get_attribute("href") or "")
    assert re.search(r"\nn\.nurse,CLN-003,2\.0,[0-9a-f]{64},2026-11-20,", parse_qs(letter.query)["body"][0])
    window.get_by_label("Your id in the staff list").fill("n nurse,x")
    expect(window.get_by_role("status")).to_contain_text("An id has")
    assert "YOUR-ID" in (window.get_by_role("link", name="Write an e-mail").get_attribute("href") or "")


def test_the_control_block_folds_on_a_phone_and_opens_for_paper(window: Page, top: str) -> None:
    window.set_viewport_size({"width": 390, "height": 800})
    window.goto(f"{top}/documents/CLN-003.html")
    block = window.locator("details.qm-control dl")
    expect(block).to_be_hidden()
    window.locator("details.qm-control summary").focus()
    window.keyboard.press("Enter")
    expect(block).to_be_visible()
    window.keyboard.press("Enter")
    window.emulate_media(media="print")
    expect(block).to_be_visible()
    expect(window.locator("svg.qm-code")).to_be_visible()
    window.emulate_media(media="screen")
    window.set_viewport_size({"width": 1280, "height": 800})
    expect(block).to_be_visible()


def test_a_missing_address_leads_on_at_any_depth(window: Page, staff_address: str) -> None:
    window.goto(f"{staff_address}/some/where/cln-011.html")
    expect(window.get_by_role("link", name="CLN-011 HLH-like syndrome")).to_be_visible()
    window.get_by_role("combobox").fill("CLN-003")
    window.keyboard.press("Enter")
    expect(window.locator("h1")).to_contain_text("CLN-003")


def test_a_page_weighs_less_than_250_kilobytes_in_all(window: Page, staff_address: str) -> None:
    sizes: dict[str, int] = {}
    window.on("response", lambda got: sizes.update({got.url: len(got.body())}))
    for name in (
        "documents/CLN-003",
        "documents/CLN-004",
        "index",
        "current",
        "dashboard",
        "training",
        "changes/CLN-003",
    ):
        sizes.clear()
        window.goto(f"{staff_address}/{name}.html")
        window.wait_for_load_state("networkidle")
        assert sum(sizes.values()) < 250_000, sizes
