"""Every tag that a template of the manual is given, with what it is: held to the templates, and printed in docs/templates.md."""

from __future__ import annotations

from collections.abc import Mapping

EVERYWHERE: Mapping[str, str] = {
    "href": 'the address of a page by its name: `href("documents/QM-001")`, `href("index")`',
    "download": 'the address of a list\'s file by its name: `download("register.csv")`',
    "file": "the address of any other file of the site by its path",
    "_": 'words in the manual\'s language: `_("In force")`; a sentence with values or tags stands in `{% trans %}`',
}
_STATE = "the document as it stands on the day"
_APPROVAL = "the approved version that the page shows"
_AS_OF = "the day of which the manual tells"
_TEXT = "the text with its front matter"
_POLICY = "the programme's policy"
_VERSIONS = "the pages of versions that are not in force, by their digests"
_HEIRS = "the documents in force that replace this one"

TAGS: Mapping[str, Mapping[str, str]] = {
    "about.html": {"as_of": _AS_OF, "commit": "the commit from which the manual was made", "policy": _POLICY},
    "absent.html": {},
    "absent-document.html": {"state": _STATE, "as_of": _AS_OF, "successors": _HEIRS, "versions": _VERSIONS},
    "ahead-above.html": {},
    "ahead-below.html": {},
    "ahead-changes.html": {
        "state": _STATE,
        "step": "from the version that is followed until then to the one ahead, with its redline",
        "place": "the page of the version ahead",
    },
    "calendar.html": {
        "as_of": _AS_OF,
        "spans": "stretches of time, month by month, each with its title and its documents",
        "quarters": "the same by three months",
        "shares": "each owner with the number of reviews in each quarter, their total and the name of the calendar file",
        "sums": "the number of reviews in each quarter",
        "all_reviews": "the name of the files with all reviews",
    },
    "catalogue.html": {
        "cover": "one standard with its clauses, and how each is answered",
        "evidence": "what stands behind each document, by its number",
        "as_of": _AS_OF,
    },
    "changes.html": {
        "state": _STATE,
        "steps": "each step from one version to the next, the newest first, with its redline",
        "versions": _VERSIONS,
    },
    "coverage.html": {
        "bound": "the standards that bind, each with its clauses",
        "missing": "standards that the policy names and nobody has put on file",
        "others": "standards on file that do not bind",
        "unreadable": "catalogues that could not be read",
        "as_of": _AS_OF,
    },
    "current.html": {
        "rows": "a row of the master list for each document that was ever approved",
        "as_of": _AS_OF,
        "digits": "how many letters of a digest a print shows",
    },
    "dashboard.html": {
        "sections": "the parts of the dashboard: title, figures, columns and lines",
        "as_of": _AS_OF,
        "states": "how many documents were looked at",
    },
    "document-above.html": {},
    "document-below.html": {},
    "domain.html": {"domain": "a domain with its parts and their documents in force"},
    "draft-document.html": {"text": _TEXT},
    "draft-home.html": {},
    "draft-list.html": {},
    "earlier-above.html": {},
    "earlier-below.html": {},
    "home.html": {
        "policy": _POLICY,
        "as_of": _AS_OF,
        "domains": "the domains, each with its page, its sentence and its number of documents",
        "news": "what came into force or left use in the last days",
        "days": "how many days that are",
        "coming": "approved versions whose day is ahead, with what they change",
    },
    "macros.html": {},
    "master-list.html": {
        "rows": "a row for each document, whatever its status",
        "as_of": _AS_OF,
        "nameless": "files that could not be read as documents",
    },
    "preview-document.html": {
        "each": "the document as the change would leave it, with what it asks for",
        "text": _TEXT,
        "redline": "what changed, as HTML",
    },
    "preview-home.html": {
        "change": "the whole change",
        "pages": "the page of each document of the change",
        "unreadable": "files of the change that can't be read",
    },
    "read.html": {
        "state": _STATE,
        "approval": _APPROVAL,
        "text": _TEXT,
        "place": "the page of that text",
        "is_ahead": "whether the day of this version is ahead",
        "training": "what the document asks of its readers; none where it asks nothing",
        "deadline": "by when it is asked of whoever was there, in words",
        "changes": "what changed since the version before, and whether that asks its readers again; none where there is none",
        "sentence": "the sentence of the policy to which a reader puts their name",
        "ways": "filled-in links by which a reader says so, each with its words and address",
        "form": "the path of the paper form; empty where none lies in the site",
        "ahead": "approved versions whose day is ahead, each with the page of its text",
        "your_id": "what stands in those links for the reader's id",
        "your_day": "what stands in those links for the day",
    },
    "replaced.html": {"number": "the earlier number", "successors": _HEIRS},
    "sign-offs.html": {
        "as_of": _AS_OF,
        "in_review": "proposed versions of documents that were in force before, with their seats",
        "drafts": "the same of documents that never were",
        "open": "refused sign-offs that still matter",
        "settled": "refused sign-offs with nothing left to do",
        "authority": "a change of people or policy that waits; none where there is none",
        "names": "who has signed that change",
    },
    "training.html": {
        "as_of": _AS_OF,
        "total": "how much of all that is asked is attested, and how much is late",
        "groups": "shares by role, site, module and document: title, heading of the first column, rows",
        "late": "what is late, person by person",
        "what": "says of a duty what is to be done: `what(duty)`",
        "roles": "each document with where its roles stand",
        "people": "each person with what is asked of them",
        "progress": "how far each person has come in each module",
    },
    "withdrawn.html": {"state": _STATE, "life": "what else is told of the document", "title": "the title until then"},
}
_DOCUMENT: Mapping[str, str] = {
    "state": _STATE,
    "approval": _APPROVAL,
    "text": _TEXT,
    "policy": _POLICY,
    "life": "revisions, signatures, clauses answered, and successors",
    "related": "addresses of the PDF, of what changed and of “I have read this”; forms used; pages of versions that are not in force",
    "readers": "how many have read this version and the next; none where nobody is asked",
    "problem": "where a problem is reported: words and address",
    "code": "the QR code of a print, as a drawing",
}
_EARLIER: Mapping[str, str] = {
    "state": _STATE,
    "approval": "the earlier version",
    "earlier": "the days on which it was in force, and its text where it can be read",
}
_AHEAD: Mapping[str, str] = {
    "state": _STATE,
    "approval": "the version ahead",
    "before": "the version that is followed until its day; none where there is none",
    "text": "its text with its front matter; none where it can't be read",
    "related": "addresses of what it will change and of “I have read this version”",
    "problem": "where a problem is reported: words and address",
}
_DRAFTS: Mapping[str, str] = {
    "drafts": "the drafts by the names of their pages",
    "unreadable": "files that could not be read, each with its faults",
    "as_of": "today",
}
GIVEN: Mapping[str, Mapping[str, str]] = {
    **TAGS,
    "document-above.html": _DOCUMENT,
    "document-below.html": _DOCUMENT,
    "earlier-above.html": _EARLIER,
    "earlier-below.html": _EARLIER,
    "ahead-above.html": _AHEAD,
    "ahead-below.html": _AHEAD,
    "draft-home.html": _DRAFTS,
    "draft-list.html": _DRAFTS,
}
FILTERS: Mapping[str, str] = {
    "assurance": "how surely somebody signed, in words",
    "behind": "what stands behind a document: version, approval, attestations",
    "capitalize": "words with a capital letter at their beginning",
    "confidence": "how surely a clause's number is known, in words",
    "cover": "how a clause is answered, in words",
    "join": "the parts of a row with a sign between them",
    "later": "the day so many days later: `day | later(30)`",
    "meaning": "what a signature means, in words",
    "moment": "date and time of a signature",
    "outcome": "what a periodic review decided, within a sentence",
    "owner": "a person's printed name, or a role in plain words",
    "part": "the end of an address that leads to an id on a page",
    "plain": "a role, a type or a folder as people write it",
    "row": "the id of a clause's row",
    "seat": "a missing signature, in words",
    "standing": "where a duty stands, in words",
    "status": "a document's status, in words",
}
FRAME: Mapping[str, str] = {
    "programme": "the programme's name",
    "as_of": f"{_AS_OF}: to be shown, whole or in part, and not to be compared or changed",
    "commit": "the commit from which the manual was made: to be shown as the day is",
    "is_draft": "whether nothing of it is approved",
    "draft_words": "what every page of a draft says of itself",
    "navigation": "the lines of the sidebar: label, address, whether it is the reader's page, lines below",
    "scripts": "addresses of the page's scripts",
    "styles": "addresses of the page's style sheets",
    "state": "day and commit, to be put behind addresses so that no browser answers from an older manual",
    "watermark": "what stands across a page that may not be used",
    "say": 'words in the manual\'s language: `qmdoc.say("Search")`; write `|e` after it',
}
SHEETS: Mapping[str, str] = {
    "title": "the title of the file",
    "programme": "the programme's name",
    "as-of": _AS_OF,
    "date": "the same as year, month and day",
    "commit": "the commit from which it was made",
    "language": "the language of the words beside the text",
    "words": "what `say(...)` says in that language, by the English message",
    "paper": "the size of a sheet",
    "sheet": "the document: number, title, version, since, digest, fields, approvals, revisions, banners, blocks of its text, qr, watermark; none on the title page",
    "labels": "places in the text that links lead to",
    "contents": "the documents of the whole manual, for its title page",
}
