// Variances of d/dmu_1 against the dimension d, for costs that are made of one function r on R.

import { exact } from "./estimators.js";
import { moments } from "./quadrature.js";
import { cached, grid } from "./scales.js";
import { COST_PANEL, drawCost } from "./scene.js";
import { NAMES, power, wins } from "./words.js";

const DIMENSIONS = grid(0, 3, 60).map((log) => 10 ** log);
const KINDS = { score: "curve score", best: "curve score dashed", pathwise: "curve pathwise" };

export function draw(stage) {
  const common = { x: [1, 1000], xlog: true, xlabel: "d" };
  const [left, middle, right] = stage.panels([
    { ...common, share: 0.36, title: "log₁₀ of the variance of d/dμ₁" },
    { ...common, share: 0.36, title: "log₁₀ of the samples for SNR 1" },
    { ...COST_PANEL, share: 0.28, title: "r on R, slope, bell" },
  ]);
  stage.handle(left, "log_d", (v) => [10 ** v.log_d, left.options.y[0]], (d) => Math.log10(d));
  const one = cached(onR);
  const limits = cached((cost, family) => {
    const qs = [0.1, 1, 2].flatMap((mu) => [0.3, 1, 1.5].map((sigma) => ({ mu, sigma })));
    const found = qs.flatMap((q) =>
      [1, 10, 100, 1000].map((d) => logs(family, one(cost, q), q.sigma, d)),
    );
    const ends = (pick) => {
      const all = found.flatMap((v) => Object.keys(KINDS).map((kind) => pick(v, kind)));
      const seen = all.filter(Number.isFinite);
      return [Math.floor(Math.min(...seen)), Math.ceil(Math.max(...seen))];
    };
    return [ends((v, kind) => v[kind]), ends((v, kind) => v[kind] - v.gradient)];
  });

  return function update() {
    const { mu, sigma, family, log_d } = stage.values;
    const [cost, d] = [stage.cost(), Math.round(10 ** log_d)];
    const at = (d) => logs(family, one(cost, { mu, sigma }), sigma, d);
    const [curve, here] = [DIMENSIONS.map(at), at(d)];
    const [variances, samples] = limits(cost, family);
    left.set({ y: variances });
    middle.set({ y: samples });
    for (const [kind, looks] of Object.entries(KINDS)) {
      left.line(kind, DIMENSIONS, curve.map((v) => v[kind]), looks);
      middle.line(kind, DIMENSIONS, curve.map((v) => v[kind] - v.gradient), looks);
      left.dots(`${kind} here`, [d], [here[kind]], kind === "pathwise" ? kind : "score", 4.5);
    }
    drawCost(stage, right);
    stage.say(`at d = ${d}: ${wins(here.score - here.pathwise)}`);
    const best = `with the best constant ${power(here.best)}: ${wins(here.best - here.pathwise)}`;
    stage.legend("score", `${NAMES.score}, variance ${power(here.score)} (dashed: ${best})`);
    stage.legend("pathwise", `${NAMES.pathwise}, variance ${power(here.pathwise)}`);
  };
}

/** What is needed of r on R: both variances for mu, the gradient, E[r], E[r^2], the best constant. */
function onR(cost, q) {
  const { score, pathwise } = exact(cost, q, "mu");
  const [value, weighted] = moments(cost, q, (z, eps) => [cost.r(z), cost.r(z) * eps * eps]);
  return {
    first: score.variance,
    second: pathwise.variance,
    gradient: score.mean,
    mean: value.mean,
    square: value.variance + value.mean ** 2,
    best: weighted.mean,
  };
}

/** log10 of the variances and of the squared gradient in d dimensions, as in families.py. */
function logs(family, { first, second, gradient, mean, square, best }, sigma, d) {
  const n = d - 1;
  let [slope, growth, shrink] = [gradient ** 2, 0, 0];
  if (family === "sum") {
    first += (2 * best * n * mean + n * (square - mean ** 2) + (n * mean) ** 2) / sigma ** 2;
    best += n * mean;
  } else if (family === "ridge") {
    first = first / d + ((n / d) * square) / sigma ** 2;
    best = best / d + (n / d) * mean;
    [second, slope] = [second / d, slope / d];
  } else {
    [growth, shrink] = [n * Math.log10(square), n * Math.log10(mean ** 2 / square)];
    [first, second] = [first, second].map((v) => v + slope * (1 - 10 ** shrink));
    best *= Math.sqrt(10 ** shrink);
  }
  return {
    score: Math.log10(first) + growth,
    best: Math.log10(first - (best / sigma) ** 2) + growth,
    pathwise: Math.log10(second) + growth,
    gradient: Math.log10(slope) + growth + shrink,
  };
}
