// The stage that a figure draws on: controls, verdict, picture, keyboard, dragging, theme.
//
// A figure's file exports draw(stage), which asks for panels and buttons once, and returns update():
// it draws the current stage.values, and is called at most once a frame, after a change.

import { compile } from "./estimators.js";
import { element, Panel, shape } from "./panel.js";
import { clip } from "./scales.js";

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

class Stage {
  constructor(model, el) {
    this.model = model;
    this.controls = model.get("controls");
    this.data = model.get("data");
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
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

  /** Change settings; the kernel hears of it when the hand rests. */
  set(changes) {
    this.model.set("values", { ...this.values, ...changes });
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.model.save_changes(), 150);
  }

  /** The first setting of the sliders, with what the menus say now: axes may depend on that. */
  get start() {
    const numbers = Object.entries(this.controls).filter(([, { range }]) => range);
    return { ...this.values, ...first(numbers) };
  }

  recipes() {
    const typed = this.model.get("typed");
    const known = this.controls.cost?.recipes.filter(({ name }) => name !== typed?.name) ?? [];
    return typed ? [...known, typed] : known;
  }

  get recipe() {
    return this.recipes().find(({ name }) => name === this.values.cost);
  }

  /** The cost of the menu called cost, at the current values or at others. */
  cost(values = this.values) {
    return (this.recipe.compiled ??= compile(this.recipe))(values);
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
    const needing = this.recipes().filter(({ needs }) => needs.includes(name));
    return needing.length === 0 || needing.includes(this.recipe);
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
    this.set(first(Object.entries(this.controls)));
    also?.();
  }

  // -- words

  /** The verdict, in one line. It is read aloud when it has come to rest. */
  say(verdict) {
    if (this.words.textContent === verdict) return;
    this.words.textContent = verdict;
    this.drawing.setAttribute("aria-label", verdict);
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

  /** The colour of a kind: red, green and blue. */
  colour(kind) {
    const hex = getComputedStyle(this.root).getPropertyValue(`--${kind}`).trim();
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
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
    const take = (event) => {
      const [x, y] = panel.under(event);
      this.set({ [across]: this.nearest(across, x), [upwards]: this.nearest(upwards, y) });
    };
    panel.inside.addEventListener("pointerdown", take);
    onDragged(panel.inside, take);
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
    let last;
    const frame = (now) => {
      const seconds = clip((now - last) / 1000, 0, 0.1);
      last = now;
      if (this.visible && this.width && step(seconds) === false) motion.run(false);
      else motion.running = requestAnimationFrame(frame);
    };
    const motion = {
      running: 0,
      run(on) {
        cancelAnimationFrame(motion.running);
        motion.running = on ? requestAnimationFrame(frame) : 0;
        last = performance.now();
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

/** The first values of controls, which are [name, control] pairs. */
const first = (controls) => Object.fromEntries(controls.map(([name, { start }]) => [name, start]));

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
