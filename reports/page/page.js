"use strict";
(() => {
  const CHUNK = 60; // rows that are drawn at once; a long table grows as it is scrolled
  const PICKED = ["status", "phase"]; // columns of which one picks a value
  const NEAR = { mouse: 10, pen: 14, touch: 28 }; // pixels between a pointer and its point
  const collator = new Intl.Collator("en", { numeric: true });

  /** Make an element; text is set as text, never as markup. */
  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  /** Say something to those who listen. */
  function announce(text) {
    document.querySelector("[role=status]").textContent = text;
  }

  /* Colours */

  function remembered(value) {
    try {
      if (value) localStorage.setItem("theme", value);
      return localStorage.getItem("theme");
    } catch {
      return value ?? null; // a page of a file may have no storage
    }
  }

  function setTheme(theme) {
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  }

  function startTheme() {
    const button = document.querySelector("[data-action=theme]");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () =>
      (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
    const label = () => {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `Use ${button.textContent.toLowerCase()} colours`);
    };
    button.addEventListener("click", () => {
      const theme = isDark() ? "light" : "dark";
      setTheme(theme);
      remembered(theme);
      label();
    });
    system.addEventListener("change", label);
    label();
    button.hidden = false;
  }

  /* Commands */

  function addCopyButtons(root) {
    for (const code of root.querySelectorAll("code.command")) {
      if (code.nextElementSibling?.className === "copy") continue;
      const button = make("button", { type: "button", className: "copy" }, "Copy");
      button.setAttribute("aria-label", "Copy the command");
      code.after(button);
    }
  }

  async function copy(button) {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.innerText);
      button.textContent = "Copied";
      announce("Copied");
      setTimeout(() => (button.textContent = "Copy"), 2000);
    } catch {
      getSelection().selectAllChildren(code); // without a clipboard the reader copies it
      announce("The command is selected");
    }
  }

  /* Tables */

  /**
   * A table that can be sorted and filtered. It stands in a `noscript` element, which to a browser
   * with scripts is one text: so ten thousand rows cost nothing until they are wanted.
   */
  class SortedTable {
    constructor(source) {
      const [head, body, tail] = source.textContent.split(/<tbody>\n|(?=\n<\/tbody>)/);
      source.insertAdjacentHTML("afterend", `${head}<tbody>${tail}`);
      this.box = source.nextElementSibling;
      this.body = this.box.querySelector("tbody");
      const lines = body.split("\n").filter(Boolean);
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
      this.box.before(make("div", { className: "tools" }, ...labels, reset, this.count));
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
      const number = (value) => value.toLocaleString("en");
      this.count.textContent = `${number(this.wanted.length)} of ${number(this.rows.length)} rows`;
      announce(this.count.textContent);
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

  /* Figures */

  /** The points of a figure, told by pointer, by touch and by the arrow keys. */
  class Hover {
    constructor(plot) {
      this.plot = plot;
      this.svg = plot.querySelector("svg");
      this.points = [...plot.querySelectorAll("[data-hover]")];
      this.active = -1;
      if (!this.points.length) return;
      const id = `hint-${plot.closest("figure").id}`;
      plot.after(make("p", { className: "hint", id }, "Arrow keys: from point to point."));
      plot.setAttribute("aria-describedby", id);
      for (const name of ["pointermove", "pointerdown"]) {
        plot.addEventListener(name, (event) => this.point(event));
      }
      plot.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse") this.leave();
      });
      plot.addEventListener("keydown", (event) => this.step(event));
      plot.addEventListener("blur", () => this.leave());
      addEventListener("scroll", () => this.place(), { passive: true, capture: true });
      addEventListener("resize", () => this.leave());
    }

    /** Return where the points lie within the drawing, measured once a size. */
    boxes() {
      const frame = this.svg.getBoundingClientRect();
      if (this.measured !== frame.width) {
        this.measured = frame.width;
        this.places = this.points.map((point) => {
          const box = point.getBoundingClientRect();
          return new DOMRect(box.x - frame.x, box.y - frame.y, box.width, box.height);
        });
      }
      return [frame, this.places];
    }

    point(event) {
      const [frame, places] = this.boxes();
      const [x, y] = [event.clientX - frame.x, event.clientY - frame.y];
      let nearest = -1;
      let least = Infinity;
      places.forEach((box, place) => {
        const gap = Math.hypot(
          Math.max(box.left - x, 0, x - box.right),
          Math.max(box.top - y, 0, y - box.bottom),
        );
        const middle = Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
        if (gap <= (NEAR[event.pointerType] ?? NEAR.mouse) && gap + middle / 1e4 < least) {
          least = gap + middle / 1e4;
          nearest = place;
        }
      });
      nearest < 0 ? this.leave() : this.tell(nearest);
    }

    step(event) {
      const last = this.points.length - 1;
      const places = {
        ArrowRight: this.active < last ? this.active + 1 : 0,
        ArrowLeft: this.active > 0 ? this.active - 1 : last,
        Home: 0,
        End: last,
      };
      if (event.key === "Escape") this.leave();
      if (!(event.key in places)) return;
      event.preventDefault();
      this.points[places[event.key]].scrollIntoView({ block: "nearest", inline: "nearest" });
      this.tell(places[event.key]);
      announce(this.points[this.active].dataset.hover);
    }

    tell(place) {
      this.active = place;
      Hover.shown = this;
      Hover.tooltip.textContent = this.points[place].dataset.hover;
      Hover.tooltip.hidden = Hover.ring.hidden = false;
      this.place();
    }

    place() {
      if (Hover.shown !== this) return;
      const box = this.points[this.active].getBoundingClientRect();
      Object.assign(Hover.ring.style, {
        left: `${box.x - 2}px`,
        top: `${box.y - 2}px`,
        width: `${box.width + 4}px`,
        height: `${box.height + 4}px`,
      });
      const tip = Hover.tooltip.getBoundingClientRect();
      const middle = box.x + box.width / 2 - tip.width / 2;
      const furthest = document.documentElement.clientWidth - tip.width - 8;
      const left = Math.max(8, Math.min(middle, furthest));
      const top = box.y - tip.height - 10 < 4 ? box.bottom + 10 : box.y - tip.height - 10;
      Object.assign(Hover.tooltip.style, { left: `${left}px`, top: `${top}px` });
    }

    leave() {
      if (Hover.shown !== this) return;
      Hover.shown = null;
      Hover.tooltip.hidden = Hover.ring.hidden = true;
    }
  }

  setTheme(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    startTheme();
    const contents = document.querySelector(".contents details");
    if (matchMedia("(max-width: 72rem)").matches) contents.open = false;
    for (const source of document.querySelectorAll("noscript")) new SortedTable(source);
    addCopyButtons(document);
    document.addEventListener("click", (event) => {
      if (event.target.className === "copy") copy(event.target);
    });
    Hover.tooltip = document.querySelector(".tooltip");
    Hover.ring = document.querySelector(".ring");
    for (const plot of document.querySelectorAll(".plot")) new Hover(plot);
  });
})();
