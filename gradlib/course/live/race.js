// Samples rain on the curves of both estimators, and the two running means race to the truth.

import { ESTIMATORS, exact, KINDS, normals, running } from "./estimators.js";
import { aroundZero, clip, grid, span } from "./scales.js";
import { report, withVariance } from "./scene.js";
import { digits } from "./words.js";

const SAMPLES = 1000;
const FALL = 0.8; // seconds that a drop is in the air
const CURVE = grid(-3.5, 3.5, 280);
const COUNTS = grid(0.02, 1, 200).map((part) => SAMPLES * part ** 2); // dense at the start
const SEEN = 300; // the last ones, as dots

export function draw(stage) {
  const [rain, means] = stage.panels([
    { share: 0.43, title: "one drop, one ε: its two gradients", x: [-3.5, 3.5], xlabel: "ε" },
    { share: 0.57, title: "running means − truth ± 2 s.e.", x: [0, SAMPLES], xlabel: "samples" },
  ]);
  let [clock, playing, seed, eps, runners, truth] = [0, false, 1, [], [], 0];
  const button = stage.button("", () => {
    if (clock >= SAMPLES) clock = 0;
    play(!playing);
  });
  stage.button("New samples", () => begin(seed + 1));

  function begin(next) {
    [clock, seed, eps] = [stage.still ? SAMPLES : 0, next, normals(next, SAMPLES)];
    stage.refresh();
    play(!stage.still);
  }

  function play(on) {
    playing = on;
    button.textContent = on ? "❚❚ Pause" : "▶ Play";
    stage.animate(on ? step : null);
  }

  function step(seconds) {
    clock = Math.min(SAMPLES, clock + stage.values.speed * seconds);
    if (clock === SAMPLES) play(false);
    paint();
  }

  function update() {
    const { values } = stage;
    const [cost, name] = [stage.cost(), values.parameter];
    const found = report(stage);
    truth = found.score.mean;
    setAxes(found, name);
    rain.level("truth", truth);
    means.level("truth", 0);
    runners = KINDS.map((kind) => {
      const term = (e) => ESTIMATORS[kind](cost, values, e, name);
      rain.line(`${kind} curve`, CURVE, CURVE.map(term), `curve thin ${kind}`);
      const { mean } = found[kind];
      const edge = (side) => COUNTS.map((n) => mean - truth + side * deviation(found[kind], n));
      means.line(`${kind} above`, COUNTS, edge(2), `faint ${kind}`); // 95 % of all races
      means.line(`${kind} below`, COUNTS, edge(-2), `faint ${kind}`);
      const terms = eps.map(term);
      return { kind, terms, found: found[kind], ...running(terms) };
    });
    paint();
  }

  function setAxes(found, name) {
    const { values, start } = stage;
    const [cost, first] = [stage.cost(), stage.cost(start)];
    const sizes = (cost, q, far) =>
      KINDS.flatMap((kind) =>
        grid(-far, far, 40).map((e) => Math.abs(ESTIMATORS[kind](cost, q, e, name))),
      );
    rain.set({ y: aroundZero(sizes(first, start, 2), sizes(cost, values, 1.7)) });
    const spread = ({ score, pathwise }) => {
      const bias = Math.abs(pathwise.mean - score.mean || 0);
      return [score, pathwise].map((one) => 2 * deviation(one, 45) + bias);
    };
    means.set({ y: aroundZero(spread(exact(first, start, name)), spread(found)) });
  }

  function paint() {
    const landed = Math.floor(clock);
    paintRain(landed);
    for (const { kind, found, means: mean, errors } of runners) {
      const ns = [...COUNTS.map(Math.floor), landed].filter((n) => 1 < n && n <= landed);
      const at = (side) => ns.map((n) => mean[n - 1] - truth + side * errors[n - 1]);
      const around = [...at(2), ...at(-2).reverse()];
      means.line(`${kind} band`, [...ns, ...[...ns].reverse()], around, `band ${kind}`);
      means.line(kind, ns, at(0), `curve ${kind}`);
      const [now, error] = [mean[landed - 1], 2 * errors[landed - 1]];
      const words = landed > 1 ? `: ${digits(now)} ± ${error.toPrecision(2)}` : "";
      stage.legend(kind, withVariance(kind, found) + words);
    }
  }

  /** A drop leaves its marks where it passes the curves. */
  function paintRain(landed) {
    const [low, high] = rain.options.y;
    const air = stage.values.speed * FALL;
    const end = clock === 0 && !playing ? 0 : Math.min(SAMPLES, Math.ceil(clock + air));
    const height = (i) => low + (high - low) * clip((i - clock) / air, 0, 1);
    const drops = span(landed, end).map((i) => `M${rain.X(eps[i])},${rain.Y(height(i))}v-9`);
    rain.path("drops", drops.join(""), "axis");
    for (const { kind, terms } of runners) {
      const inside = (i) => clip(terms[i], 0.98 * low, 0.98 * high);
      const hit = span(Math.max(0, landed - SEEN), end).filter((i) => height(i) <= inside(i));
      const fresh = hit.filter((i) => i >= landed);
      for (const [key, drops, size] of [[kind, hit, 2.3], [`${kind} fresh`, fresh, 3.8]])
        rain.dots(key, drops.map((i) => eps[i]), drops.map(inside), kind, size);
    }
  }

  begin(1);
  update.reset = () => begin(1);
  return update;
}

/** The standard deviation of a mean of n terms. */
const deviation = ({ variance }, n) => Math.sqrt(variance / n);
