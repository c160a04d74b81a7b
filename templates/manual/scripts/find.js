/* Finds documents by number and title while one types. A combobox: arrows, Enter, Escape (WAI-ARIA 1.2). */
"use strict";
window.qmdocFind = (() => {
  const say = window.qmdocSay;
  const root = new URL("..", document.currentScript.src);
  const known = window.qmdocNumbers || [];
  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const rows = known.map(([number, title, page, status, isInForce, domain]) => {
    const [letters, digits] = number.split("-");
    return { number, title, page, status, isInForce, domain, letters: letters.toLowerCase(), digits, words: plain(title).split(/[^\p{L}\p{N}]+/u).filter(Boolean) };
  });
  const address = (row) => new URL(row.page, root).href;

  /* `CLN-011`, `cln 11`, `cln11`, `11`, `CLN-011 and its title`: the letters of a number that there is, if any, and the digits. */
  const begins = new Set(rows.map((row) => row.letters));
  const asNumber = (text) => {
    const found = /^\s*(?:([A-Za-z]{2,5})[\s_-]*([0-9]{1,4})(?:\s.*)?|([0-9]{1,4})\s*)$/.exec(text);
    const letters = found && (found[1] || "").toLowerCase();
    return found && (!letters || begins.has(letters)) ? { letters, digits: found[2] || found[3] } : null;
  };
  const number = (digits) => Number.parseInt(digits, 10);
  const byNumber = (text) => {
    const asked = asNumber(text);
    if (!asked) return null;
    const fits = rows.filter((row) => !asked.letters || row.letters === asked.letters);
    const exact = fits.filter((row) => number(row.digits) === number(asked.digits));
    const begun = fits.filter((row) => !exact.includes(row) && (row.digits.startsWith(asked.digits) || String(number(row.digits)).startsWith(String(number(asked.digits)))));
    return { exact, begun };
  };
  const byWords = (text) => {
    const asked = plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    if (!asked.length) return [];
    const fits = (row, word) => row.words.some((each) => each.startsWith(word)) || row.letters.startsWith(word) || row.digits === word;
    return rows.filter((row) => asked.every((word) => fits(row, word)));
  };
  const find = (text) => {
    const numbered = byNumber(text);
    const found = numbered ? [...numbered.exact, ...numbered.begun] : [];
    return [...found, ...byWords(text).filter((row) => !found.includes(row))];
  };
  /* The one document that a text names without a doubt, else none; what may not be followed is opened by its number alone. */
  const only = (text) => {
    const numbered = byNumber(text);
    if (numbered && numbered.exact.length === 1) return numbered.exact[0];
    if (numbered && numbered.exact.length > 1) return null;
    const found = find(text);
    return found.length === 1 && (numbered || found[0].isInForce) ? found[0] : null;
  };

  const SHOWN = 12;
  const attach = (input) => {
    const [list, told] = [document.createElement("ul"), document.createElement("p")];
    list.id = `${input.id}-list`;
    list.className = "qm-options";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", say("Documents"));
    list.hidden = true;
    told.className = "qm-unseen";
    told.setAttribute("role", "status");
    const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", "aria-haspopup": "listbox" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.parentElement.after(list, told);
    let [found, at] = [[], -1];
    const mark = (to) => {
      at = to;
      [...list.children].forEach((option, each) => option.setAttribute("aria-selected", String(each === at)));
      if (at < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", list.children[at].id);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    };
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      mark(-1);
    };
    const option = (row, each) => {
      const made = document.createElement("li");
      made.id = `${list.id}-${each}`;
      made.setAttribute("role", "option");
      made.setAttribute("aria-selected", "false");
      const strong = document.createElement("strong");
      strong.textContent = row.number;
      made.append(strong, ` ${row.title}`);
      if (row.status !== "In force") {
        const status = document.createElement("em");
        status.textContent = ` (${say(row.status)})`;
        made.append(status);
      }
      made.addEventListener("mousedown", (event) => event.preventDefault());
      made.addEventListener("click", () => { window.location.href = address(row); });
      return made;
    };
    const show = () => {
      const all = input.value.trim() ? find(input.value) : [];
      found = all.slice(0, SHOWN);
      list.replaceChildren(...found.map(option));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      mark(-1);
      if (!input.value.trim()) told.textContent = "";
      else if (!all.length) told.textContent = say("No number or title fits; Enter searches the texts.");
      else told.textContent = all.length === 1 ? say("1 document. Arrow keys choose, Enter opens.")
        : all.length > SHOWN ? say("%(count)s documents, the first %(shown)s are listed. Arrow keys choose, Enter opens.", { count: all.length, shown: SHOWN })
        : say("%(count)s documents. Arrow keys choose, Enter opens.", { count: all.length });
    };
    input.addEventListener("input", show);
    input.addEventListener("focus", () => { if (input.value.trim() && list.hidden) show(); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden) show();
        if (!found.length) return;
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(at < 0 ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.form.addEventListener("submit", (event) => {
      const row = at >= 0 ? found[at] : only(input.value);
      if (row) {
        event.preventDefault();
        window.location.href = address(row);
      }
    });
  };
  for (const input of document.querySelectorAll("[data-qm-find]")) attach(input);

  /* On the page for missing addresses: what may have been meant. */
  const meant = document.querySelector("[data-qm-meant]");
  if (meant) {
    const named = /([A-Za-z]{2,5}-[0-9]{3,4})/.exec(window.location.pathname);
    const row = named && rows.find((each) => each.number === named[1].toUpperCase());
    if (row) {
      const link = document.createElement("a");
      link.href = address(row);
      link.textContent = `${row.number} ${row.title}`;
      meant.append(`${say("You may have meant")} `, link, ".");
    }
  }
  return { find, byNumber, address, plain, rows };
})();
