"""What the programme's records say of its people on a day: the staff list and its past, leave, modules, attestations, evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from qmdoc.documents import Document
from qmdoc.errors import FileTooLarge
from qmdoc.ledger import Ledger
from qmdoc.model import Fault, File, Objects
from qmdoc.records import leave, modules, staff
from qmdoc.records import training as training_records
from qmdoc.records.leave import Leave
from qmdoc.records.modules import NONE, Modules
from qmdoc.records.staff import Staff
from qmdoc.records.training import Records

_IS_A_LINK = (Fault(1, "it is a link or a submodule, and no list", "commit the file itself in its place"),)


@dataclass(frozen=True, slots=True)
class Personnel:
    """All of it; `staff_history` has every staff list with the day on which it landed.

    `evidence` has the SHA-256 of each file that a record names and the programme holds. `earlier` has the texts of approved
    versions that came before the one in force, by digest, of documents that ask for training.
    """

    staff: Staff = field(default_factory=Staff)
    staff_history: tuple[tuple[date, Staff], ...] = ()
    leave: Leave = field(default_factory=Leave)
    modules: Modules = NONE
    records: tuple[Records, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, Document] = field(default_factory=dict)


def read(ledger: Ledger, files: Mapping[str, File], objects: Objects) -> Personnel:
    """What the files under `records/` say, as the ledger's last landing holds them."""
    found = [training_records.parse(path, content) for path, content in _tables(files, objects)]
    odd = [Records(path, faults=_IS_A_LINK) for path, file in files.items() if _is_odd(path, file)]
    return Personnel(
        staff=_staff(files.get(staff.PATH), objects),
        staff_history=tuple(
            (day, staff.parse(objects.blob(blob)) if blob else Staff()) for day, blob in ledger.record_log.staff
        ),
        leave=_leave(files.get(leave.PATH), objects),
        modules=_modules(files.get(modules.PATH), objects),
        records=tuple(sorted([*found, *odd], key=lambda each: each.path)),
        evidence=_evidence(found, files, objects),
    )


def _is_odd(path: str, file: File) -> bool:
    return training_records.is_record(path) and not file.is_plain


def _tables(files: Mapping[str, File], objects: Objects) -> list[tuple[str, bytes]]:
    return [
        (path, objects.blob(file.blob))
        for path, file in sorted(files.items())
        if training_records.is_record(path) and file.is_plain
    ]


def _staff(file: File | None, objects: Objects) -> Staff:
    if file is None:
        return Staff()
    return staff.parse(objects.blob(file.blob)) if file.is_plain else Staff(faults=_IS_A_LINK)


def _leave(file: File | None, objects: Objects) -> Leave:
    if file is None:
        return Leave()
    return leave.parse(objects.blob(file.blob)) if file.is_plain else Leave(faults=_IS_A_LINK)


def _modules(file: File | None, objects: Objects) -> Modules:
    if file is None:
        return NONE
    return modules.parse(objects.blob(file.blob)) if file.is_plain else Modules({}, {}, _IS_A_LINK)


def _evidence(found: list[Records], files: Mapping[str, File], objects: Objects) -> dict[str, str]:
    named = {each.evidence.path for table in found for each in table.records if each.evidence}
    digests: dict[str, str] = {}
    for path in sorted(named & files.keys()):
        if files[path].is_plain:
            try:
                digests[path] = hashlib.sha256(objects.blob(files[path].blob)).hexdigest()
            except FileTooLarge:
                digests[path] = "over 64 MiB"
    return digests
