// Single-sample gradients of both estimators, on one scale.

import {
  clip,
  density,
  digits,
  ESTIMATORS,
  exact,
  grid,
  KINDS,
  LETTERS,
  NAMES,
  normals,
  plus,
  span,
  verdict,
} from "./numbers.js";

const BINS = 60;
const SAMPLES = 4000;
const GRID = grid(-6, 6, 6000);
const WEIGHTS = GRID.map((eps) => (density(eps) * 12) / 6000);
const EXACTLY = "exact distribution; the end bars hold the rest";
const EVEN = Array(SAMPLES).fill(1 / SAMPLES);

export function draw(stage) {
  const ylabel = "samples in bin (%)";
  const panels = stage.panels(KINDS.map((kind) => ({ title: NAMES[kind], ylabel })));
  const scales = {}; // by cost and parameter
  let [seed, eps] = [];
  begin(1);
  stage.button("New samples", () => begin(seed + 1));

  function begin(next) {
    [seed, eps] = [next, normals(next, SAMPLES)];
    stage.refresh();
  }

  function update() {
    const { values, start } = stage;
    const [cost, name] = [stage.cost(), values.parameter];
    const letter = LETTERS[name];
    const found = exact(cost, values, name);
    const key = `${cost.name}, ${name}`;
    scales[key] ??= scale(stage, { ...start, parameter: name });
    const { far, top } = scales[key];
    panels.forEach((panel, i) => {
      const kind = KINDS[i];
      const term = (e) => ESTIMATORS[kind](cost, values, e, name);
      const bars = histogram(Array.from(eps, term), EVEN, far);
      panel.options.xlabel = `gradient d/d${letter} of one sample`;
      panel.range({ x: [-far, far], y: [0, top] });
      panel.area("bars", ...outline(bars, far), `filled ${kind}`);
      panel.line("exact", ...outline(histogram(GRID.map(term), WEIGHTS, far), far), "ink thin");
      panel.upright("truth", found.score.mean);
      const most = Math.max(...bars);
      const words = most > top ? `the highest bar holds ${most.toFixed(0)} %` : "";
      panel.label("cut", -0.97 * far, 0.92 * top, words);
    });
    stage.say(`d/d${letter}: ${verdict(found, cost)}`);
    for (const kind of KINDS)
      stage.legend({ [kind]: `${NAMES[kind]}, variance ${digits(found[kind].variance)}` });
    stage.legend({ exact: `true gradient ${digits(found.score.mean)}`, line: EXACTLY });
  }

  update.reset = () => begin(1);
  return update;
}

/** The scale of a cost, at its first setting; a constant does not change it. */
function scale(stage, first) {
  const whole = stage.cost(first);
  const cost = plus(whole, -whole.constant);
  const found = exact(cost, first, first.parameter);
  const variances = KINDS.map((kind) => found[kind].variance).filter(Number.isFinite);
  const far = Math.abs(found.score.mean || 0) + 3.5 * Math.sqrt(Math.max(...variances, 1e-6));
  const heights = KINDS.flatMap((kind) => {
    const terms = GRID.map((eps) => ESTIMATORS[kind](cost, first, eps, first.parameter));
    return histogram(terms, WEIGHTS, far);
  });
  return { far, top: 1.1 * Math.max(...heights) };
}

/** The share of the terms in each bin, in percent; the outermost hold what is beyond. */
function histogram(terms, weights, far) {
  const heights = Array(BINS).fill(0);
  terms.forEach((term, i) => {
    const bin = Math.floor((BINS * (term + far)) / (2 * far));
    if (!Number.isNaN(bin)) heights[clip(bin, 0, BINS - 1)] += 100 * weights[i];
  });
  return heights;
}

/** The corners of bars, as two lists. */
function outline(heights, far) {
  const edge = (i) => far * ((2 * i) / BINS - 1);
  const xs = span(0, BINS).flatMap((i) => [edge(i), edge(i + 1)]);
  return [xs, heights.flatMap((height) => [height, height])];
}
