// Single-sample gradients of both estimators, on one scale.

import { density, ESTIMATORS, exact, KINDS, normals, plus } from "./estimators.js";
import { cached, clip, grid } from "./scales.js";
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

  return function update(q, cost) {
    const name = q.parameter;
    const truth = report(stage).score.mean;
    const { far, top } = scale(cost, name);
    const [xs, ends] = [corners(far), { x: [-far, far], y: [0, top] }];
    const highest = KINDS.map((kind, i) => {
      const term = (e) => ESTIMATORS[kind](cost, q, e, name);
      const bars = histogram(samples(seed).map(term), EVEN, far);
      panels[i].set({ ...ends, xlabel: `gradient d/d${LETTERS[name]} of one sample` });
      panels[i].area("bars", xs, twice(bars), `filled ${kind}`);
      panels[i].line("exact", xs, twice(histogram(GRID.map(term), WEIGHTS, far)), "ink thin");
      panels[i].upright("truth", truth);
      return Math.max(...bars);
    });
    const most = Math.max(...highest);
    const cut = most > top ? `; the highest bar holds ${most.toFixed(0)} %` : "";
    stage.legend("line", `exact distribution; the end bars hold the rest${cut}`);
  };
}

/** How far to either side, and how high; a constant in the cost does not change it. */
function scaleOf(whole, q, name) {
  const cost = plus(whole, -whole.constant);
  const found = exact(cost, q, name);
  const variances = KINDS.map((kind) => found[kind].variance).filter(Number.isFinite);
  const far = Math.abs(found.score.mean || 0) + 3.5 * Math.sqrt(Math.max(...variances, 1e-6));
  const terms = (kind) => GRID.map((eps) => ESTIMATORS[kind](cost, q, eps, name));
  const heights = KINDS.flatMap((kind) => histogram(terms(kind), WEIGHTS, far));
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

/** Across and upwards: the corners of the bars, two for each. */
const corners = (far) => twice(grid(-far, far, BINS)).slice(1, -1);
const twice = (list) => list.flatMap((x) => [x, x]);
