// The stage that a figure draws on: controls, verdict, picture, keyboard, dragging, theme.
//
// A figure's file exports draw(stage), which asks for panels and buttons, and returns
// update(values, cost), which draws a setting: at most once a frame, after a change.

import { plus, prepare } from "./estimators.js";
import { element, Panel, shape } from "./panel.js";
import { clip } from "./scales.js";

const NARROW = 560; // pixels; then one panel below the other

class Stage {
  constructor(model, el) {
    this.model = model;
    this.data = model.get("data");
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.followers = []; // controls and knobs: they show the values
    this.sliders = {};
    this.root = element("div", { className: "gradlib-stage", role: "group" });
    const part = (className, role) => this.root.appendChild(element("div", { className, role }));
    this.bar = part("bar");
    this.problem = part("problem", "alert");
    this.words = part("verdict");
    this.keys = part("legend");
    this.picture = part("picture");
    this.heard = part("unseen", "status");
    this.svg = shape(this.picture, "svg", { role: "none" });
    this.drawing = shape(this.svg, "g", { role: "img" }); // knobs stay outside: an img has no parts
    el.append(this.root);
    for (const [name, control] of Object.entries(this.controls))
      if (control.range) this.slider(name, control);
      else this.menu(name, control);
  }

  get controls() {
    return this.model.get("controls");
  }

  get values() {
    return this.model.get("values");
  }

  /** Change settings; the kernel hears of it when the hand rests. */
  set(changes) {
    this.model.set("values", { ...this.values, ...changes });
    this.refresh();
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.model.save_changes(), 150);
  }

  /** Set a number to the nearest value that its slider allows. */
  move(name, value) {
    this.sliders[name].value = value;
    this.set({ [name]: this.sliders[name].valueAsNumber });
  }

  /** The first setting of the sliders, with what the menus say now: axes may depend on that. */
  get start() {
    return { ...this.values, ...this.first(Object.keys(this.sliders)) };
  }

  first(names) {
    return Object.fromEntries(names.map((name) => [name, this.controls[name].start]));
  }

  get recipes() {
    return this.controls.cost?.recipes ?? [];
  }

  /** The cost of the menu called cost plus the constant c, at the current values or at others. */
  cost(values = this.values) {
    const recipe = this.recipes.find(({ name }) => name === values.cost);
    const cost = prepare(recipe, values);
    return values.c ? plus(cost, values.c) : cost;
  }

  slider(name, { label, meaning, range: [min, max, step] }) {
    const ariaLabel = `${label}, ${meaning}`;
    const slide = element("input", { type: "range", min, max, step, ariaLabel });
    const line = { type: "number", min, max, step, ariaLabel: `${ariaLabel}, typed` };
    const typed = element("input", line);
    const all = element("label", { title: meaning }, label, slide, typed);
    slide.addEventListener("input", () => this.move(name, slide.value));
    onEntered(typed, () => this.set(typed.value ? { [name]: clip(+typed.value, min, max) } : {}));
    this.followers.push(() => {
      for (const input of [slide, typed])
        if (input.valueAsNumber !== this.values[name]) input.value = +this.values[name].toFixed(6);
      // what some costs need is shown with those only
      const needing = this.recipes.filter(({ needs }) => needs.includes(name));
      all.hidden =
        needing.length > 0 && !needing.some((recipe) => recipe.name === this.values.cost);
    });
    this.sliders[name] = slide;
    this.bar.append(all);
  }

  menu(name, { label, meaning, options }) {
    const onchange = () => this.set({ [name]: entries()[select.selectedIndex][0] });
    const select = element("select", { ariaLabel: `${label}, ${meaning}`, onchange });
    const entries = () => options ?? this.recipes.map((recipe) => [recipe.name, recipe.name]);
    this.followers.push(() => {
      const fresh = entries().slice(select.length); // such as a cost that has been typed
      select.append(...fresh.map(([, text]) => new Option(text)));
      select.selectedIndex = entries().findIndex(([value]) => value === this.values[name]);
    });
    this.bar.append(element("label", { title: meaning }, label, select));
    if (!options && this.model.get("formula") !== null) this.formulaLine();
  }

  /** A line for the student's own cost: Python puts it on the menu, or answers with a problem. */
  formulaLine() {
    const looks = { placeholder: "or type, Enter", ariaLabel: "your own cost" };
    const line = element("input", { type: "text", ...looks });
    onEntered(line, () => {
      if (this.recipes.some(({ name }) => name === line.value)) this.set({ cost: line.value });
      if (line.value === this.model.get("formula")) return;
      this.model.set("formula", line.value);
      this.model.set("problem", "waiting for the kernel …");
      this.model.save_changes();
    });
    this.model.on("change:values", () => this.model.set("problem", ""));
    this.followers.push(() => (this.problem.textContent = this.model.get("problem")));
    this.bar.append(element("label", {}, line));
  }

  button(textContent, onclick) {
    return this.bar.appendChild(element("button", { type: "button", textContent, onclick }));
  }

  /** The verdict, in one line. It is read aloud when it has come to rest. */
  say(verdict) {
    if (this.words.textContent === verdict) return;
    this.words.textContent = verdict;
    this.drawing.setAttribute("aria-label", verdict);
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.heard.textContent = verdict), 500);
  }

  /** An entry of the key to the picture; its kind is such as score, pathwise or exact. */
  legend(kind, text) {
    let entry = this.keys.querySelector(`.${kind}`);
    if (!entry) this.keys.append((entry = element("span", { className: kind })));
    if (entry.textContent !== text) entry.textContent = text;
  }

  /** Panels with these options, side by side; what has no room is below. */
  panels(options) {
    this.placed = options.map((one) => new Panel(this.picture, one));
    return this.placed;
  }

  place() {
    const width = this.picture.clientWidth;
    if (width === this.width) return;
    this.width = width;
    let [x, y, below] = [0, 0, 0];
    for (const panel of this.placed) {
      const { share, height } = panel.options;
      const wide = width < NARROW ? width : share * width;
      if (x + wide > width + 1) [x, y] = [0, below];
      panel.place(x, y, wide, height);
      [x, below] = [x + wide, y + height];
    }
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", below);
  }

  /** A knob to be dragged; keys have the slider. The value is how far it is from origin(values). */
  handle(panel, name, height = () => panel.options.y[0], origin = () => 0) {
    const knob = shape(this.svg, "circle", { class: "handle", r: 9, "aria-hidden": true });
    this.drag(panel, knob, (x) => ({ [name]: x - origin(this.values) }));
    this.followers.push(() => {
      const x = origin(this.values) + this.values[name];
      const y = Math.min(panel.Y(height(x, this.values)), panel.bottom - 9); // above the numbers
      knob.setAttribute("cx", panel.X(x));
      knob.setAttribute("cy", y);
    });
  }

  /** A press on the node, or dragging it, by mouse, finger or pen, sets what to(x, y) lists. */
  drag(panel, node, to) {
    const take = (event) => {
      if (event.type === "pointerdown") node.setPointerCapture(event.pointerId);
      if (!node.hasPointerCapture(event.pointerId)) return;
      for (const entry of Object.entries(to(...panel.under(event)))) this.move(...entry);
    };
    for (const type of ["pointerdown", "pointermove"]) node.addEventListener(type, take);
  }

  /** Call step(seconds) in every frame while the figure is in sight; without a step, rest. */
  animate(step) {
    cancelAnimationFrame(this.moving);
    let last;
    const frame = (now) => {
      this.moving = requestAnimationFrame(frame);
      if (last && this.visible && this.width) step(Math.min((now - last) / 1000, 0.1));
      last = now;
    };
    if (step) this.moving = requestAnimationFrame(frame);
  }

  /** Draw the current setting in the next frame. */
  refresh() {
    this.asked ||= requestAnimationFrame(() => this.update());
  }

  update() {
    this.asked = 0;
    if (!this.picture.clientWidth) return;
    this.root.toggleAttribute("data-dark", isDark(this.root));
    this.place();
    this.draw(this.values, this.controls.cost && this.cost());
    this.followers.forEach((follow) => follow());
  }

  /** Draw at every change, until the function that this returns is called. */
  show(draw) {
    this.draw = draw(this);
    this.button("Reset", () => this.set(this.first(Object.keys(this.controls))));
    const refresh = () => this.refresh();
    for (const name of ["values", "controls", "problem"]) this.model.on(`change:${name}`, refresh);
    const sight = new IntersectionObserver(([entry]) => (this.visible = entry.isIntersecting));
    const size = new ResizeObserver(refresh);
    const theme = new MutationObserver(refresh);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    sight.observe(this.root);
    size.observe(this.picture);
    for (const node of [document.documentElement, document.body])
      theme.observe(node, { attributes: true });
    scheme.addEventListener("change", refresh);
    window.addEventListener("keydown", this.claim, true);
    return () => {
      for (const observer of [sight, size, theme]) observer.disconnect();
      this.animate(null);
      scheme.removeEventListener("change", refresh);
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

/** Is the text light? That holds for every way to choose a theme. */
function isDark(node) {
  const [red, green, blue] = getComputedStyle(node).color.match(/[\d.]+/g);
  return Number(red) + Number(green) + Number(blue) > 382;
}

/** What anywidget calls with a model and an element. */
export function renderer(figures) {
  return ({ model, el }) => new Stage(model, el).show(figures[model.get("figure")]);
}

/** Fill the places of figures on a page without a kernel; each keeps its settings to itself. */
export function mount(figures) {
  for (const el of document.querySelectorAll("[data-live]")) {
    const state = JSON.parse(el.dataset.live);
    el.removeAttribute("data-live"); // a second script on the page shall not draw it again
    const [get, set] = [(name) => state[name], (name, value) => (state[name] = value)];
    renderer(figures)({ model: { get, set, on() {}, save_changes() {} }, el });
  }
}
