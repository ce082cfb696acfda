// Who wins for r(kz) + c, over k sigma and k mu: a map that is clicked, and what lies at that place.

import { exact, plus } from "./estimators.js";
import { cached } from "./scales.js";
import { COST_PANEL, drawCost, report } from "./scene.js";
import { LETTERS } from "./words.js";

const [WIDE, HIGH] = [180, 160]; // points of the map

export function draw(stage) {
  const axes = { x: [0, 3], y: [-4, 4], xlabel: "kσ", ylabel: "kμ" };
  const [map, right] = stage.panels([axes, { ...COST_PANEL, xlabel: "kz" }], 330);
  stage.pick(map, "sigma", "mu");

  /** log10 of the ratio of the variances, a function of mu, sigma and c that Python has found. */
  const ratio = cached((name, parameter) => {
    const source = stage.data[name][parameter];
    return new Function("mu", "sigma", "c", `"use strict"; return ${source};`);
  });

  return function update() {
    const { values } = stage;
    const { mu, sigma, c, parameter: name } = values;
    const bare = stage.cost();
    const cost = c ? plus(bare, c) : bare;
    map.set({ title: `who wins for d/d${LETTERS[name]}: orange or blue` });
    const [below, above] = ["score", "pathwise"].map((kind) => stage.colour(kind));
    const log = ratio(values.cost, name);
    map.pixels([values.cost, name, c, below].join(), WIDE, HIGH, (i, j) => {
      const found = log(4 - (8 * (j + 0.5)) / HIGH, (3 * (i + 0.5)) / WIDE, c);
      const strength = Math.min(1, 0.15 + 0.85 * Math.abs(found)); // full from a ratio of ten on
      return [...(found > 0 ? above : below), 255 * strength];
    });
    map.area("ground", axes.x, [4, 4], "ground", -4); // what is clicked
    map.dots("here", [sigma], [mu], "exact", 6);
    const [least, most] = stage.controls.c.range;
    drawCost(right, cost, values, plus(bare, least), plus(bare, most));
    report(stage, exact(cost, values, name), cost, name);
  };
}
