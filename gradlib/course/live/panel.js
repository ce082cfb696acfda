// Elements of a page, and axes with what is drawn on them. All lengths are in pixels.

import { clip, ticks } from "./scales.js";

/** An HTML element with these properties and children. */
export function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** An SVG element with these attributes, put into `parent`. */
export function shape(parent, tag, attributes = {}) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent.append(node);
  return node;
}

const EDGE = { top: 26, bottom: 38, left: 50, right: 16 };
const USUAL = { share: 0.5, height: 300, title: "", xlabel: "", ylabel: "", x: [0, 1], y: [0, 1] };

/** Axes, with scales X and Y, and what is drawn on them by keys: the same key draws it anew. */
export class Panel {
  constructor(picture, options) {
    this.options = { ...USUAL, ...options };
    this.picture = picture;
    const drawing = picture.querySelector("[role=img]");
    this.axes = shape(drawing, "g");
    this.inside = shape(drawing, "svg", { role: "none" });
    this.shapes = {};
  }

  place(x, y, width, height) {
    const [wide, high] = [width - EDGE.left - EDGE.right, height - EDGE.top - EDGE.bottom];
    const box = { x: x + EDGE.left, y: y + EDGE.top, width: wide, height: high };
    [this.box, this.bottom] = [box, box.y + high];
    this.inside.setAttribute("viewBox", Object.values(box).join(" "));
    for (const [name, value] of Object.entries(box)) this.inside.setAttribute(name, value);
    this.shown = "";
    this.set({});
  }

  /** Change options, such as the ends of the axes or the title. */
  set(changes) {
    const { box, options, bottom } = this;
    Object.assign(options, changes);
    [this.X, this.xAt] = scale(options.x, options.xlog, box.x, box.width);
    [this.Y, this.yAt] = scale(options.y, options.ylog, bottom, -box.height);
    const wanted = JSON.stringify(options);
    if (wanted !== this.shown) this.axes.innerHTML = this.frame();
    this.shown = wanted;
  }

  frame() {
    const { options, box, bottom, X, Y } = this;
    const [left, centre, middle] = [box.x - 38, box.x + box.width / 2, box.y + box.height / 2];
    const text = (x, y, anchor, words, more = "") =>
      `<text x="${x}" y="${y}" text-anchor="${anchor}" ${more}>${words}</text>`;
    const across = options.xticks ?? ticks(options.x, box.width / 70, options.xlog);
    const up = options.yticks ?? ticks(options.y, box.height / 45, options.ylog);
    const rules = [
      ...across.map(([v]) => `M${X(v)},${box.y}v${box.height}`),
      ...up.map(([v]) => `M${box.x},${Y(v)}h${box.width}`),
    ];
    return [
      `<path class="grid" d="${rules.join("")}"/>`,
      `<path class="axis" d="M${box.x},${bottom}h${box.width}"/>`,
      text(box.x, box.y - 9, "start", options.title, 'class="title"'),
      text(centre, bottom + 33, "middle", options.xlabel),
      text(left, middle, "middle", options.ylabel, `transform="rotate(-90 ${left} ${middle})"`),
      ...across.map(([v, words]) => text(X(v), bottom + 16, "middle", words)),
      ...up.map(([v, words]) => text(box.x - 7, Y(v) + 4, "end", words)),
    ].join("");
  }

  /** The values at the place of a pointer's event; the page may be scaled. */
  under({ clientX, clientY }) {
    const seen = this.picture.getBoundingClientRect();
    const scaled = seen.width / this.picture.clientWidth;
    return [this.xAt((clientX - seen.x) / scaled), this.yAt((clientY - seen.y) / scaled)];
  }

  /** A path in pixels, drawn inside of the axes. */
  path(key, d, className) {
    const node = (this.shapes[key] ??= shape(this.inside, "path"));
    node.setAttribute("d", d);
    node.setAttribute("class", className);
  }

  /** Here and below the heights `ys` are numbers, or a function of x. */
  line(key, xs, ys, className) {
    this.path(key, polyline(xs.map(this.X), heights(xs, ys).map(this.Y)), className);
  }

  /** The area between a curve and the level `base`. */
  area(key, xs, ys, className, base = 0) {
    const ends = [xs[0], ...xs, xs.at(-1)];
    this.line(key, ends, [base, ...heights(xs, ys), base], className);
  }

  /** Discs, or triangles for pathwise, as in all figures of the course. */
  dots(key, xs, ys, kind, size = 3.5) {
    const mark = kind === "pathwise" ? triangle : disc;
    const dot = (x, y) => (Number.isFinite(x + y) ? mark(x, y, size) : "");
    const all = heights(xs, ys).map((y, i) => dot(this.X(xs[i]), this.Y(y)));
    this.path(key, all.join(""), `dots ${kind}`);
  }

  /** Arrows from (x, y) to (x, y), a list of four numbers each. */
  arrows(key, list, kind) {
    const d = list.map(([a, b, c, d]) => arrow(this.X(a), this.Y(b), this.X(c), this.Y(d)));
    this.path(key, d.join(""), `arrow ${kind}`);
  }

  /** Lines across the panel and up, such as the true gradient. */
  level(key, y, className = "truth") {
    this.line(key, this.options.x, [y, y], className);
  }

  upright(key, x, className = "truth") {
    this.line(key, [x, x], this.options.y, className);
  }

  /** Points of [red, green, blue, alpha] beneath the curves; the same key is painted once. */
  pixels(key, width, height, colour) {
    if (!this.canvas) this.picture.prepend((this.canvas = element("canvas", { width, height })));
    const { x, y, width: wide, height: high } = this.box;
    this.canvas.style = `left: ${x}px; top: ${y}px; width: ${wide}px; height: ${high}px`;
    if (key === this.painted) return;
    this.painted = key;
    const brush = this.canvas.getContext("2d");
    const image = brush.createImageData(width, height);
    for (let k = 0; k < width * height; k++)
      image.data.set(colour(k % width, Math.floor(k / width)), 4 * k);
    brush.putImageData(image, 0, 0);
  }
}

/** From values to pixels, and back. */
function scale([low, high], logarithmic, from, length) {
  const [log, power] = logarithmic ? [Math.log10, (v) => 10 ** v] : [(v) => v, (v) => v];
  const unit = length / (log(high) - log(low));
  return [(v) => from + unit * (log(v) - log(low)), (at) => power(log(low) + (at - from) / unit)];
}

const heights = (xs, ys) => (typeof ys === "function" ? xs.map((x) => ys(x)) : ys);

/** The path through points; it ends and starts anew where one is not finite. */
function polyline(xs, ys) {
  const round = (pixel) => Math.round(10 * clip(pixel, -1e4, 1e4)) / 10;
  let [path, pen] = ["", "M"];
  xs.forEach((x, i) => {
    const seen = Number.isFinite(x + ys[i]);
    if (seen) path += `${pen}${round(x)},${round(ys[i])}`;
    pen = seen ? "L" : "M";
  });
  return path;
}

const disc = (x, y, r) => `M${x - r},${y}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0`;
const triangle = (x, y, r) => `M${x},${y - 1.2 * r}l${1.1 * r},${1.9 * r}h${-2.2 * r}Z`;

function arrow(x0, y0, x1, y1) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length >= 1)) return "";
  const head = Math.min(6, 0.6 * length);
  const [dx, dy] = [((x1 - x0) / length) * head, ((y1 - y0) / length) * head];
  const wing = (side) => `M${x1 - dx - side * 0.6 * dy},${y1 - dy + side * 0.6 * dx}L${x1},${y1}`;
  return `M${x0},${y0}L${x1},${y1}${wing(1)}${wing(-1)}`;
}
