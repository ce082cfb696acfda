// The variance of the score function against its baseline: a parabola with one best point.

import { exact, plus, score } from "./estimators.js";
import { moments } from "./quadrature.js";
import { cached, decades, grid } from "./scales.js";
import { COST_PANEL, drawCost } from "./scene.js";
import { digits, LETTERS, NAMES, verdict } from "./words.js";

const CORNERS = [-1, 0.5, 2].flatMap((mu) => [0.3, 1.4].map((sigma) => ({ mu, sigma })));

export function draw(stage) {
  const { range } = stage.controls.b;
  const [left, right] = stage.panels([
    { share: 0.58, x: [range[0] - 0.5, range[1] + 0.5], xlabel: "baseline b", ylog: true },
    { ...COST_PANEL, share: 0.42, title: "the cost is measured from b" },
  ]);
  const parabola = cached((cost, { mu, sigma }, name) => {
    const square = name === "mu" ? 1 : 2; // E[score^2]
    const weighted = moments(cost, { mu, sigma }, (z, eps) => [cost.r(z) * score(eps, name) ** 2]);
    const best = weighted[0].mean / square;
    const least = exact(plus(cost, -best), { mu, sigma }, name).score.variance;
    return { best, least, at: (b) => least + (square * (b - best) ** 2) / sigma ** 2 };
  });
  const limits = cached((cost, name) => {
    const seen = CORNERS.flatMap((q) => {
      const { least, at } = parabola(cost, q, name);
      return [least, at(range[0]), at(range[1]), exact(cost, q, name).pathwise.variance];
    });
    return decades(seen);
  });
  stage.handle(left, "b", ({ b }) => [b, variance(b)], (x) => x);
  let variance = () => NaN;

  return function update() {
    const { mu, sigma, b, parameter: name } = stage.values;
    const cost = stage.cost();
    const { best, least, at } = parabola(cost, { mu, sigma }, name);
    variance = at;
    const { pathwise } = exact(cost, stage.values, name);
    const now = exact(plus(cost, -b), stage.values, name).score;
    const bs = [...grid(...left.options.x, 300), best].sort((x, y) => x - y);
    left.set({ y: limits(cost, name), title: `variance for d/d${LETTERS[name]}` });
    left.line("score", bs, bs.map(at), "curve score");
    left.level("pathwise", pathwise.variance, "curve pathwise");
    left.upright("best", best);
    left.dots("best point", [best], [least], "exact", 5);
    drawCost(right, cost, stage.values);
    right.level("b", b, "curve score");
    const fair = verdict({ score: { ...now, variance: least }, pathwise }, cost);
    stage.say(`d/d${LETTERS[name]}, with the best baseline: ${fair}`);
    stage.legend({
      exact: `best b = ${digits(best)}: variance ${digits(least)}`,
      score: `${NAMES.score} with b = ${digits(b)}: variance ${digits(now.variance)}`,
      pathwise: `${NAMES.pathwise}: variance ${digits(pathwise.variance)}`,
    });
  };
}
