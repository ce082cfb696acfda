// Single-sample gradients of both estimators, on one scale.

import { density, ESTIMATORS, exact, KINDS, normals, plus } from "./estimators.js";
import { cached, clip, grid, span } from "./scales.js";
import { report } from "./scene.js";
import { LETTERS, NAMES } from "./words.js";

const BINS = 60;
const SAMPLES = 4000;
const GRID = grid(-6, 6, 6000);
const WEIGHTS = GRID.map((eps) => (density(eps) * 12) / 6000);
const EVEN = Array(SAMPLES).fill(1 / SAMPLES);

export function draw(stage) {
  const ylabel = "samples in bin (%)";
  const panels = stage.panels(KINDS.map((kind) => ({ title: NAMES[kind], ylabel })));
  const scale = cached((cost, name) => scaleOf(cost, stage.start, name));
  const samples = cached((seed) => [...normals(seed, SAMPLES)]);
  let seed = 1;
  stage.button("New samples", () => {
    seed++;
    stage.refresh();
  });

  function update() {
    const { values } = stage;
    const [cost, name] = [stage.cost(), values.parameter];
    const found = report(stage);
    const { far, top } = scale(cost, name);
    let most = 0;
    KINDS.forEach((kind, i) => {
      const term = (e) => ESTIMATORS[kind](cost, values, e, name);
      const bars = histogram(samples(seed).map(term), EVEN, far);
      most = Math.max(most, ...bars);
      const xlabel = `gradient d/d${LETTERS[name]} of one sample`;
      panels[i].set({ x: [-far, far], y: [0, top], xlabel });
      panels[i].area("bars", ...outline(bars, far), `filled ${kind}`);
      panels[i].line("exact", ...outline(histogram(GRID.map(term), WEIGHTS, far), far), "ink thin");
      panels[i].upright("truth", found.score.mean);
    });
    const cut = most > top ? `; the highest bar holds ${most.toFixed(0)} %` : "";
    stage.legend("line", `exact distribution; the end bars hold the rest${cut}`);
  }

  update.reset = () => (seed = 1);
  return update;
}

/** How far to either side, and how high; a constant in the cost does not change it. */
function scaleOf(whole, q, name) {
  const cost = plus(whole, -whole.constant);
  const found = exact(cost, q, name);
  const variances = KINDS.map((kind) => found[kind].variance).filter(Number.isFinite);
  const far = Math.abs(found.score.mean || 0) + 3.5 * Math.sqrt(Math.max(...variances, 1e-6));
  const heights = KINDS.flatMap((kind) => {
    const terms = GRID.map((eps) => ESTIMATORS[kind](cost, q, eps, name));
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
