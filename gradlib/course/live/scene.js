// What several figures draw and say alike.

import { cached, density, digits, ESTIMATORS, grid, LETTERS, NAMES, verdict } from "./numbers.js";

const Z = grid(-6, 6, 480);
const MIDDLE = Z.filter((z) => Math.abs(z) <= 3); // it chooses the axis; the rest may leave it

export const COST_PANEL = { title: "cost (line), slope (dashes), bell", x: [-6, 6], xlabel: "z" };

/** The cost and its slope over the density of Z, on an axis that depends on `first` alone. */
export function drawCost(panel, cost, { mu, sigma }, first = cost) {
  const [low, high] = ends(first);
  panel.range({ y: [low, high] });
  const peak = (z) => low + (0.4 * (high - low) * density((z - mu) / sigma)) / density(0);
  panel.area("bell", Z, Z.map(peak), "bell", low);
  panel.line("slope", Z, Z.map(cost.slope), "ink dashed");
  panel.line("r", Z, Z.map(cost.r), "ink");
}

const ends = cached((cost) => {
  const seen = [0, ...MIDDLE.map(cost.r), ...MIDDLE.map(cost.slope)].filter(Number.isFinite);
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const edge = 0.06 * (high - low) || 1;
  return [low - edge, high + edge];
});

/** The verdict on one parameter, with the numbers that it rests on; `found` is from `exact`. */
export function report(stage, found, cost, name) {
  stage.say(`d/d${LETTERS[name]}: ${verdict(found, cost)}`);
  const entry = (kind) => [kind, `${NAMES[kind]}, variance ${digits(found[kind].variance)}`];
  const entries = Object.keys(ESTIMATORS).map(entry);
  const truth = `true gradient ${digits(found.score.mean)}`;
  stage.legend({ exact: truth, ...Object.fromEntries(entries) });
}
