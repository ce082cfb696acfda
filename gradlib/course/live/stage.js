// The stage that a figure draws on: controls, verdict, picture, keyboard, dragging, theme.
//
// A figure's file exports draw(stage), which asks for panels and buttons once, and returns update():
// it draws the current stage.values, and is called at most once a frame, after a change.

import { clip, compile, ticks } from "./numbers.js";

/** An HTML element with these properties and children. */
export function element(tag, properties = {}, ...children) {
  const { aria, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  if (aria) node.setAttribute("aria-label", aria);
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

/** The path through points; it ends and starts anew where one is not finite. */
export function polyline(xs, ys) {
  let [path, pen] = ["", "M"];
  xs.forEach((x, i) => {
    const y = ys[i];
    if (Number.isFinite(x + y)) path += `${pen}${x.toFixed(1)},${clip(y, -1e4, 1e4).toFixed(1)}`;
    pen = Number.isFinite(x + y) ? "L" : "M";
  });
  return path;
}

const TOP = 26;
const BOTTOM = 38;
const LEFT = 50;
const RIGHT = 16;

/** Axes with scales X and Y, and what is drawn on them, by keys; all lengths are in pixels. */
class Panel {
  constructor(picture, options) {
    this.options = { share: 1, tall: 1, title: "", xlabel: "", ylabel: "", ...options };
    this.picture = picture;
    const drawing = picture.querySelector("[role=img]");
    this.axes = shape(drawing, "g");
    this.inside = shape(drawing, "svg", { role: "none" });
    this.shapes = new Map();
    this.limits = { x: options.x ?? [0, 1], y: options.y ?? [0, 1] };
  }

  place(x, y, width, height) {
    this.box = { x: x + LEFT, y: y + TOP };
    this.box.width = width - LEFT - RIGHT;
    this.box.height = height - TOP - BOTTOM;
    this.shown = "";
    const box = Object.values(this.box);
    this.inside.setAttribute("viewBox", box.join(" "));
    ["x", "y", "width", "height"].forEach((name, i) => this.inside.setAttribute(name, box[i]));
    this.range({});
  }

  /** Set the ends of the axes, or the title; `first` is a range of y to be seen in a wider one. */
  range({ x = this.limits.x, y = this.limits.y, first, title = this.options.title }) {
    const { options, box } = this;
    this.limits = { x, y };
    options.title = title;
    const scale = (ends, logarithmic, from, length) => {
      const log = logarithmic ? Math.log10 : (v) => v;
      return (v) => from + (length * (log(v) - log(ends[0]))) / (log(ends[1]) - log(ends[0]));
    };
    this.X = scale(x, options.xlog, box.x, box.width);
    this.Y = scale(y, options.ylog, box.y + box.height, -box.height);
    const wanted = JSON.stringify([x, y, first, title]);
    if (wanted !== this.shown) this.axes.innerHTML = this.frame(first);
    this.shown = wanted;
  }

  frame(first) {
    const { options, box, limits, X, Y } = this;
    const [bottom, middle] = [box.y + box.height, box.x + box.width / 2];
    const text = (x, y, anchor, words, more = "") =>
      `<text x="${x}" y="${y}" text-anchor="${anchor}" ${more}>${words}</text>`;
    const { xticks, xcount = box.width / 70, yticks, ycount = box.height / 45 } = options;
    const across = xticks ?? ticks(limits.x, xcount, options.xlog);
    const up = yticks ?? ticks(limits.y, ycount, options.ylog);
    const turned = `transform="rotate(-90 ${box.x - 38} ${box.y + box.height / 2})"`;
    const band =
      first && (first[0] > limits.y[0] || first[1] < limits.y[1])
        ? `<rect class="first" x="${box.x}" y="${Y(first[1])}" width="${box.width}"
            height="${Y(first[0]) - Y(first[1])}"/>`
        : "";
    const rules = [
      ...across.map(([v]) => `M${X(v)},${box.y}v${box.height}`),
      ...up.map(([v]) => `M${box.x},${Y(v)}h${box.width}`),
    ];
    return [
      band,
      `<path class="grid" d="${rules.join("")}"/>`,
      `<path class="axis" d="M${box.x},${bottom}h${box.width}"/>`,
      text(box.x, box.y - 9, "start", options.title, 'class="title"'),
      text(middle, bottom + 33, "middle", options.xlabel),
      text(box.x - 38, box.y + box.height / 2, "middle", options.ylabel, turned),
      ...across.map(([v, words]) => text(X(v), bottom + 16, "middle", words)),
      ...up.map(([v, words]) => text(box.x - 7, Y(v) + 4, "end", words)),
    ].join("");
  }

  /** The values at the place of a pointer's event. */
  under(event) {
    const corner = this.picture.getBoundingClientRect();
    const { box, limits, options } = this;
    const value = ([low, high], logarithmic, part) =>
      logarithmic ? low * (high / low) ** part : low + (high - low) * part;
    return [
      value(limits.x, options.xlog, (event.clientX - corner.x - box.x) / box.width),
      value(limits.y, options.ylog, 1 - (event.clientY - corner.y - box.y) / box.height),
    ];
  }

  /** A path in pixels, drawn inside of the axes; the same key draws it anew. */
  path(key, d, className) {
    if (!this.shapes.has(key)) this.shapes.set(key, shape(this.inside, "path"));
    const node = this.shapes.get(key);
    node.setAttribute("d", d);
    node.setAttribute("class", className);
  }

  line(key, xs, ys, className) {
    this.path(key, polyline(xs.map(this.X), ys.map(this.Y)), className);
  }

  /** The area between a curve and the level `base`. */
  area(key, xs, ys, className, base = 0) {
    const [first, last, level] = [this.X(xs[0]), this.X(xs.at(-1)), this.Y(base)];
    const curve = polyline(xs.map(this.X), ys.map(this.Y)).replace("M", "L");
    this.path(key, `M${first},${level}${curve}L${last},${level}Z`, className);
  }

  /** Discs, or triangles for pathwise, as in all figures of the course. */
  dots(key, xs, ys, kind, size = 3.5) {
    const mark = kind === "pathwise" ? triangle : disc;
    const dot = (x, y) => (Number.isFinite(x + y) ? mark(this.X(x), this.Y(y), size) : "");
    this.path(key, xs.map((x, i) => dot(x, ys[i])).join(""), `dots ${kind}`);
  }

  /** Arrows from (x, y) to (x, y), a list of four numbers each. */
  arrows(key, list, kind) {
    const d = list.map(([a, b, c, d]) => arrow(this.X(a), this.Y(b), this.X(c), this.Y(d)));
    this.path(key, d.join(""), `arrow ${kind}`);
  }

  /** A line across the panel at a height, such as the true gradient; none if it is not finite. */
  level(key, y, className = "truth") {
    const d = Number.isFinite(y) ? `M${this.box.x},${this.Y(y)}h${this.box.width}` : "";
    this.path(key, d, className);
  }

  /** A line up the panel; none if it is not finite. */
  upright(key, x, className = "truth") {
    const d = Number.isFinite(x) ? `M${this.X(x)},${this.box.y}v${this.box.height}` : "";
    this.path(key, d, className);
  }

  label(key, x, y, words, className = "", anchor = "start") {
    if (!this.shapes.has(key)) this.shapes.set(key, shape(this.inside, "text"));
    const node = this.shapes.get(key);
    node.textContent = words;
    node.setAttribute("class", className);
    node.setAttribute("text-anchor", anchor);
    if (Number.isFinite(x + y)) node.setAttribute("x", this.X(x));
    if (Number.isFinite(x + y)) node.setAttribute("y", this.Y(y));
  }

  /** An empty canvas beneath the panel's curves, for many things that move; X and Y hold for it. */
  brush() {
    const { x, y, width, height } = this.box;
    if (!this.canvas) this.picture.prepend((this.canvas = element("canvas")));
    const sharp = window.devicePixelRatio;
    const [wide, high] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (this.canvas.width !== wide) this.canvas.width = wide;
    if (this.canvas.height !== high) this.canvas.height = high;
    this.canvas.style = `left: ${x}px; top: ${y}px; width: ${width}px; height: ${height}px`;
    const brush = this.canvas.getContext("2d");
    brush.setTransform(1, 0, 0, 1, 0, 0);
    brush.clearRect(0, 0, wide, high);
    brush.setTransform(sharp, 0, 0, sharp, -x * sharp, -y * sharp);
    brush.globalAlpha = 1;
    return brush;
  }
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

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

class Stage {
  constructor(model, el) {
    this.model = model;
    this.controls = model.get("controls");
    this.data = model.get("data");
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.compiled = new Map();
    this.columns = [];
    this.handles = [];
    this.motions = [];
    this.bar = element("div", { className: "bar" });
    this.problem = element("div", { className: "problem", role: "alert" });
    this.words = element("div", { className: "verdict" });
    this.keys = element("div", { className: "legend" });
    this.picture = element("div", { className: "picture" });
    this.svg = shape(this.picture, "svg", { role: "none" });
    this.drawing = shape(this.svg, "g", { role: "img" }); // knobs stay outside: an img has no parts
    this.heard = element("div", { className: "unseen", role: "status" });
    const parts = [this.bar, this.problem, this.words, this.keys, this.picture, this.heard];
    this.root = element("div", { className: "gradlib-stage" }, ...parts);
    this.root.setAttribute("role", "group");
    el.append(this.root);
    for (const [name, control] of Object.entries(this.controls)) this.addControl(name, control);
  }

  // -- settings

  get values() {
    return this.model.get("values");
  }

  set(changes) {
    this.model.set("values", { ...this.values, ...changes });
    this.model.save_changes();
  }

  /** Every setting as it was at first, but the cost: what axes may depend on. */
  get start() {
    const first = Object.entries(this.controls).map(([name, { start }]) => [name, start]);
    return { ...Object.fromEntries(first), cost: this.values.cost };
  }

  /** The cost of the menu called cost, at the current values or at others. */
  cost(values = this.values) {
    const found = this.recipes().find(({ name }) => name === values.cost);
    const key = found.source + found.flaw;
    if (!this.compiled.has(key)) this.compiled.set(key, compile(found));
    return this.compiled.get(key)(values);
  }

  get recipe() {
    return this.recipes().find(({ name }) => name === this.values.cost);
  }

  recipes() {
    const typed = this.model.get("typed");
    const known = this.controls.cost.recipes.filter(({ name }) => name !== typed?.name);
    return typed ? [...known, typed] : known;
  }

  // -- controls

  addControl(name, control) {
    const make = control.range ? this.slider : this.menu;
    const label = make.call(this, name, control);
    label.title = control.meaning;
    this.bar.append(label);
    if (control.recipes && this.model.get("formula") !== null) this.bar.append(this.formulaLine());
  }

  slider(name, { label, meaning, range: [min, max, step] }) {
    const aria = `${label}, ${meaning}`;
    const slide = element("input", { type: "range", min, max, step, aria });
    const typed = element("input", { type: "number", min, max, step, aria: `${aria}, typed` });
    const show = () => {
      for (const input of [slide, typed])
        if (input.valueAsNumber !== this.values[name]) input.value = +this.values[name].toFixed(6);
      all.hidden = !this.needed(name);
    };
    const take = (value) => {
      if (Number.isFinite(value)) this.set({ [name]: clip(value, min, max) });
      show();
    };
    slide.addEventListener("input", () => take(slide.valueAsNumber));
    onEntered(typed, () => take(typed.valueAsNumber));
    const all = element("label", {}, label, slide, typed);
    this.model.on("change:values", show);
    show();
    return all;
  }

  /** A setting that some costs need is shown with those only. */
  needed(name) {
    if (!this.controls.cost) return true;
    const needs = (recipe) => recipe.needs.includes(name);
    return !this.recipes().some(needs) || needs(this.recipe);
  }

  menu(name, { label, meaning, options }) {
    const select = element("select", { aria: `${label}, ${meaning}` });
    const entries = () => options ?? this.recipes().map((recipe) => [recipe.name, recipe.name]);
    const show = () => {
      const texts = entries().map(([, text]) => text);
      if (texts.join() !== select.texts)
        select.replaceChildren(...texts.map((textContent) => element("option", { textContent })));
      select.texts = texts.join();
      select.selectedIndex = entries().findIndex(([value]) => value === this.values[name]);
    };
    const take = () => this.set({ [name]: entries()[select.selectedIndex][0] });
    select.addEventListener("change", take);
    this.model.on("change:values", show);
    this.model.on("change:typed", show);
    show();
    return element("label", {}, label, select);
  }

  /** A line for the student's own cost: Python reads it, and answers with `typed` or `problem`. */
  formulaLine() {
    const looks = { placeholder: "or type, Enter", aria: "your own cost" };
    const line = element("input", { type: "text", ...looks });
    onEntered(line, () => {
      if (this.recipes().some(({ name }) => name === line.value)) this.set({ cost: line.value });
      if (line.value === this.model.get("formula")) return;
      this.problem.textContent = "waiting for the kernel …";
      this.model.set("formula", line.value);
      this.model.save_changes();
    });
    this.model.on("change:problem", () => (this.problem.textContent = this.model.get("problem")));
    this.model.on("change:values", () => (this.problem.textContent = ""));
    this.model.on("change:typed", () => this.set({ cost: this.model.get("typed").name }));
    return element("label", {}, line);
  }

  button(label, act) {
    const made = element("button", { type: "button", textContent: label, onclick: act });
    this.bar.append(made);
    return made;
  }

  /** Back to the first setting; `also` is what else a figure must take back. */
  reset(also) {
    const { cost } = this.controls;
    this.set({ ...this.start, ...(cost ? { cost: cost.start } : {}) });
    also?.();
  }

  // -- words

  /** The verdict, in one line. It is read aloud when it has come to rest. */
  say(verdict, description = "") {
    if (this.words.textContent === verdict) return;
    this.words.textContent = verdict;
    this.drawing.setAttribute("aria-label", description || verdict);
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.heard.textContent = verdict), 500);
  }

  /** The key to the picture: a text for each kind, such as score, pathwise and exact. */
  legend(texts) {
    for (const [kind, text] of Object.entries(texts)) {
      let entry = this.keys.querySelector(`.${kind}`);
      if (!entry) this.keys.append((entry = element("span", { className: kind })));
      if (entry.textContent !== text) entry.textContent = text;
    }
  }

  /** The colour of a kind, for a brush. */
  colour(kind) {
    return getComputedStyle(this.root).getPropertyValue(`--${kind}`);
  }

  // -- the picture

  /** Panels in columns: of each its options, or a list of them. The height is in pixels. */
  panels(columns, height = 300) {
    this.height = height;
    this.columns = columns.map((column) =>
      [column].flat().map((options) => new Panel(this.picture, options)),
    );
    return this.columns.flat();
  }

  place() {
    const width = this.picture.clientWidth;
    if (width === this.width) return;
    this.width = width;
    const narrow = width < 560; // then one column below the other
    const share = (column) => (narrow ? 1 : column[0].options.share);
    const whole = narrow ? 1 : this.columns.reduce((sum, column) => sum + share(column), 0);
    let [x, y] = [0, 0];
    for (const column of this.columns) {
      const wide = (width * share(column)) / whole;
      const tall = column.reduce((sum, { options }) => sum + options.tall, 0);
      let below = y;
      for (const panel of column) {
        const high = (this.height * panel.options.tall) / tall;
        panel.place(x, below, wide, high);
        below += high;
      }
      if (narrow) y += this.height;
      else x += wide;
    }
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", narrow ? y : this.height);
  }

  /** A knob that is dragged, or moved by keys, to set the value of that name.
   *
   * `at(values)` is where it stands, [x, y] on the panel; `to(x, y)` the value for a place. */
  handle(panel, name, at, to) {
    const { label, meaning, range } = this.controls[name];
    const [min, max, step] = range;
    const knob = shape(this.svg, "circle", { class: "handle", r: 9, tabindex: 0, role: "slider" });
    const words = `${label}, ${meaning}: drag, or press arrow keys`;
    const aria = { label: words, valuemin: min, valuemax: max };
    for (const [key, value] of Object.entries(aria)) knob.setAttribute(`aria-${key}`, value);
    const take = (value) => this.set({ [name]: this.nearest(name, value) });
    onDragged(knob, (event) => take(to(...panel.under(event))));
    knob.addEventListener("keydown", (event) => {
      const ends = { Home: min, End: max };
      if (!(event.key in KEYS) && !(event.key in ends)) return;
      event.preventDefault();
      take(ends[event.key] ?? this.values[name] + KEYS[event.key] * step);
    });
    this.handles.push(() => {
      const [x, y] = at(this.values);
      knob.setAttribute("cx", panel.X(x));
      knob.setAttribute("cy", panel.Y(y));
      knob.setAttribute("aria-valuenow", this.values[name]);
    });
  }

  /** The panel is clicked or dragged over to set two values: across, and upwards. */
  pick(panel, across, upwards) {
    panel.axes.style.cursor = "crosshair";
    onDragged(panel.inside, (event) => {
      const [x, y] = panel.under(event);
      this.set({ [across]: this.nearest(across, x), [upwards]: this.nearest(upwards, y) });
    });
  }

  /** The value that the control of that name allows, and that is nearest. */
  nearest(name, value) {
    const [min, max, step] = this.controls[name].range;
    const whole = min + Math.round((clip(value, min, max) - min) / step) * step;
    return Number(clip(whole, min, max).toFixed(6));
  }

  /** Something that moves by itself: step(seconds) draws a frame, and returns false at the end.
   *
   * It rests while the figure is out of sight. */
  motion(step, changed = () => {}) {
    let [running, last] = [false, 0];
    const frame = (now) => {
      if (!running) return;
      const seconds = clip((now - last) / 1000, 0, 0.1);
      last = now;
      if (this.visible && this.width && step(seconds) === false) motion.run(false);
      else requestAnimationFrame(frame);
    };
    const motion = {
      get running() {
        return running;
      },
      run(on) {
        if (on && !running) requestAnimationFrame(frame);
        if (on && !running) last = performance.now();
        running = on;
        changed(on);
      },
    };
    this.motions.push(motion);
    return motion;
  }

  // -- life

  /** Draw the current setting in the next frame. */
  refresh() {
    this.asked ||= requestAnimationFrame(() => this.update());
  }

  /** Draw now and at every change, until the function that this returns is called. */
  show(draw) {
    this.visible = true;
    const update = draw(this);
    this.button("Reset", () => this.reset(update.reset));
    this.update = () => {
      this.asked = 0;
      if (!this.picture.clientWidth) return;
      this.root.toggleAttribute("data-dark", isDark(this.root));
      this.place();
      update();
      this.handles.forEach((move) => move());
    };
    const refresh = () => this.refresh();
    for (const name of ["values", "typed"]) this.model.on(`change:${name}`, refresh);
    const observers = [new ResizeObserver(refresh), new MutationObserver(refresh)];
    observers.push(new IntersectionObserver(([entry]) => (this.visible = entry.isIntersecting)));
    observers[0].observe(this.picture);
    for (const node of [document.body, document.documentElement])
      observers[1].observe(node, { attributes: true });
    observers[2].observe(this.root);
    const theme = matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", refresh);
    window.addEventListener("keydown", this.claim, true);
    return () => {
      observers.forEach((observer) => observer.disconnect());
      this.motions.forEach((motion) => motion.run(false));
      theme.removeEventListener("change", refresh);
      window.removeEventListener("keydown", this.claim, true);
    };
  }

  // In JupyterLab keys are shortcuts of the notebook, unless the focused element says no; it is
  // asked on `document`. Ctrl-S and its like are left to the notebook.
  claim = ({ target, ctrlKey, metaKey }) => {
    if (this.root.contains(target))
      target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey));
  };
}

/** JupyterLab keeps Enter from committing a line as it does elsewhere. */
function onEntered(input, take) {
  input.addEventListener("change", take);
  input.addEventListener("keydown", ({ key }) => key === "Enter" && take());
}

/** Mouse, finger or pen. */
function onDragged(node, move) {
  node.addEventListener("pointerdown", (event) => node.setPointerCapture(event.pointerId));
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) move(event);
  });
}

/** Is the text light? That holds for every way to choose a theme. */
function isDark(node) {
  const [red, green, blue] = getComputedStyle(node).color.match(/[\d.]+/g).map(Number);
  return red + green + blue > 382;
}

/** What anywidget calls with a model and an element. */
export const renderer =
  (figures) =>
  ({ model, el }) =>
    new Stage(model, el).show(figures[model.get("figure")]);

/** Fill the places of figures on a page without a kernel; each keeps its settings to itself. */
export function mount(figures) {
  for (const el of document.querySelectorAll("[data-live]")) {
    const state = JSON.parse(el.dataset.live);
    const heard = {};
    el.removeAttribute("data-live"); // a second script on the page shall not draw it again
    const model = {
      get: (name) => state[name],
      set(name, value) {
        state[name] = value;
        heard[`change:${name}`]?.forEach((listen) => listen());
      },
      on: (name, listen) => (heard[name] ??= []).push(listen),
      save_changes() {},
    };
    renderer(figures)({ model, el });
  }
}
