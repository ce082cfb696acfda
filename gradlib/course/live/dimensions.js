// Variances of d/dmu_1 against the dimension d, for costs that are made of one function r on R.

import { cached, digits, exact, grid, moments, NAMES, raised } from "./numbers.js";
import { COST_PANEL, drawCost } from "./scene.js";

const DIMENSIONS = grid(0, 3, 60).map((log) => 10 ** log);
const KINDS = { score: "curve score", best: "curve score dashed", pathwise: "curve pathwise" };

export function draw(stage) {
  const common = { x: [1, 1000], xlog: true, xlabel: "d" };
  const [left, middle, right] = stage.panels([
    { ...common, share: 0.36, title: "log₁₀ of the variance of d/dμ₁" },
    { ...common, share: 0.36, title: "log₁₀ of the samples for SNR 1" },
    { ...COST_PANEL, share: 0.28, title: "r on R, slope, bell" },
  ]);
  stage.handle(left, "log_d", (v) => [10 ** v.log_d, left.limits.y[0]], (d) => Math.log10(d));
  const one = cached(onR);
  const limits = cached((cost, family) => {
    const sigmas = [0.3, 1, 1.5];
    const seen = sigmas.flatMap((sigma) => {
      const found = one(cost, { mu: 1, sigma });
      return [1, 10, 100, 1000].map((d) => log10Variances(family, found, sigma, d));
    });
    const ends = (pick) => {
      const all = seen.flatMap((v) => Object.keys(KINDS).map((kind) => pick(v, kind)));
      const finite = all.filter(Number.isFinite);
      return [Math.floor(Math.min(...finite)), Math.ceil(Math.max(...finite))];
    };
    return [ends((v, kind) => v[kind]), ends((v, kind) => v[kind] - v.gradient)];
  });

  return function update() {
    const { mu, sigma, family, log_d } = stage.values;
    const cost = stage.cost();
    const found = one(cost, { mu, sigma });
    const curve = DIMENSIONS.map((d) => log10Variances(family, found, sigma, d));
    const d = Math.round(10 ** log_d);
    const here = log10Variances(family, found, sigma, d);
    const [variances, samples] = limits(cost, family);
    left.range({ y: variances });
    middle.range({ y: samples });
    for (const [kind, looks] of Object.entries(KINDS)) {
      left.line(kind, DIMENSIONS, curve.map((v) => v[kind]), looks);
      middle.line(kind, DIMENSIONS, curve.map((v) => v[kind] - v.gradient), looks);
      left.dots(`${kind} here`, [d], [here[kind]], kind === "pathwise" ? kind : "score", 4.5);
    }
    drawCost(right, cost, { mu, sigma });
    stage.say(`at d = ${d}: ${winner(here.score - here.pathwise)}`);
    const best = `with the best constant ${power(here.best)}: ${winner(here.best - here.pathwise)}`;
    stage.legend({
      score: `${NAMES.score}, variance ${power(here.score)} (dashed: ${best})`,
      pathwise: `${NAMES.pathwise}, variance ${power(here.pathwise)}`,
    });
  };
}

/** What is needed of r on R: both variances for mu, the gradient, E[r], E[r^2], the best constant. */
function onR(cost, q) {
  const { score, pathwise } = exact(cost, q, "mu");
  const [value, weighted] = moments(cost, q, (z, eps) => [cost.r(z), cost.r(z) * eps * eps]);
  return {
    score: score.variance,
    pathwise: pathwise.variance,
    gradient: score.mean,
    mean: value.mean,
    square: value.variance + value.mean ** 2,
    best: weighted.mean,
  };
}

/** log10 of the variances and of the squared gradient in d dimensions; see families.py. */
function log10Variances(family, { score, pathwise, gradient, mean, square, best }, sigma, d) {
  const n = d - 1;
  let [first, second, slope, constant, growth, shrink] = [score, pathwise, gradient ** 2, best, 0, 0];
  if (family === "sum") {
    first += (2 * best * n * mean + n * (square - mean ** 2) + (n * mean) ** 2) / sigma ** 2;
    constant += n * mean;
  } else if (family === "ridge") {
    first = first / d + ((n / d) * square) / sigma ** 2;
    constant = best / d + (n / d) * mean;
    [second, slope] = [second / d, slope / d];
  } else {
    [growth, shrink] = [n * Math.log10(square), n * Math.log10(mean ** 2 / square)];
    [first, second] = [first, second].map((v) => v + gradient ** 2 * (1 - 10 ** shrink));
    constant *= Math.sqrt(10 ** shrink);
  }
  return {
    score: Math.log10(first) + growth,
    best: Math.log10(first - (constant / sigma) ** 2) + growth,
    pathwise: Math.log10(second) + growth,
    gradient: Math.log10(slope) + growth + shrink,
  };
}

/** Who wins if the variance of the score function is 10^log times that of pathwise. */
function winner(log) {
  if (Number.isNaN(log)) return "no verdict";
  if (Math.abs(log) < 1e-9) return "a tie";
  return `${log > 0 ? NAMES.pathwise : NAMES.score} wins by a factor of ${power(Math.abs(log))}`;
}

/** 10^log in words, also beyond the range of numbers. */
function power(log) {
  const whole = Math.floor(log);
  if (!Number.isFinite(log) || Math.abs(whole) <= 5) return digits(10 ** log);
  return `${digits(10 ** (log - whole))}·10${raised(whole)}`;
}
