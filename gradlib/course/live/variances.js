// Both variances against sigma, with the lines that they follow as sigma becomes small.

import { exact, KINDS } from "./estimators.js";
import { cached, decades, grid } from "./scales.js";
import { corners, COST_PANEL, drawCost, report, shifted } from "./scene.js";
import { LETTERS } from "./words.js";

const SIGMAS = grid(Math.log10(0.05), Math.log10(4), 32).map((x) => 10 ** x);
const TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 4].map((sigma) => [sigma, String(sigma)]);

/** The variances for small sigma, where r(mu), r'(mu) and r''(mu) are not 0. */
const SMALL = {
  mu: {
    score: (cost, mu, sigma) => (cost.r(mu) / sigma) ** 2,
    pathwise: (cost, mu, sigma) => (cost.bend(mu) * sigma) ** 2,
  },
  sigma: {
    score: (cost, mu, sigma) => 2 * (cost.r(mu) / sigma) ** 2,
    pathwise: (cost, mu) => cost.slope(mu) ** 2,
  },
};

export function draw(stage) {
  const [left, right] = stage.panels([
    { ...COST_PANEL, share: 0.42 },
    { share: 0.58, x: [0.05, 4], xlog: true, xticks: TICKS, xlabel: "σ", ylog: true },
  ]);
  stage.handle(right, "sigma");

  const seen = (cost, q, name) => exact(cost, q, name, 1e-7); // far below a pixel
  const along = cached((cost, mu, name) => SIGMAS.map((sigma) => seen(cost, { mu, sigma }, name)));
  const limits = cached((name, ...costs) => {
    const found = costs.flatMap((cost) => corners(stage).map((q) => seen(cost, q, name)));
    return decades(found.flatMap((both) => KINDS.map((kind) => both[kind].variance)));
  });

  return function update({ mu, sigma, parameter: name }, cost) {
    const found = report(stage);
    drawCost(stage, left);
    right.set({ y: limits(name, ...shifted(stage)), title: `variance for d/d${LETTERS[name]}` });
    const small = SIGMAS.filter((sigma) => sigma < 1);
    for (const kind of KINDS) {
      const curve = along(cost, mu, name).map((both) => both[kind].variance);
      right.line(`${kind} small`, small, (s) => SMALL[name][kind](cost, mu, s), `faint ${kind}`);
      right.line(kind, SIGMAS, curve, `curve ${kind}`);
      right.dots(`${kind} here`, [sigma], [found[kind].variance], kind, 5);
    }
  };
}
