// What several figures draw and say alike.

import { density, exact, KINDS, plus } from "./estimators.js";
import { aroundZero, cached, extent, grid } from "./scales.js";
import { digits, LETTERS, NAMES, verdict } from "./words.js";

const Z = grid(-6, 6, 480);
const MIDDLE = Z.filter((z) => Math.abs(z) <= 3); // it chooses the axis; the rest may leave it

export const COST_PANEL = { title: "cost (line), slope (dashes), bell", x: [-6, 6], xlabel: "z" };

/** Both ends and the middle of the sliders of mu and sigma, for axes that have room for all. */
export function corners({ controls: { mu, sigma } }) {
  const three = ({ range: [low, high] }) => [low, (low + high) / 2, high];
  return three(mu).flatMap((mu) => three(sigma).map((sigma) => ({ mu, sigma })));
}

/** The cost with c = 0 and with the least and the largest c, where c is a control. */
export function shifted(stage) {
  const constants = [0, ...(stage.controls.c?.range.slice(0, 2) ?? [])];
  return constants.map((c) => stage.cost({ ...stage.values, c }));
}

/** The cost and its slope over the density of Z, on an axis that has room for every c. */
export function drawCost(stage, panel) {
  const { mu, sigma } = stage.values;
  const cost = stage.cost();
  const [low, high] = ends(...shifted(stage));
  const peak = (0.4 * (high - low)) / density(0);
  panel.set({ y: [low, high] });
  panel.area("bell", Z, (z) => low + peak * density((z - mu) / sigma), "bell", low);
  panel.line("slope", Z, cost.slope, "ink dashed");
  panel.line("r", Z, cost.r, "ink");
}

const ends = cached((...costs) => {
  const all = costs.flatMap(({ r, slope }) => [...MIDDLE.map(r), ...MIDDLE.map(slope)]);
  const [low, high] = extent([0, ...all]);
  const edge = 0.06 * (high - low) || 1;
  return [low - edge, high + edge];
});

/** An axis for means and deviations at first, and of what is found; no constant widens the first. */
export function room(stage, deviations, found, origin = () => 0) {
  const cost = stage.cost(stage.start);
  const first = exact(plus(cost, -cost.constant), stage.start, stage.values.parameter);
  const size = ({ mean, variance }, from) => Math.abs(mean - from) + deviations * variance ** 0.5;
  const sizes = (both) => KINDS.map((kind) => size(both[kind], origin(both)));
  return aroundZero(sizes(first), found ? sizes(found) : []);
}

/** Knobs for mu and sigma on a bell of this height(z, values), or at the bottom of the panel. */
export function bellHandles(stage, panel, height) {
  stage.handle(panel, "mu", height);
  stage.handle(panel, "sigma", height, ({ mu }) => mu);
}

/** Say the verdict on the parameter and the numbers that it rests on, which are returned. */
export function report(stage) {
  const [cost, name] = [stage.cost(), stage.values.parameter];
  const found = exact(cost, stage.values, name);
  stage.say(`d/d${LETTERS[name]}: ${verdict(found, cost)}`);
  stage.legend("exact", `true gradient ${digits(found.score.mean)}`);
  for (const kind of KINDS) stage.legend(kind, withVariance(kind, found[kind].variance));
  return found;
}

export const withVariance = (kind, variance) => `${NAMES[kind]}, variance ${digits(variance)}`;
