"""Calendar files against RFC 5545, by a reader of our own: the library that writes them is no witness to itself."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from busy_desk import busy
from icalendar import Calendar
from programme import Programme, document, path

from qmdoc.outputs import calendar
from qmdoc.outputs.manual_pages import downloads

HARD = (
    "Grüße; aus Köln, an alle: Überprüfung der Kühlkette für Blutstammzellpräparate, ≤ −150 °C, jeden Tag überall",
    r"A \n backslash, a \; semicolon \\ and a \, comma",
    "BEGIN:VEVENT stands; in, this title \N{FACE WITH THERMOMETER} " + "\N{SYRINGE}" * 40,
)
_LINE = re.compile(r"(?P<name>[A-Z0-9-]+)(?P<parameters>(?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(?P<value>.*)")
_DAY, _MOMENT = re.compile(r"\d{8}"), re.compile(r"\d{8}T\d{6}Z")
_ONCE = {
    "VCALENDAR": {"PRODID", "VERSION", "CALSCALE", "METHOD"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "DESCRIPTION", "TRANSP"},
}


def lines(content: bytes) -> list[str]:
    """§3.1: lines end with CRLF, hold 75 octets at most, and go on after a blank; no character is cut in two."""
    assert content.endswith(b"\r\n")
    written = content.removesuffix(b"\r\n").split(b"\r\n")
    for line in written:
        assert len(line) <= 75 and not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line), line
        line.decode("utf-8")
    return content.replace(b"\r\n ", b"").decode("utf-8").removesuffix("\r\n").split("\r\n")


def text(value: str) -> str:
    """§3.3.11: in a text, comma, semicolon and backslash have a backslash before them, and a line's end is `\\n`."""
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", value), value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def events(content: bytes) -> list[dict[str, tuple[str, str]]]:
    """§3.4, §3.6: one calendar, whose events have what they must, once each; values by name, with their parameters."""
    open_, found, held = [], [], {"VCALENDAR": [], "VEVENT": []}  # type: ignore[var-annotated]
    for line in lines(content):
        read = _LINE.fullmatch(line)
        assert read, line
        if read["name"] == "BEGIN":
            open_.append(read["value"])
            held[open_[-1]] = []
        elif read["name"] == "END":
            assert open_.pop() == read["value"]
            names = [name for name, _, _ in held[read["value"]]]
            assert all(names.count(name) == 1 for name in _ONCE[read["value"]]), names
            if read["value"] == "VEVENT":
                found.append({name: (parameters, value) for name, parameters, value in held["VEVENT"]})
        else:
            held[open_[-1]].append((read["name"], read["parameters"], read["value"]))
    head = {name: value for name, _, value in held["VCALENDAR"]}
    assert not open_ and (head["VERSION"], head["CALSCALE"], head["METHOD"]) == ("2.0", "GREGORIAN", "PUBLISH")
    for event in found:
        assert event["DTSTART"][0] == ";VALUE=DATE" and _DAY.fullmatch(event["DTSTART"][1])
        assert event["DTSTAMP"][0] == "" and _MOMENT.fullmatch(event["DTSTAMP"][1])
        assert event["SEQUENCE"][1].isdecimal() and event["TRANSP"][1] == "TRANSPARENT"
        assert not {"DTEND", "DURATION", "RRULE", "ATTENDEE"} & set(event)  # a whole day, asked of nobody
    uids = [event["UID"][1] for event in found]
    assert len(set(uids)) == len(uids)
    return found


def test_every_calendar_file_reads_as_the_standard_asks(tmp_path: Path) -> None:
    files = {
        name: content for name, content in downloads.files(busy().audit(tmp_path)).items() if name.endswith(".ics")
    }
    assert len(files) >= 3
    assert all(events(content) for content in files.values())


@pytest.mark.parametrize("title", HARD)
def test_a_title_reaches_the_calendar_as_it_was_signed(tmp_path: Path, title: str) -> None:
    made = Programme()
    quoted = title.replace("'", "''")
    made.commit("w.writer", {path(): document(title=f"'{quoted}'")}, at=datetime(2026, 11, 20, tzinfo=UTC))
    made.approve("QM-001", at=datetime(2026, 11, 21, tzinfo=UTC))
    register = made.audit(tmp_path).register
    [state] = register.in_force
    assert state.title == title and state.review and state.review.due == date(2027, 12, 31)
    [event] = events(calendar.ics(register.in_force, register, whose="Müller; Söhne, \\ & Co."))
    assert text(event["SUMMARY"][1]) == f"Periodic review: QM-001 {title}"
    assert f"Title: {title}" in text(event["DESCRIPTION"][1]).split("\n")
    assert event["DTSTART"][1] == "20271231" and event["DTSTAMP"][1] == "20261122T000000Z"


def test_a_calendar_is_what_the_library_writes_of_its_events(tmp_path: Path) -> None:
    audit = busy().audit(tmp_path)
    states = [state for state in audit.register.in_force if state.review]
    whole = calendar.ics(states, audit.register, whose="all")
    assert len(states) > 1 and Calendar.from_ical(whole).to_ical() == whole
    assert calendar.ics(states[:1], audit.register, whose="one").count(b"BEGIN:VEVENT") == 1
