// A bell over the cost. Nudged, it changes the weights of fixed points, or moves points of fixed
// weight; an arrow's height is that sample's gradient, by the score function or by pathwise.

import { density, ESTIMATORS, exact, KINDS, score } from "./estimators.js";
import { aroundZero, clip, grid } from "./scales.js";
import { report } from "./scene.js";

const NUDGE = 0.25; // of mu or sigma
const SECONDS = 2.4;
const ZS = grid(-5, 5, 400);

export function draw(stage) {
  const points = stage.data; // eps of a few samples that stand for all
  const common = { share: 0.39, x: [-5, 5], xlabel: "z" };
  const [stay, move, side] = stage.panels([
    { ...common, title: "score function: weights change" },
    { ...common, title: "pathwise: points move" },
    { share: 0.22, title: "heights of arrows", x: [-0.5, 1.5], xticks: [[0, "E1"], [1, "E2"]] },
  ]);
  let time = 0;
  const nudge = (seconds) => {
    time += seconds;
    if (time > SECONDS) {
      time = 0;
      stage.animate(null);
    }
    update();
  };
  stage.button("▶ Nudge", () => stage.animate(nudge));
  const peak = (z, { mu, sigma }) => {
    const [low, high] = stay.options.y;
    return low + (0.55 * (high - low) * density((z - mu) / sigma)) / sigma;
  };
  for (const panel of [stay, move]) {
    stage.handle(panel, "mu", (q) => [q.mu, peak(q.mu, q)], (x) => x);
    const edge = (q) => [q.mu + q.sigma, peak(q.mu + q.sigma, q)];
    stage.handle(panel, "sigma", edge, (x) => Math.abs(x - stage.values.mu));
  }

  function update() {
    const { values } = stage;
    const [cost, name] = [stage.cost(), values.parameter];
    const found = report(stage);
    setAxes(found, name);
    // of the nudge that has been made
    const part = time === 0 ? 0 : stage.still ? 1 : Math.sin((Math.PI * time) / SECONDS) ** 2;
    const nudged = { ...values, [name]: values[name] + part * NUDGE };
    for (const panel of [stay, move]) {
      panel.area("bell", ZS, ZS.map((z) => peak(z, values)), "bell", panel.options.y[0]);
      panel.line("ghost", part ? ZS : [], ZS.map((z) => peak(z, nudged)), "faint exact");
      panel.line("r", ZS, ZS.map(cost.r), "ink");
    }
    drawWeights(cost, values, part);
    drawMoves(cost, values, part);
    KINDS.forEach((kind, place) => drawTerms(kind, place, cost, found[kind]));
    side.level("truth", found.score.mean);
  }

  /** E1: discs in proportion to the weights; the arrows end at weight times cost. */
  function drawWeights(cost, { mu, sigma, parameter }, part) {
    const weights = points.map((eps, i) => {
      const [z, change] = [mu + sigma * eps, (NUDGE * score(eps, parameter)) / sigma];
      const size = 4.5 * Math.sqrt(clip(1 + part * change, 0, 6));
      stay.dots(`point ${i}`, [z], [cost.r(z)], "score", size);
      return [z, cost.r(z), z, cost.r(z) * (1 + change)];
    });
    stay.arrows("arrows", weights, "score");
  }

  /** E2: the arrows go along the tangents. */
  function drawMoves(cost, { mu, sigma, parameter }, part) {
    const steps = points.map((eps) => NUDGE * (parameter === "mu" ? 1 : eps));
    const zs = points.map((eps) => mu + sigma * eps);
    const tangent = (z, i) => [z, cost.r(z), z + steps[i], cost.r(z) + steps[i] * cost.slope(z)];
    const moved = zs.map((z, i) => z + part * steps[i]);
    move.arrows("arrows", zs.map(tangent), "pathwise");
    move.dots("points", moved, moved.map(cost.r), "pathwise", 4.5);
  }

  /** The points' gradients, and the exact mean with a standard deviation either way. */
  function drawTerms(kind, place, cost, { mean, variance }) {
    const { values } = stage;
    const far = 0.97 * side.options.y[1];
    const term = (eps) => clip(ESTIMATORS[kind](cost, values, eps, values.parameter), -far, far);
    side.dots(kind, points.map((_, i) => place - 0.25 + i * 0.03), points.map(term), kind);
    const [low, high] = [-1, 1].map((sign) => mean + sign * Math.sqrt(variance));
    const [left, middle, right] = [0.2, 0.3, 0.4].map((x) => place + x);
    const xs = [left, right, middle, middle, left, right];
    side.line(`${kind} bar`, xs, [low, low, low, high, high, high], `curve ${kind}`);
    side.line(`${kind} mean`, [left, right], [mean, mean], `curve ${kind}`);
  }

  function setAxes(found, name) {
    const first = stage.cost(stage.start);
    const seen = grid(-3.4, 3.4, 80).map(first.r).filter(Number.isFinite);
    const [low, high] = [Math.min(...seen), Math.max(...seen)];
    const size = high - low || 1;
    for (const panel of [stay, move]) panel.set({ y: [low - 0.45 * size, high + 0.45 * size] });
    const reach = (found) =>
      KINDS.map((kind) => Math.abs(found[kind].mean) + 1.3 * Math.sqrt(found[kind].variance));
    side.set({ y: aroundZero(reach(exact(first, stage.start, name)), reach(found)) });
  }

  return update;
}
