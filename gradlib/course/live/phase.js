// Who wins for r(kz) + c, over k sigma and k mu: a map that is clicked, and what lies at that place.

import { compile, KINDS } from "./estimators.js";
import { COST_PANEL, drawCost, report } from "./scene.js";
import { LETTERS } from "./words.js";

const [WIDE, HIGH] = [180, 160]; // points of the map

export function draw(stage) {
  const axes = { x: [0, 3], y: [-4, 4], xlabel: "kσ", ylabel: "kμ", height: 330 };
  const [map, right] = stage.panels([axes, { ...COST_PANEL, xlabel: "kz", height: 330 }]);
  map.inside.style.overflow = "visible"; // the point may stand in a corner
  stage.drag(map, map.inside, (sigma, mu) => ({ sigma, mu }));

  return function update({ mu, sigma, c, parameter }, { name }) {
    map.set({ title: `who wins for d/d${LETTERS[parameter]}: orange or blue` });
    const [below, above] = KINDS.map((kind) => colour(stage.root, kind));
    const log = compile(stage.data[stage.values.cost][parameter]); // of the ratio of the variances
    map.pixels([name, parameter, below].join(), WIDE, HIGH, (i, j) => {
      const found = log(4 - (8 * (j + 0.5)) / HIGH, (3 * (i + 0.5)) / WIDE, c);
      const strength = Math.min(1, 0.15 + 0.85 * Math.abs(found)); // full from a ratio of ten on
      return [...(found > 0 ? above : below), 255 * strength];
    });
    map.area("ground", axes.x, [4, 4], "ground", -4); // what is clicked
    map.dots("here", [sigma], [mu], "exact", 6);
    drawCost(stage, right);
    report(stage);
  };
}

/** The colour of a kind: red, green and blue. */
function colour(node, kind) {
  const hex = getComputedStyle(node).getPropertyValue(`--${kind}`).trim();
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
