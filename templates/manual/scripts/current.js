/* Is a print current? Number, version and digest come from the address behind the QR code, or are typed. */
"use strict";
(() => {
  const known = window.qmdocVersions;
  const answer = document.querySelector("[data-qm-answer]");
  const form = document.querySelector("[data-qm-print-form]");
  if (!known || !answer || !form) return;
  const typed = form.querySelector("input");

  const parts = (written) => {
    const found = /^\s*([A-Za-z]{2,5})[\s-]*([0-9]{3,4})[\s/,]+(?:version\s+)?([0-9]+\.[0-9]+)(?:[\s/,]+(?:digest\s+)?([0-9A-Fa-f]{12,64}))?\s*$/.exec(written);
    return found && { number: `${found[1].toUpperCase()}-${found[2]}`, version: found[3], digest: (found[4] || "").toLowerCase().slice(0, 12) };
  };
  const today = () => {
    const now = new Date();
    return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  };
  const DAYS = 7;
  const isOld = () => Date.parse(today()) - Date.parse(known.as_of) > DAYS * 86400000;
  const judge = (print) => {
    if (!print) return ["no", "Not understood.", "Type number, version and digest as they stand on the print, for example QM-001 2.3 0123456789ab.", null];
    const name = `${print.number} version ${print.version}`;
    const found = Object.hasOwn(known.documents, print.number) ? known.documents[print.number] : null;
    const unknown = "It is not known here: do not use your print. Ask your supervisor.";
    if (!found) return ["no", "Not known.", `${print.number} is no number of this manual. ${unknown}`, null];
    const now = found.now;
    const isNow = now && now.version === print.version;
    if (isNow && !print.digest) return ["maybe", "Perhaps.", `Version ${now.version} is the one in force. Type the digest too: only the digest tells that the text is the same (it is ${now.digest}).`, found.page];
    if (isNow && now.digest === print.digest) {
      if (found.next && found.next.since <= today())
        return ["maybe", "Perhaps not.", `${name} was in force on ${known.as_of}, when this manual was made. Version ${found.next.version} was to follow on ${found.next.since}: look at a newer manual before you use your print.`, found.page];
      if (isOld())
        return ["maybe", `Your print was current on ${known.as_of}.`, `This manual is of that day. A newer version may have come since: look at a newer manual.`, found.page];
      const soon = found.next ? ` Version ${found.next.version} follows on ${found.next.since}: destroy your print then.` : "";
      const late = found.overdue ? ` Its periodic review was due by ${found.overdue}.` : "";
      return ["yes", "Your print is current.", `${name}, digest ${print.digest}, is in force since ${now.since}.${soon}${late}`, found.page];
    }
    const heirs = found.heirs.length ? ` It was replaced by ${found.heirs.join(", ")}.` : "";
    if (!now && found.withdrawn) return ["no", "Withdrawn: destroy your print.", `${print.number} was withdrawn on ${found.withdrawn[0]}: ${found.withdrawn[1]}.${heirs}`, found.page];
    if (found.next && found.next.version === print.version && (!print.digest || found.next.digest === print.digest))
      return ["no", "Not yet in force.", `${name} is approved and comes into force on ${found.next.since}.${now ? ` Until then version ${now.version} is in force.` : ""}`, found.page];
    const past = found.past.find((each) => each.version === print.version && (!print.digest || each.digest === print.digest));
    if (past && now) return ["no", "Not current: destroy your copy.", `Your print is version ${print.version}; version ${now.version} is in force since ${now.since}.`, found.page];
    if (isNow) return ["no", "Another text: do not use your print.", `Version ${now.version} is in force, and its digest is ${now.digest}; your print says ${print.digest}. It was not printed from the approved text.`, found.page];
    if (!now) return ["no", "Not in force.", `${print.number} has no version in force. Do not use your print.${heirs}`, found.page];
    return ["no", "Not known: do not use your print.", `${name}${print.digest ? `, digest ${print.digest},` : ""} was never approved here. In force is version ${now.version}, since ${now.since}.`, found.page];
  };
  const show = (print) => {
    const [kind, verdict, sentence, page] = judge(print);
    const [head, text] = [document.createElement("p"), document.createElement("p")];
    const strong = document.createElement("strong");
    strong.textContent = verdict;
    head.append(strong);
    text.textContent = `${sentence} `;
    if (page) {
      const link = document.createElement("a");
      link.href = page;
      link.textContent = "Read what is in force";
      text.append(link);
    }
    const day = document.createElement("p");
    day.textContent = `By the records of ${known.as_of}.`;
    answer.className = `qm-answer qm-answer-${kind}`;
    answer.replaceChildren(head, text, day);
  };
  const fromAddress = () => {
    let written = "";
    try { written = decodeURIComponent(window.location.hash.slice(1)); } catch { written = "?"; }
    if (!written || written === "furo-main-content") return;
    show(parts(written.replaceAll("/", " ")));
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => { event.preventDefault(); show(parts(typed.value)); });
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
})();
