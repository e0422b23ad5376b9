"use strict";

const CHUNK = 60; // rows that are drawn at once; a long table grows as it is scrolled
const PRINTED = 1000; // rows that go to paper
const PICKED = ["status", "phase"]; // columns with a list of values to select
const collator = new Intl.Collator("en", { numeric: true });

/**
 * A table that can be sorted and filtered. Its source is a `noscript` element, which is plain text to
 * a browser with scripts, so ten thousand rows cost nothing until they are shown.
 */
class SortedTable {
  constructor(source) {
    const text = source.textContent;
    const [start, end] = [text.indexOf("<tbody>\n") + 8, text.indexOf("\n</tbody>")];
    source.insertAdjacentHTML("afterend", text.slice(0, start) + text.slice(end));
    this.box = source.nextElementSibling;
    this.body = this.box.querySelector("tbody");
    const lines = text.slice(start, end).split("\n").filter(Boolean);
    this.rows = lines.map((html, index) => ({ html, index, element: null }));
    this.made = 0;
    this.order = this.rows;
    this.keys = new Map();
    this.sorted = null;
    this.box.classList.add("tall");
    this.box.querySelector("table").setAttribute("aria-rowcount", this.rows.length);
    this.make(CHUNK);
    this.addButtons();
    this.addTools();
    this.box.addEventListener("scroll", () => this.grow(), { passive: true });
    addEventListener("beforeprint", () => this.print());
    addEventListener("afterprint", () => this.tell());
    this.show();
    this.makeRest();
  }

  /** Make the elements of the next rows from their text. */
  make(count) {
    const next = this.rows.slice(this.made, this.made + count);
    const template = document.createElement("template");
    template.innerHTML = `<table><tbody>${next.map((row) => row.html).join("")}`;
    [...template.content.querySelectorAll("tr")].forEach((element, place) => {
      next[place].element = element;
      next[place].html = null;
    });
    this.made += next.length;
  }

  /** Make the other rows while nothing else is to do. */
  makeRest() {
    if (this.made < this.rows.length) {
      this.make(4 * CHUNK);
      setTimeout(() => this.makeRest());
    } else {
      this.picks.forEach((pick) => this.fill(pick));
    }
  }

  /** Make all rows at once, as sorting and filtering need them. */
  makeAll() {
    if (this.made < this.rows.length) this.make(this.rows.length);
  }

  addButtons() {
    for (const heading of this.box.querySelectorAll("th[data-column]")) {
      const button = make("button", { type: "button" }, ...heading.childNodes);
      button.addEventListener("click", () => this.sort(heading));
      heading.append(button);
    }
  }

  addTools() {
    this.search = make("input", { type: "search", autocomplete: "off", spellcheck: false });
    this.search.addEventListener("input", () => this.show());
    this.count = make("p", { className: "count" });
    this.picks = PICKED.flatMap((name) => this.pick(name));
    const reset = make("button", { type: "button" }, "Reset");
    reset.addEventListener("click", () => this.reset());
    const labels = [
      make("label", {}, "Rows with the words", this.search),
      ...this.picks.map(({ name, select }) => make("label", {}, name, select)),
    ];
    const section = this.box.parentElement;
    const rest = section.nextElementSibling ?? section.parentElement.nextElementSibling;
    const skip = make("a", { className: "skip", href: `#${rest.id}` }, "Skip the table");
    this.box.before(make("div", { className: "tools" }, ...labels, reset, this.count, skip));
  }

  pick(name) {
    const heading = [...this.box.querySelectorAll("th[data-name]")].find(
      (each) => each.dataset.name === name,
    );
    if (!heading) return [];
    const select = make("select", {}, new Option("all", "", true, true));
    select.addEventListener("change", () => this.show());
    return [{ name, select, column: Number(heading.dataset.column), values: [] }];
  }

  /** Offer the values of a column, each with the number of its rows. */
  fill({ select, column, values }) {
    const counts = new Map();
    for (const { element } of this.rows) {
      const value = element.cells[column].textContent;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    for (const [value, count] of counts) {
      values.push(value);
      select.append(new Option(`${value} (${count.toLocaleString("en")})`));
    }
  }

  /** Return what rows are sorted by: numbers by value, then words, what is missing last. */
  keysOf(column) {
    if (!this.keys.has(column)) {
      this.makeAll();
      const keys = this.rows.map(({ element }) => {
        const cell = element.cells[column];
        if (cell.dataset.sort !== undefined) return { kind: 0, value: Number(cell.dataset.sort) };
        const text = cell.textContent;
        const missing = text === "" || cell.classList.contains("missing") || text === "undefined";
        return missing ? { kind: 2, value: 0 } : { kind: 1, value: text };
      });
      const words = [...new Set(keys.filter((key) => key.kind === 1).map((key) => key.value))];
      const places = new Map(words.sort(collator.compare).map((word, place) => [word, place]));
      for (const key of keys) if (key.kind === 1) key.value = places.get(key.value);
      this.keys.set(column, keys);
    }
    return this.keys.get(column);
  }

  sort(heading) {
    const same = this.sorted === heading;
    const falls = same && heading.getAttribute("aria-sort") === "ascending";
    this.sorted?.removeAttribute("aria-sort");
    this.sorted = heading;
    heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const keys = this.keysOf(Number(heading.dataset.column));
    const sign = falls ? -1 : 1;
    this.order = [...this.order].sort((one, other) => {
      const [first, second] = [keys[one.index], keys[other.index]];
      if (first.kind !== second.kind) {
        return first.kind === 2 || second.kind === 2
          ? first.kind - second.kind
          : sign * (first.kind - second.kind);
      }
      return first.value === second.value ? 0 : first.value < second.value ? -sign : sign;
    });
    this.show();
  }

  reset() {
    this.search.value = "";
    for (const { select } of this.picks) select.selectedIndex = 0;
    this.sorted?.removeAttribute("aria-sort");
    this.sorted = null;
    this.order = this.rows;
    this.show();
  }

  matches(row, words) {
    for (const { column, select, values } of this.picks) {
      const value = values[select.selectedIndex - 1];
      if (value !== undefined && row.element.cells[column].textContent !== value) return false;
    }
    if (!words.length) return true;
    row.text ??= [...row.element.cells].map((cell) => cell.textContent.toLowerCase()).join("\n");
    return words.every((word) => row.text.includes(word));
  }

  show() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = !words.length && this.picks.every(({ select }) => select.selectedIndex === 0);
    if (!all) this.makeAll();
    this.wanted = all ? this.order : this.order.filter((row) => this.matches(row, words));
    this.drawn = 0;
    this.body.replaceChildren();
    this.box.scrollTop = 0;
    this.draw();
    this.tell();
    announce(this.count.textContent);
  }

  /** Say how many rows there are. */
  tell(more = "") {
    const number = (value) => value.toLocaleString("en");
    this.count.textContent =
      `${number(this.wanted.length)} of ${number(this.rows.length)} rows${more}`;
  }

  /** Draw what goes to paper, each value with its title. */
  print() {
    const last = Math.min(PRINTED, this.wanted.length);
    while (this.drawn < last) this.draw();
    if (this.drawn < this.wanted.length) {
      this.tell(`, the first ${this.drawn.toLocaleString("en")} of them printed`);
    }
    const headings = [...this.box.querySelectorAll("th[data-column]")];
    const titles = new Map(headings.map((each) => [each.dataset.column, each.textContent]));
    for (const row of this.body.rows) {
      [...row.cells].forEach((cell, place) => (cell.dataset.title = titles.get(String(place))));
    }
  }

  draw() {
    const next = this.wanted.slice(this.drawn, this.drawn + CHUNK);
    if (next.some(({ element }) => element === null)) this.makeAll();
    const rows = next.map(({ element }, place) => {
      element.setAttribute("aria-rowindex", this.drawn + place + 1);
      addCopyButtons(element);
      return element;
    });
    this.body.append(...rows);
    this.drawn += next.length;
  }

  grow() {
    const below = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
    if (below < 800 && this.drawn < this.wanted.length) this.draw();
  }
}
