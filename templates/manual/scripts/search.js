/* The search page: numbers and titles first, then texts. Texts are searched by pagefind where a server answers, else by
   Sphinx's own search. A word that stands nowhere in the manual is taken for the likeliest one that does, and it says so. */
"use strict";
(() => {
  const say = window.qmdocSay;
  const root = new URL("..", document.currentScript.src);
  const asked = new URLSearchParams(window.location.search);
  const typed = (asked.get("q") || "").trim();
  const [told, results] = ["[data-qm-told]", "[data-qm-results]"].map((each) => document.querySelector(each));
  const form = document.querySelector("form.qm-find");
  const [field, all, domain] = ["q", "all", "domain"].map((name) => form.elements[name]);
  const { find, byNumber, address, plain, rows: known } = window.qmdocFind;
  field.value = typed;
  all.checked = asked.has("all");
  const domains = [...new Set(known.map((row) => row.domain).filter(Boolean))].sort();
  for (const each of domains) domain.append(new Option(say(each), each, false, asked.get("domain") === each));
  document.querySelector("[data-qm-domains]").hidden = domains.length < 2;
  const SHOWN = 50;

  /* Letters that are often confused, made one: so "haemophagocytic" and "hemofagocitic" lie near each other. */
  const sound = (word) => plain(word).replace(/ae|oe/g, "e").replace(/ph/g, "f").replace(/y/g, "i").replace(/ck|k/g, "c").replace(/z/g, "s").replace(/(.)\1+/g, "$1");
  /* Steps from one word to another (a letter put in, left out, changed, two exchanged); beyond `most` it is not counted out. */
  const distance = (one, other, most) => {
    if (Math.abs(one.length - other.length) > most) return most + 1;
    let [before, last] = [[], Array.from({ length: other.length + 1 }, (_, column) => column)];
    for (let row = 1; row <= one.length; row += 1) {
      const line = [row];
      for (let column = 1; column <= other.length; column += 1) {
        const cost = one[row - 1] === other[column - 1] ? 0 : 1;
        line[column] = Math.min(last[column] + 1, line[column - 1] + 1, last[column - 1] + cost);
        if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1])
          line[column] = Math.min(line[column], before[column - 2] + 1);
      }
      if (Math.min(...line) > most) return most + 1;
      [before, last] = [last, line];
    }
    return last[other.length];
  };
  const vocabulary = Object.entries(window.qmdocWords || {}).map(([word, count]) => ({ word, count, sound: sound(word) }));
  const LONGEST = 40; /* longer words are not among those that are known */
  const isKnown = (word) => {
    const small = plain(word);
    return small.length < 4 || small.length > LONGEST || !/^\p{L}+$/u.test(small) || vocabulary.some((each) => plain(each.word).startsWith(small));
  };
  const corrected = (word) => {
    if (isKnown(word)) return word;
    const small = plain(word);
    const heard = sound(small);
    const most = small.length < 6 ? 1 : small.length < 9 ? 2 : 3;
    let best = null;
    for (const each of vocabulary) {
      const far = distance(heard, each.sound, most);
      if (far <= most && (!best || far < best.far || (far === best.far && each.count > best.count))) best = { ...each, far };
    }
    return best ? best.word : word;
  };

  const entry = (words, href, note, excerpt) => {
    const [item, link] = [document.createElement("li"), document.createElement("a")];
    link.href = href;
    link.textContent = words;
    item.append(link);
    if (note) item.append(` (${note})`);
    if (excerpt) {
      /* pagefind escapes its excerpts but for <mark>; only that is kept. Inside a body spaces at the ends stay: words may not run together. */
      const text = document.createElement("p");
      for (const part of excerpt.split(/(<mark>.*?<\/mark>)/s)) {
        const marked = /^<mark>(.*)<\/mark>$/s.exec(part);
        const made = document.createElement(marked ? "mark" : "span");
        made.textContent = new DOMParser().parseFromString(`<body>${marked ? marked[1] : part}</body>`, "text/html").body.textContent;
        text.append(made);
      }
      item.append(text);
    }
    return item;
  };
  const listed = (title, items) => {
    const [head, list] = [document.createElement("h2"), document.createElement("ul")];
    head.textContent = title;
    list.className = "qm-hits";
    list.append(...items);
    results.append(head, list);
  };
  const load = (name) => new Promise((resolve, reject) => {
    const made = document.createElement("script");
    made.src = new URL(name, root).href;
    made.onload = resolve;
    made.onerror = () => reject(new Error(name));
    document.body.append(made);
  });
  const bySphinx = async (words) => {
    for (const name of ["_static/language_data.js", "_static/searchtools.js", "searchindex.js"]) await load(name);
    /* It runs by itself on what the address asks; where a word was corrected, it is asked again. */
    if (words !== typed) window.setTimeout(() => {
      document.getElementById("search-results").replaceChildren(); /* what it said of the misspelt word */
      Search.performSearch(words);
    }, 0);
  };
  const byPagefind = async (words) => {
    const pagefind = await import(new URL(`${all.checked ? "pagefind-all" : "pagefind"}/pagefind.js`, root).href);
    await pagefind.options({ excerptLength: 30 });
    await pagefind.init();
    if (!words) return 0;
    const { results: found } = await pagefind.search(words);
    const [pages, wanted] = [[], asked.get("domain") || ""];
    for (let first = 0; first < found.length && pages.length < SHOWN; first += SHOWN) {
      const read = await Promise.all(found.slice(first, first + SHOWN).map((each) => each.data()));
      pages.push(...read.filter((page) => !wanted || page.meta.domain === wanted));
    }
    const items = pages.slice(0, SHOWN).map((page) =>
      entry(page.meta.title, new URL(page.raw_url.replace(/^\//, ""), root).href, page.meta.status === "In force" ? "" : say(page.meta.status), page.excerpt));
    const count = wanted ? (items.length < SHOWN ? items.length : say("%(count)s or more", { count: items.length })) : found.length > SHOWN ? say("the first %(shown)s of %(count)s", { shown: SHOWN, count: found.length }) : found.length;
    if (items.length) listed(say("In the texts: %(count)s", { count }), items);
    return items.length;
  };
  const run = async () => {
    const numbered = typed ? byNumber(typed) : null;
    const isNumber = numbered !== null;
    const words = isNumber ? typed : typed.split(/\s+/).map(corrected).join(" ");
    const named = (words ? find(words) : []).filter((row) => (row.isInForce || all.checked || isNumber) && (!asked.get("domain") || row.domain === asked.get("domain")));
    if (named.length) listed(say("Numbers and titles: %(count)s", { count: named.length }), named.slice(0, SHOWN).map((row) => entry(`${row.number} ${row.title}`, address(row), row.status === "In force" ? "" : say(row.status), "")));
    /* Who asks for a number or a word that there is not must not take what is like it for the answer. */
    const isAbsent = numbered ? /^[A-Za-z]/.test(typed) && !numbered.exact.length : /^[A-Za-z]{2,5}-[0-9]{3,4}$/.test(typed);
    const unknown = isNumber || isAbsent || all.checked ? [] : words.split(/\s+/).filter((word) => !isKnown(word));
    const absent = isAbsent ? [say("There is no document %(number)s.", { number: /^[A-Za-z]+[\s_-]*[0-9]+/.exec(typed)[0] })] : unknown.map((word) => say("“%(typed)s” stands nowhere in the manual.", { typed: word }));
    const said = [...absent, ...(words.toLowerCase() === typed.toLowerCase() ? [] : [say("“%(typed)s” stands nowhere in the manual. Shown is what was found for “%(words)s”.", { typed, words })])].map((each) => `${each} `).join("");
    told.textContent = said;
    let count = 0;
    if (window.location.protocol === "file:") {
      if (typed) told.textContent = `${said}${say("Of the texts, only those in force were searched.")}`;
      if (typed) await bySphinx(words);
      return;
    }
    try {
      count = await byPagefind(words);
    } catch {
      if (typed) await bySphinx(words);
      return;
    }
    if (typed) told.textContent = `${said}${!(named.length + count) ? `${say("Nothing was found.")} ` : absent.length ? `${say("Shown is what is like it.")} ` : ""}${all.checked ? "" : say("Only what is in force was searched.")}`;
  };
  all.addEventListener("change", () => form.requestSubmit());
  domain.addEventListener("change", () => form.requestSubmit());
  run();
})();
