// A bell over the cost. Nudged, it changes the weights of fixed points, or moves points of fixed
// weight; an arrow's height is that sample's gradient, by the score function or by pathwise.

import { density, ESTIMATORS, KINDS, score } from "./estimators.js";
import { clip, extent, grid } from "./scales.js";
import { bellHandles, report, room } from "./scene.js";

const NUDGE = 0.25; // of mu or sigma
const SECONDS = 2.4;
const ZS = grid(-5, 5, 400);
const TICKS = ["E1", "E2"].map((name, place) => [place, name]);

export function draw(stage) {
  const points = stage.data; // eps of a few samples that stand for all
  const common = { share: 0.39, x: [-5, 5], xlabel: "z" };
  const [stay, move, side] = stage.panels([
    { ...common, title: "score function: weights change" },
    { ...common, title: "pathwise: points move" },
    { share: 0.22, title: "heights of arrows", x: [-0.5, 1.5], xticks: TICKS },
  ]);
  let time = 0;
  const nudge = (seconds) => {
    time = time + seconds < SECONDS ? time + seconds : 0;
    if (time === 0) stage.animate(null);
    stage.update();
  };
  stage.button("▶ Nudge", () => stage.animate(nudge));
  const peak = (z, { mu, sigma }) => {
    const [low, high] = stay.options.y;
    return low + (0.55 * (high - low) * density((z - mu) / sigma)) / sigma;
  };
  for (const panel of [stay, move]) bellHandles(stage, panel, peak);

  return function update(q, cost) {
    const name = q.parameter;
    const found = report(stage);
    const [low, high] = extent(grid(-3.4, 3.4, 80).map(stage.cost(stage.start).r));
    const edge = 0.45 * (high - low) || 0.45;
    side.set({ y: room(stage, 1.3, found) });
    // of the nudge that has been made
    const part = time === 0 ? 0 : stage.still ? 1 : Math.sin((Math.PI * time) / SECONDS) ** 2;
    const nudged = { ...q, [name]: q[name] + part * NUDGE };
    for (const panel of [stay, move]) {
      panel.set({ y: [low - edge, high + edge] });
      panel.area("bell", ZS, (z) => peak(z, q), "bell", panel.options.y[0]);
      panel.line("ghost", part ? ZS : [], (z) => peak(z, nudged), "faint exact");
      panel.line("r", ZS, cost.r, "ink");
    }
    drawWeights(cost, q, part);
    drawMoves(cost, q, part);
    KINDS.forEach((kind, place) => drawTerms(kind, place, cost, found[kind]));
    side.level("truth", found.score.mean);
  };

  /** E1: discs in proportion to the weights; the arrows end at weight times cost. */
  function drawWeights(cost, { mu, sigma, parameter }, part) {
    const weights = points.map((eps, i) => {
      const [z, change] = [mu + sigma * eps, (NUDGE * score(eps, parameter)) / sigma];
      const size = 4.5 * Math.sqrt(clip(1 + part * change, 0, 6));
      stay.dots(`point ${i}`, [z], cost.r, "score", size);
      return [z, cost.r(z), z, cost.r(z) * (1 + change)];
    });
    stay.arrows("arrows", weights, "score");
  }

  /** E2: the arrows go along the tangents. */
  function drawMoves(cost, { mu, sigma, parameter }, part) {
    const tangents = points.map((eps) => {
      const [z, step] = [mu + sigma * eps, NUDGE * (parameter === "mu" ? 1 : eps)];
      return [z, cost.r(z), z + step, cost.r(z) + step * cost.slope(z)];
    });
    move.arrows("arrows", tangents, "pathwise");
    const moved = tangents.map(([z, , end]) => z + part * (end - z));
    move.dots("points", moved, cost.r, "pathwise", 4.5);
  }

  /** The points' gradients, and the exact mean with a standard deviation either way. */
  function drawTerms(kind, place, cost, { mean, variance }) {
    const far = 0.97 * side.options.y[1];
    const term = (eps) => ESTIMATORS[kind](cost, stage.values, eps, stage.values.parameter);
    const heights = points.map((eps) => clip(term(eps), -far, far));
    side.dots(kind, grid(place - 0.25, place + 0.05, points.length - 1), heights, kind);
    const [x, spread] = [place + 0.3, Math.sqrt(variance)];
    side.line(`${kind} bar`, [x, x], [mean - spread, mean + spread], `curve ${kind}`);
    side.dots(`${kind} mean`, [x], [mean], kind, 5);
  }
}
