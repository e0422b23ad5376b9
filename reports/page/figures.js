"use strict";

const NEAR = { mouse: 10, pen: 14, touch: 28 }; // pixels between a pointer and its point

/** The tooltips of a figure, shown by pointer, by touch and by the arrow keys. */
class Hover {
  constructor(plot) {
    this.plot = plot;
    this.svg = plot.querySelector("svg");
    this.points = [...plot.querySelectorAll("[data-hover]")];
    this.active = -1;
    if (!this.points.length) return;
    const id = `hint-${plot.closest("figure").id}`;
    plot.after(make("p", { className: "hint", id }, "Use the arrow keys to move between points."));
    plot.setAttribute("aria-describedby", id);
    plot.setAttribute("role", "application"); // so that a screen reader lets the arrow keys through
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
    nearest < 0 ? this.leave() : this.show(nearest);
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
    this.show(places[event.key]);
    announce(this.points[this.active].dataset.hover);
  }

  show(place) {
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
