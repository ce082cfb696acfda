// Single-sample gradients of both estimators, on one scale.

import { density, ESTIMATORS, KINDS, normals } from "./estimators.js";
import { cached, clip, grid } from "./scales.js";
import { report, room } from "./scene.js";
import { LETTERS, NAMES } from "./words.js";

const BINS = 60;
const TOP = 60; // percent
const SAMPLES = 4000;
const GRID = grid(-6, 6, 6000);
const WEIGHTS = GRID.map((eps) => (density(eps) * 12) / 6000);
const EVEN = Array(SAMPLES).fill(1 / SAMPLES);

export function draw(stage) {
  const common = { y: [0, TOP], ylabel: "samples in bin (%)" };
  const panels = stage.panels(KINDS.map((kind) => ({ ...common, title: NAMES[kind] })));
  const samples = cached((seed) => [...normals(seed, SAMPLES)]);
  let seed = 1;
  stage.button("New samples", () => {
    seed++;
    stage.refresh();
  });

  return function update(q, cost) {
    const found = report(stage);
    const x = room(stage, 3.5); // it stands still
    const xs = twice(grid(...x, BINS)).slice(1, -1); // the corners of bars, two for each
    const heights = KINDS.map((kind, i) => {
      const term = (e) => ESTIMATORS[kind](cost, q, e, q.parameter);
      const bars = histogram(samples(seed).map(term), EVEN, x);
      panels[i].set({ x, xlabel: `gradient d/d${LETTERS[q.parameter]} of one sample` });
      panels[i].area("bars", xs, twice(bars), `filled ${kind}`);
      panels[i].line("exact", xs, twice(histogram(GRID.map(term), WEIGHTS, x)), "ink thin");
      panels[i].upright("truth", found.score.mean);
      return Math.max(...bars);
    });
    const most = Math.max(...heights);
    const cut = most > TOP ? `; the highest bar holds ${most.toFixed(0)} %` : "";
    stage.legend("line", `exact distribution; the end bars hold the rest${cut}`);
  };
}

/** The share of the terms in each bin, in percent; the outermost hold what is beyond. */
function histogram(terms, weights, [low, high]) {
  const heights = Array(BINS).fill(0);
  terms.forEach((term, i) => {
    const bin = Math.floor((BINS * (term - low)) / (high - low));
    if (!Number.isNaN(bin)) heights[clip(bin, 0, BINS - 1)] += 100 * weights[i];
  });
  return heights;
}

const twice = (list) => list.flatMap((x) => [x, x]);
