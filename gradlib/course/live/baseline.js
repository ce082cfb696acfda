// The variance of the score function against its baseline: a parabola with one best point.

import { exact, plus, score } from "./estimators.js";
import { moments } from "./quadrature.js";
import { cached, decades, grid } from "./scales.js";
import { corners, COST_PANEL, drawCost, withVariance } from "./scene.js";
import { digits, LETTERS, verdict } from "./words.js";

export function draw(stage) {
  const [first, last] = stage.controls.b.range;
  const [left, right] = stage.panels([
    { share: 0.58, x: [first - 0.5, last + 0.5], xlabel: "baseline b", ylog: true },
    { ...COST_PANEL, share: 0.42, title: "the cost is measured from b" },
  ]);
  /** The best baseline, the moments with it, and the variance at any baseline. */
  const parabola = cached((cost, name, mu, sigma) => {
    const square = name === "mu" ? 1 : 2; // E[score^2]
    const weighted = moments(cost, { mu, sigma }, (z, eps) => [cost.r(z) * score(eps, name) ** 2]);
    const best = weighted[0].mean / square;
    const found = exact(plus(cost, -best), { mu, sigma }, name);
    const at = (b) => found.score.variance + (square * (b - best) ** 2) / sigma ** 2;
    return { best, found, at };
  });
  const limits = cached((cost, name) => {
    const all = corners(stage).flatMap(({ mu, sigma }) => {
      const { best, found, at } = parabola(cost, name, mu, sigma);
      return [at(best), at(first), at(last), found.pathwise.variance];
    });
    return decades(all);
  });
  const now = (q) => parabola(stage.cost(), q.parameter, q.mu, q.sigma);
  stage.handle(left, "b", (b, q) => now(q).at(b));

  return function update(q, cost) {
    const { b, parameter: name } = q;
    const { best, found, at } = now(q);
    const bs = [...grid(...left.options.x, 300), best].sort((x, y) => x - y);
    left.set({ y: limits(cost, name), title: `variance for d/d${LETTERS[name]}` });
    left.line("score", bs, at, "curve score");
    left.level("pathwise", found.pathwise.variance, "curve pathwise");
    left.upright("best", best);
    left.dots("best point", [best], at, "exact", 5);
    drawCost(stage, right);
    right.level("b", b, "curve score");
    stage.say(`d/d${LETTERS[name]}, with the best baseline: ${verdict(found, cost)}`);
    stage.legend("exact", `best b = ${digits(best)}: variance ${digits(at(best))}`);
    stage.legend("score", `score function with b = ${digits(b)}: variance ${digits(at(b))}`);
    stage.legend("pathwise", withVariance("pathwise", found.pathwise.variance));
  };
}
