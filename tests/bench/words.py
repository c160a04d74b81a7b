"""The words that the texts of a corpus are made of."""

from __future__ import annotations

GIVEN = [
    "Asha", "Marta", "Jonas", "Wei", "Fatima", "Luca", "Ingrid", "Tomas", "Amina", "Pavel", "Noor", "Elena", "Kofi",
    "Sara", "Hugo", "Mei", "Omar", "Clara", "Ivan", "Leila", "Anton", "Priya", "Oskar", "Nadia", "Rafael", "Yuki",
    "Greta", "Samir", "Julia", "Emeka",
]  # fmt: skip
FAMILY = [
    "Rao", "Lindqvist", "Okafor", "Novak", "Haddad", "Rossi", "Berg", "Kowalski", "Diallo", "Petrov", "Tanaka",
    "Silva", "Mensah", "Keller", "Dubois", "Chen", "Farouk", "Weiss", "Horvat", "Karimi", "Moreau", "Iyer",
    "Nilsson", "Popescu", "Costa", "Sato", "Braun", "Aziz", "Laurent", "Obi",
]  # fmt: skip
AREAS = [
    "LAB", "QA", "QC", "MFG", "CAL", "IT", "HR", "PUR", "REG", "CLIN", "ENG", "SAF", "WHS", "VAL", "TRN", "CAP",
    "DOC", "RSK", "AUD", "ENV",
]  # fmt: skip
VERBS = [
    "Calibration", "Cleaning", "Control", "Disposal", "Handling", "Inspection", "Issue", "Labelling", "Maintenance",
    "Qualification", "Receipt", "Release", "Review", "Sampling", "Storage", "Testing", "Transfer", "Validation",
    "Verification", "Withdrawal",
]  # fmt: skip
THINGS = [
    "analytical balances", "controlled documents", "incoming materials", "reference standards", "pipettes",
    "cold rooms", "laboratory notebooks", "training records", "suppliers", "retained samples", "spreadsheets",
    "nonconforming product", "customer complaints", "environmental monitors", "autoclaves", "raw data",
    "chromatography columns", "software releases", "buffers and reagents", "deviation reports",
]  # fmt: skip
SUBJECTS = [
    "Clarify acceptance limit", "Correct wording", "Add step", "Update responsibilities", "Align with audit finding",
    "Replace form reference", "Tighten tolerance",
]  # fmt: skip
NOUNS = [
    "the batch record", "the sample register", "the calibration label", "the logbook", "the reference value",
    "the acceptance limit", "the deviation form", "the training matrix", "the quarantine area", "the reviewer",
    "the area supervisor", "the measuring range", "the certificate of analysis", "the change request",
    "the audit trail", "the storage unit", "the work order", "the risk assessment", "the retention period",
    "the approved supplier list",
]  # fmt: skip
DUTIES = [
    "Quality manager", "Laboratory head", "Process owner", "Technical director", "QA officer",
]  # fmt: skip
SENTENCES = [
    "The operator checks {a} against {b} before work begins.",
    "If {a} is outside its limit, stop and inform {b} without delay.",
    "Record the result in {a} and have it countersigned within one working day.",
    "Only trained staff may change {a}; each change is traced to {b}.",
    "A copy of {a} is kept with {b} until the end of the retention period.",
    "Where {a} cannot be used, an equivalent approved by {b} is permitted.",
    "Compare {a} with {b}, and note the difference with its unit.",
    "The quality unit verifies {a} at least once a quarter.",
    "No step may be skipped unless {a} allows it and {b} is updated.",
    "Label every container so that {a} can be traced back to {b}.",
    "Results are reported to *two* significant figures, as {a} requires.",
    "Keep {a} legible, attributable and **contemporaneous** with {b}.",
]
STEPS = [
    "Retrieve {a} and confirm its identity.",
    "Enter the date, time and `instrument-id` in {a}.",
    "Compare the reading with {b}; the limit is ±{n} %.",
    "Repeat the measurement {n} times and keep every value.",
    "Sign {a} and pass it to {b}.",
    "Wait {n} minutes for the value to settle.",
    "Attach the printout to {a}.",
    "Close {a} and return {b} to its place.",
]
