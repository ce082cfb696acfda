// Who wins for r(kz) + c, over k sigma and k mu: a map that is clicked, and what lies at that place.

import { cached, exact, LETTERS, plus, span } from "./numbers.js";
import { COST_PANEL, drawCost, report } from "./scene.js";

const [WIDE, HIGH] = [180, 160]; // points of the map

export function draw(stage) {
  const [map, right] = stage.panels(
    [
      { share: 0.5, x: [0, 3], y: [-4, 4], xlabel: "kσ", ylabel: "kμ" },
      { ...COST_PANEL, share: 0.5, xlabel: "kz" },
    ],
    330,
  );
  stage.pick(map, "sigma", "mu");

  /** log10 of the ratio of the variances, a function of mu, sigma and c that Python has found. */
  const ratio = cached((name, parameter) => {
    const source = stage.data[name][parameter];
    return new Function("mu", "sigma", "c", `"use strict"; return ${source};`);
  });
  const picture = cached((name, parameter, c, colours) => {
    const [x, y] = [(i) => (3 * (i + 0.5)) / WIDE, (j) => 4 - (8 * (j + 0.5)) / HIGH];
    const at = ratio(name, parameter);
    return paint((i, j) => at(y(j), x(i), c), colours);
  });

  return function update() {
    const { values } = stage;
    const { mu, sigma, c, parameter: name } = values;
    const bare = stage.cost();
    const cost = c ? plus(bare, c) : bare;
    map.range({ title: `orange: score function wins d/d${LETTERS[name]}; blue: pathwise` });
    const { x, y, width, height } = map.box;
    const colours = ["score", "pathwise"].map((kind) => stage.colour(kind));
    map.brush().drawImage(picture(values.cost, name, c, colours), x, y, width, height);
    map.dots("here", [sigma], [mu], "exact", 6);
    drawCost(right, cost, values, bare);
    report(stage, exact(cost, values, name), cost, name);
  };
}

/** A picture of log10 ratios: orange below 0, blue above, full from a ratio of ten on. */
function paint(value, colours) {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDE, height: HIGH });
  const brush = canvas.getContext("2d");
  const [below, above] = colours.map((colour) => {
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    return brush.getImageData(0, 0, 1, 1).data;
  });
  const pixels = brush.createImageData(WIDE, HIGH);
  for (const j of span(0, HIGH))
    for (const i of span(0, WIDE)) {
      const log = value(i, j);
      const [red, green, blue] = log > 0 ? above : below;
      const strength = 255 * Math.min(1, 0.15 + 0.85 * Math.abs(log));
      pixels.data.set([red, green, blue, strength], 4 * (WIDE * j + i));
    }
  brush.putImageData(pixels, 0, 0);
  return canvas;
}
