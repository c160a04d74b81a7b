/* Lists that can be filtered, sorted and printed as shown. Without this script the whole list stands there.
   The state lives in the address (#?words=thaw&Status=In+force&sort=Title), so that a filtered list can be sent on. */
(() => {
  "use strict";
  const say = window.qmdocSay;
  const order = new Intl.Collator(document.documentElement.lang || "en", { numeric: true, sensitivity: "base" });
  const fold = (text) =>
    text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[\u2010-\u2015\u2212]/g, "-").toLowerCase();
  const make = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  };
  const valueOf = (cell) => cell.textContent.replace(/\s+/g, " ").trim();
  const isEmpty = (value) => value === "" || value === "–";

  function equip(place, number) {
    const table = place.querySelector("table");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => ({
      row,
      values: Array.from(row.cells, valueOf),
      words: fold(valueOf(row)),
    }));
    const heads = Array.from(table.tHead.rows[0].cells, (cell, at) => ({ cell, at, name: valueOf(cell) }));
    const choices = heads.filter((head) => head.cell.hasAttribute("data-qm-choose"));
    const state = { words: "", chosen: new Map(), sort: null, isDescending: false };

    const words = make("input", { type: "search", id: `qm-words-${number}`, autocomplete: "off", spellcheck: "false" });
    const selects = new Map(choices.map((head) => [head.name, select(head)]));
    const reset = make("button", { type: "button", class: "qm-reset" }, say("Show all"));
    const said = make("p", { class: "qm-said", role: "status" });
    const form = make("form", { class: "qm-sift-form", role: "search", "aria-label": say("Filter: %(what)s", { what: place.dataset.qmMany }) });
    form.append(make("div", { class: "qm-words" }, make("label", { for: words.id }, say("Words, all of which must occur")), words));
    selects.forEach((control, name) => form.append(make("div", {}, make("label", { for: control.id }, name), control)));
    form.append(make("div", {}, reset));
    place.prepend(form, said);
    const buttons = heads.map((head) => sortButton(head));

    function select(head) {
      const known = Array.from(new Set(rows.map((each) => each.values[head.at]))).sort(order.compare);
      const control = make("select", { id: `qm-choice-${number}-${head.at}` }, make("option", { value: "" }, say("All")));
      known.forEach((value) => control.append(make("option", { value: value || " " }, value || say("none"))));
      control.addEventListener("change", () => { state.chosen.set(head.name, control.value); show(true); });
      return control;
    }

    function sortButton(head) {
      const button = make("button", { type: "button", class: "qm-sort" }, ...head.cell.childNodes);
      /* Browsers leave buttons out of the heading that they repeat on each sheet: the words alone are printed. */
      head.cell.append(button, make("span", { class: "qm-printed" }, head.name));
      button.addEventListener("click", () => {
        state.isDescending = state.sort === head && !state.isDescending;
        state.sort = head;
        show(true);
      });
      return button;
    }

    function isShown(each, wanted) {
      if (!wanted.every((word) => each.words.includes(word))) return false;
      return choices.every((head) => {
        const chosen = state.chosen.get(head.name);
        return !chosen || each.values[head.at] === chosen.trim();
      });
    }

    function compare(first, second) {
      const [one, two] = [first.values[state.sort.at], second.values[state.sort.at]];
      if (isEmpty(one) !== isEmpty(two)) return isEmpty(one) ? 1 : -1;
      return order.compare(one, two) * (state.isDescending ? -1 : 1);
    }

    /* What the filter is, in words: read out, and printed above the list. */
    function described() {
      const parts = state.words.trim() ? [say("words “%(words)s”", { words: state.words.trim() })] : [];
      choices.forEach((head) => {
        const chosen = state.chosen.get(head.name);
        if (chosen) parts.push(`${head.name}: ${chosen.trim() || say("none")}`);
      });
      return parts;
    }

    function show(isByHand) {
      const wanted = fold(state.words).split(/\s+/).filter(Boolean);
      const sorted = state.sort ? [...rows].sort(compare) : rows;
      let count = 0;
      sorted.forEach((each) => {
        each.row.hidden = !isShown(each, wanted);
        count += each.row.hidden ? 0 : 1;
        body.append(each.row);
      });
      heads.forEach((head, at) => {
        const direction = state.isDescending ? "descending" : "ascending";
        if (head === state.sort) head.cell.setAttribute("aria-sort", direction);
        else head.cell.removeAttribute("aria-sort");
        buttons[at].dataset.qmSorted = head === state.sort ? direction : "";
      });
      const filter = described();
      const noun = rows.length === 1 ? place.dataset.qmOne : place.dataset.qmMany;
      const sorting = !state.sort ? ""
        : state.isDescending ? ` ${say("Sorted by %(column)s, descending.", { column: state.sort.name })}`
        : ` ${say("Sorted by %(column)s, ascending.", { column: state.sort.name })}`;
      said.textContent = `${say("%(count)s of %(all)s %(what)s shown.", { count, all: rows.length, what: noun })}${filter.length ? ` ${say("Filter: %(what)s", { what: filter.join("; ") })}.` : ""}${sorting}`;
      if (isByHand) remember();
    }

    function remember() {
      const kept = new URLSearchParams();
      if (state.words.trim()) kept.set("words", state.words.trim());
      choices.forEach((head) => { if (state.chosen.get(head.name)) kept.set(head.name, state.chosen.get(head.name)); });
      if (state.sort) kept.set("sort", state.sort.name);
      if (state.sort && state.isDescending) kept.set("order", "descending");
      const written = kept.toString();
      const address = location.href.split("#")[0] + (written ? `#?${written}` : "");
      if (number === 0 && address !== location.href) history.replaceState(null, "", address);
    }

    function recall() {
      if (number !== 0 || !location.hash.startsWith("#?")) return;
      const kept = new URLSearchParams(location.hash.slice(2));
      state.words = words.value = kept.get("words") || "";
      selects.forEach((control, name) => {
        control.value = kept.get(name) || "";
        if (control.selectedIndex < 0) control.value = "";
        state.chosen.set(name, control.value);
      });
      state.sort = heads.find((head) => head.name === kept.get("sort")) || null;
      state.isDescending = kept.get("order") === "descending";
    }

    function clear() {
      form.reset();
      Object.assign(state, { words: "", chosen: new Map(), sort: null, isDescending: false });
    }

    /* A link to a row that the filter hides shows all rows again. */
    function uncover() {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target || !target.hidden || !body.contains(target)) return;
      clear();
      show(false);
      target.scrollIntoView();
    }

    words.addEventListener("input", () => { state.words = words.value; show(true); });
    form.addEventListener("submit", (event) => event.preventDefault());
    reset.addEventListener("click", () => { clear(); show(true); words.focus(); });
    window.addEventListener("hashchange", () => { recall(); show(false); uncover(); });
    recall();
    show(false);
  }

  document.querySelectorAll(".qm-sift").forEach(equip);
})();
