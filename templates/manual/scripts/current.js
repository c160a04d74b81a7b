/* Is a print current? Number, version and digest come from the address behind the QR code, or are typed. */
"use strict";
(() => {
  const say = window.qmdocSay;
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
  const until = (now) => (now ? ` ${say("Until then version %(version)s is in force.", now)}` : "");
  const judge = (print) => {
    if (!print) return ["no", say("Not understood."), say("Type number, version and digest as they stand on the print, for example QM-001 2.3 0123456789ab."), null];
    const { number, version, digest } = print;
    const name = say("%(number)s version %(version)s", { number, version });
    const found = Object.hasOwn(known.documents, print.number) ? known.documents[print.number] : null;
    if (!found) return ["no", say("Not known."), say("%(number)s is no number of this manual. It is not known here: do not use your print. Ask your supervisor.", { number }), null];
    const now = found.now;
    const [next] = found.ahead;
    const isNow = now && now.version === print.version;
    if (isNow && !print.digest) return ["maybe", say("Perhaps."), say("Version %(version)s is the one in force. Type the digest too: only the digest tells that the text is the same (it is %(digest)s).", { version, digest: now.digest }), found.page];
    if (isNow && now.digest === print.digest) {
      if (next && next.since <= today())
        return ["maybe", say("Perhaps not."), say("%(name)s was in force on %(day)s, when this manual was made. Version %(next)s was to follow on %(since)s: look at a newer manual before you use your print.", { name, day: known.as_of, next: next.version, since: next.since }), found.page];
      if (isOld())
        return ["maybe", say("Your print was current on %(day)s.", { day: known.as_of }), say("This manual is of that day. A newer version may have come since: look at a newer manual."), found.page];
      const soon = next ? ` ${say("Version %(version)s follows on %(since)s: destroy your print then.", next)}` : "";
      const late = found.overdue ? ` ${say("Its periodic review was due by %(day)s.", { day: found.overdue })}` : "";
      return ["yes", say("Your print is current."), `${say("%(name)s, digest %(digest)s, is in force since %(since)s.", { name, digest, since: now.since })}${soon}${late}`, found.page];
    }
    const heirs = found.heirs.length ? ` ${say("It was replaced by %(numbers)s.", { numbers: found.heirs.join(", ") })}` : "";
    if (!now && found.withdrawn) return ["no", say("Withdrawn: destroy your print."), `${say("%(number)s was withdrawn on %(day)s: %(reason)s.", { number, day: found.withdrawn[0], reason: found.withdrawn[1] })}${heirs}`, found.page];
    const isText = (each) => !digest || each.digest === digest;
    const ahead = found.ahead.filter((each) => each.version === version);
    const coming = ahead.find(isText);
    if (coming && coming.since <= today())
      return ["maybe", say("Perhaps."), say("On %(day)s, when this manual was made, %(name)s was approved and was to come into force on %(since)s: look at a newer manual before you use your print.", { day: known.as_of, name, since: coming.since }), found.page];
    if (coming)
      return ["no", say("Not yet in force."), `${say("%(name)s is approved and comes into force on %(since)s.", { name, since: coming.since })}${until(now)}`, found.page];
    if (ahead.length) {
      const told = { ...ahead[0], day: known.as_of, name, yours: digest };
      return ["no", say("Another text: do not use your print."), told.since <= today()
        ? say("On %(day)s, when this manual was made, %(name)s was approved and was to come into force on %(since)s, but its digest is %(digest)s; your print says %(yours)s. It was not printed from the approved text.", told)
        : say("%(name)s is approved and comes into force on %(since)s, but its digest is %(digest)s; your print says %(yours)s. It was not printed from the approved text.", told) + until(now), found.page];
    }
    const past = found.past.filter((each) => each.version === version);
    if (now && (past.some(isText) || (past.length && !isNow))) {
      const another = past.some(isText) ? "" : ` ${say("It was not printed from the approved text of version %(version)s either: its digest is %(digest)s; your print says %(yours)s.", { ...past[0], yours: digest })}`;
      return ["no", say("Not current: destroy your copy."), say("Your print is version %(version)s; version %(now)s is in force since %(since)s.", { version, now: now.version, since: now.since }) + another, found.page];
    }
    if (isNow) return ["no", say("Another text: do not use your print."), say("Version %(version)s is in force, and its digest is %(digest)s; your print says %(yours)s. It was not printed from the approved text.", { version, digest: now.digest, yours: digest }), found.page];
    if (!now) return ["no", say("Not in force."), `${say("%(number)s has no version in force. Do not use your print.", { number })}${heirs}`, found.page];
    return ["no", say("Not known: do not use your print."), digest
      ? say("%(name)s, digest %(digest)s, was never approved here. In force is version %(now)s, since %(since)s.", { name, digest, now: now.version, since: now.since })
      : say("%(name)s was never approved here. In force is version %(now)s, since %(since)s.", { name, now: now.version, since: now.since }), found.page];
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
      link.textContent = say("Read what is in force");
      text.append(link);
    }
    const day = document.createElement("p");
    day.textContent = say("By the records of %(day)s.", { day: known.as_of });
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
