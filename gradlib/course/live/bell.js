// A bell over the cost. Nudged, it changes the weights of fixed points, or moves points of fixed
// weight; an arrow's height is that sample's gradient, by the score function or by pathwise.

import {
  clip,
  density,
  digits,
  ESTIMATORS,
  exact,
  grid,
  KINDS,
  LETTERS,
  NAMES,
  quantile,
  score,
  span,
  symmetric,
  verdict,
} from "./numbers.js";

const POINTS = span(0, 11).map((i) => quantile((i + 0.5) / 11)); // they stand for 11 samples
const NUDGE = 0.25; // of mu or sigma
const SECONDS = 2.4;
const ZS = grid(-5, 5, 400);

export function draw(stage) {
  const common = { share: 0.39, x: [-5, 5], xlabel: "z" };
  const [stay, move, side] = stage.panels([
    { ...common, title: "score function: weights change" },
    { ...common, title: "pathwise: points move" },
    { share: 0.22, title: "heights of arrows", x: [-0.5, 1.5], xticks: [[0, "E1"], [1, "E2"]] },
  ]);
  let time = 0;
  const nudging = stage.motion((seconds) => {
    time += seconds;
    const done = time >= SECONDS;
    if (done) time = 0;
    update();
    return !done;
  });
  stage.button("▶ Nudge", () => nudging.run(true));
  const base = (panel) => panel.limits.y[0];
  const lift = (panel) => panel.limits.y[1] - panel.limits.y[0];
  const peak = (panel, z, { mu, sigma }) =>
    base(panel) + 0.55 * lift(panel) * (density((z - mu) / sigma) / sigma);
  for (const panel of [stay, move]) {
    stage.handle(panel, "mu", (q) => [q.mu, peak(panel, q.mu, q)], (x) => x);
    const edge = (q) => [q.mu + q.sigma, peak(panel, q.mu + q.sigma, q)];
    stage.handle(panel, "sigma", edge, (x) => Math.abs(x - stage.values.mu));
  }

  function update() {
    const { values, start } = stage;
    const [cost, name] = [stage.cost(), values.parameter];
    const found = exact(cost, values, name);
    setAxes(found, name);
    // of the nudge that has been made
    const part = time === 0 ? 0 : stage.still ? 1 : Math.sin((Math.PI * time) / SECONDS) ** 2;
    const nudged = { ...values, [name]: values[name] + part * NUDGE };
    for (const panel of [stay, move]) {
      panel.area("bell", ZS, ZS.map((z) => peak(panel, z, values)), "bell", base(panel));
      panel.line("ghost", part ? ZS : [], ZS.map((z) => peak(panel, z, nudged)), "faint exact");
      panel.line("r", ZS, ZS.map(cost.r), "ink");
    }
    const zs = POINTS.map((eps) => values.mu + values.sigma * eps);
    drawWeights(cost, values, zs, part);
    const steps = POINTS.map((eps) => NUDGE * (name === "mu" ? 1 : eps));
    const moved = zs.map((z, i) => z + part * steps[i]);
    const tip = (z, i) => [z, cost.r(z), z + steps[i], cost.r(z) + steps[i] * cost.slope(z)];
    move.arrows("arrows", zs.map(tip), "pathwise");
    move.dots("points", moved, moved.map(cost.r), "pathwise", 4.5);
    KINDS.forEach((kind, place) => drawTerms(kind, place, cost, found[kind]));
    side.level("truth", found.score.mean);
    stage.say(`d/d${LETTERS[name]}: ${verdict(found, cost)}`);
    stage.legend({ exact: `true gradient ${digits(found.score.mean)}` });
    const words = ({ mean, variance }) => `: mean ${digits(mean)}, variance ${digits(variance)}`;
    for (const kind of KINDS) stage.legend({ [kind]: NAMES[kind] + words(found[kind]) });
  }

  /** E1: discs in proportion to the weights; the arrows end at weight times cost. */
  function drawWeights(cost, values, zs, part) {
    const { sigma, parameter } = values;
    const change = POINTS.map((eps) => (NUDGE * score(eps, parameter)) / sigma);
    const tip = (z, i) => [z, cost.r(z), z, cost.r(z) * (1 + change[i])];
    stay.arrows("arrows", zs.map(tip), "score");
    zs.forEach((z, i) => {
      const size = 4.5 * Math.sqrt(clip(1 + part * change[i], 0, 6));
      stay.dots(`point ${i}`, [z], [cost.r(z)], "score", size);
    });
  }

  /** The points' gradients, and the exact mean with a standard deviation either way. */
  function drawTerms(kind, place, cost, { mean, variance }) {
    const { values } = stage;
    const far = 0.97 * side.limits.y[1];
    const term = (eps) => clip(ESTIMATORS[kind](cost, values, eps, values.parameter), -far, far);
    side.dots(kind, POINTS.map((_, i) => place - 0.25 + i * 0.03), POINTS.map(term), kind);
    const [low, high] = [-1, 1].map((sign) => mean + sign * Math.sqrt(variance));
    const [left, middle, right] = [0.2, 0.3, 0.4].map((x) => place + x);
    const xs = [left, right, middle, middle, left, right];
    side.line(`${kind} bar`, xs, [low, low, low, high, high, high], `curve ${kind}`);
    side.line(`${kind} mean`, [left, right], [mean, mean], `curve ${kind}`);
  }

  function setAxes(found, name) {
    const first = { ...stage.start, parameter: name };
    const cost = stage.cost(first);
    const seen = grid(-3.4, 3.4, 80).map(cost.r).filter(Number.isFinite);
    const [low, high] = [Math.min(...seen), Math.max(...seen)];
    const size = high - low || 1;
    for (const panel of [stay, move]) panel.range({ y: [low - 0.45 * size, high + 0.3 * size] });
    const spread = ({ score, pathwise }) =>
      [score, pathwise].map(({ mean, variance }) => Math.abs(mean) + 1.3 * Math.sqrt(variance));
    const largest = (list) => Math.max(...list.filter(Number.isFinite), 1e-3);
    const usual = largest(spread(exact(cost, first, name)));
    side.range(symmetric(usual, 0.8 * largest(spread(found))));
  }

  return update;
}
