// What several figures draw and say alike.

import { density, exact, KINDS } from "./estimators.js";
import { cached, grid } from "./scales.js";
import { digits, LETTERS, NAMES, verdict } from "./words.js";

const Z = grid(-6, 6, 480);
const MIDDLE = Z.filter((z) => Math.abs(z) <= 3); // it chooses the axis; the rest may leave it

export const COST_PANEL = { title: "cost (line), slope (dashes), bell", x: [-6, 6], xlabel: "z" };

/** The cost with c = 0 and with the least and the largest c, where c is a control. */
export function shifted(stage) {
  const { c } = stage.controls;
  const constants = c ? [0, ...c.range.slice(0, 2)] : [0];
  return constants.map((c) => stage.cost({ ...stage.values, c }));
}

/** The cost and its slope over the density of Z, on an axis that has room for every c. */
export function drawCost(stage, panel) {
  const { mu, sigma } = stage.values;
  const cost = stage.cost();
  const [low, high] = ends(...shifted(stage));
  panel.set({ y: [low, high] });
  const peak = (z) => low + (0.4 * (high - low) * density((z - mu) / sigma)) / density(0);
  panel.area("bell", Z, Z.map(peak), "bell", low);
  panel.line("slope", Z, Z.map(cost.slope), "ink dashed");
  panel.line("r", Z, Z.map(cost.r), "ink");
}

const ends = cached((...costs) => {
  const all = costs.flatMap(({ r, slope }) => [r, slope].flatMap((f) => MIDDLE.map(f)));
  const seen = [0, ...all].filter(Number.isFinite);
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const edge = 0.06 * (high - low) || 1;
  return [low - edge, high + edge];
});

/** Say the verdict on the parameter and the numbers that it rests on, which are returned. */
export function report(stage) {
  const [cost, name] = [stage.cost(), stage.values.parameter];
  const found = exact(cost, stage.values, name);
  stage.say(`d/d${LETTERS[name]}: ${verdict(found, cost)}`);
  stage.legend("exact", `true gradient ${digits(found.score.mean)}`);
  for (const kind of KINDS) stage.legend(kind, withVariance(kind, found[kind]));
  return found;
}

export const withVariance = (kind, { variance }) => `${NAMES[kind]}, variance ${digits(variance)}`;
