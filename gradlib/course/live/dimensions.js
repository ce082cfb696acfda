// Variances of d/dmu_1 against the dimension d, for costs that are made of one function r on R.

import { compile, exact } from "./estimators.js";
import { moments } from "./quadrature.js";
import { cached, grid, wholes } from "./scales.js";
import { corners, COST_PANEL, drawCost } from "./scene.js";
import { NAMES, power, wins } from "./words.js";

const LOGS = grid(0, 3, 60); // of d
const TICKS = [0, 1, 2, 3].map((log) => [log, String(10 ** log)]);
const LOOKS = { score: "curve score", best: "curve score dashed", pathwise: "curve pathwise" };
const KINDS = Object.keys(LOOKS);

export function draw(stage) {
  const common = { x: [0, 3], xticks: TICKS, xlabel: "d" };
  const [left, middle, right] = stage.panels([
    { ...common, share: 0.36, title: "log₁₀ of the variance of d/dμ₁" },
    { ...common, share: 0.36, title: "log₁₀ of the samples for SNR 1" },
    { ...COST_PANEL, share: 0.28, title: "r on R, slope, bell" },
  ]);
  stage.handle(left, "log_d");
  const one = cached(onR);
  const limits = cached((cost, family) => {
    const logs = compile(stage.data[family]);
    const at = (q) => TICKS.map(([log]) => logs(one(cost, q), 10 ** log));
    const all = corners(stage).flatMap(at);
    const ends = (less) => wholes(all.flatMap((v) => KINDS.map((kind) => v[kind] - less(v))));
    return [ends(() => 0), ends((v) => v.gradient)];
  });

  return function update({ mu, sigma, family, log_d }, cost) {
    const d = Math.round(10 ** log_d);
    const logs = compile(stage.data[family]); // log10 of the variances and the squared gradient
    const at = (d) => logs(one(cost, { mu, sigma }), d);
    const here = at(d);
    limits(cost, family).forEach((y, i) => [left, middle][i].set({ y }));
    for (const kind of KINDS) {
      left.line(kind, LOGS, (log) => at(10 ** log)[kind], LOOKS[kind]);
      middle.line(kind, LOGS, (log) => at(10 ** log)[kind] - at(10 ** log).gradient, LOOKS[kind]);
      left.dots(`${kind} here`, [log_d], [here[kind]], kind === "pathwise" ? kind : "score", 4.5);
    }
    drawCost(stage, right);
    stage.say(`at d = ${d}: ${wins(here.score - here.pathwise)}`);
    const best = `with the best constant ${power(here.best)}: ${wins(here.best - here.pathwise)}`;
    stage.legend("score", `${NAMES.score}, variance ${power(here.score)} (dashed: ${best})`);
    stage.legend("pathwise", `${NAMES.pathwise}, variance ${power(here.pathwise)}`);
  };
}

/** What is needed of r on R, as in families.py. */
function onR(cost, { mu, sigma }) {
  const { score, pathwise } = exact(cost, { mu, sigma }, "mu");
  const found = moments(cost, { mu, sigma }, (z, eps) => [cost.r(z), cost.r(z) * eps * eps]);
  const [{ mean, variance }, { mean: best }] = found;
  const variances = { first: score.variance, second: pathwise.variance, gradient: score.mean };
  return { ...variances, mean, square: variance + mean ** 2, best, sigma };
}
