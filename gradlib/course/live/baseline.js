// The variance of the score function against its baseline: a parabola with one best point.

import { exact, plus, score } from "./estimators.js";
import { moments } from "./quadrature.js";
import { cached, decades, grid } from "./scales.js";
import { COST_PANEL, drawCost } from "./scene.js";
import { digits, LETTERS, NAMES, verdict } from "./words.js";

const CORNERS = [-1, 0.5, 2].flatMap((mu) => [0.3, 1.4].map((sigma) => ({ mu, sigma })));

export function draw(stage) {
  const [first, last] = stage.controls.b.range;
  const [left, right] = stage.panels([
    { share: 0.58, x: [first - 0.5, last + 0.5], xlabel: "baseline b", ylog: true },
    { ...COST_PANEL, share: 0.42, title: "the cost is measured from b" },
  ]);
  /** The best baseline, the moments with it, and the variance at any baseline. */
  const parabola = cached((cost, { mu, sigma }, name) => {
    const square = name === "mu" ? 1 : 2; // E[score^2]
    const weighted = moments(cost, { mu, sigma }, (z, eps) => [cost.r(z) * score(eps, name) ** 2]);
    const best = weighted[0].mean / square;
    const found = exact(plus(cost, -best), { mu, sigma }, name);
    const at = (b) => found.score.variance + (square * (b - best) ** 2) / sigma ** 2;
    return { best, found, at };
  });
  const limits = cached((cost, name) => {
    const seen = CORNERS.flatMap((q) => {
      const { best, found, at } = parabola(cost, q, name);
      return [...[best, first, last].map(at), found.pathwise.variance];
    });
    return decades(seen);
  });
  const now = ({ mu, sigma, parameter }) => parabola(stage.cost(), { mu, sigma }, parameter);
  stage.handle(left, "b", (values) => [values.b, now(values).at(values.b)], (x) => x);

  return function update() {
    const { b, parameter: name } = stage.values;
    const cost = stage.cost();
    const { best, found, at } = now(stage.values);
    const bs = [...grid(...left.options.x, 300), best].sort((x, y) => x - y);
    left.set({ y: limits(cost, name), title: `variance for d/d${LETTERS[name]}` });
    left.line("score", bs, bs.map(at), "curve score");
    left.level("pathwise", found.pathwise.variance, "curve pathwise");
    left.upright("best", best);
    left.dots("best point", [best], [at(best)], "exact", 5);
    drawCost(stage, right);
    right.level("b", b, "curve score");
    stage.say(`d/d${LETTERS[name]}, with the best baseline: ${verdict(found, cost)}`);
    stage.legend("exact", `best b = ${digits(best)}: variance ${digits(at(best))}`);
    stage.legend("score", `${NAMES.score} with b = ${digits(b)}: variance ${digits(at(b))}`);
    stage.legend("pathwise", `${NAMES.pathwise}: variance ${digits(found.pathwise.variance)}`);
  };
}
