// Samples rain on the curves of both estimators, and the two running means race to the truth.

import { ESTIMATORS, KINDS, normals, running } from "./estimators.js";
import { clip, grid, span } from "./scales.js";
import { report, room, withVariance } from "./scene.js";
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

  function update(q, cost) {
    const found = report(stage);
    truth = found.score.mean;
    rain.set({ y: room(stage, 2.5, found) });
    means.set({ y: room(stage, 0.3, found, ({ score }) => score.mean) });
    rain.level("truth", truth);
    means.level("truth", 0);
    runners = KINDS.map((kind) => {
      const term = (e) => ESTIMATORS[kind](cost, q, e, q.parameter);
      rain.line(`${kind} curve`, CURVE, term, `curve thin ${kind}`);
      const { mean, variance } = found[kind];
      const edge = (side) => (n) => mean - truth + side * Math.sqrt(variance / n);
      means.line(`${kind} above`, COUNTS, edge(2), `faint ${kind}`); // 95 % of all races
      means.line(`${kind} below`, COUNTS, edge(-2), `faint ${kind}`);
      const terms = eps.map(term);
      return { kind, terms, variance, means: running(terms) };
    });
    paint();
  }

  function paint() {
    const landed = Math.floor(clock);
    const ns = [...COUNTS.map(Math.floor), landed].filter((n) => 1 < n && n <= landed);
    paintRain(landed);
    for (const { kind, variance, means: found } of runners) {
      const at = (side) => (n) => found[n - 1].mean - truth + side * found[n - 1].error;
      const around = [...ns.map(at(2)), ...ns.map(at(-2)).reverse()];
      means.line(`${kind} band`, [...ns, ...[...ns].reverse()], around, `band ${kind}`);
      means.line(kind, ns, at(0), `curve ${kind}`);
      const { mean, error } = found[Math.max(landed, 1) - 1];
      const words = landed > 1 ? `: ${digits(mean)} ± ${(2 * error).toPrecision(2)}` : "";
      stage.legend(kind, withVariance(kind, variance) + words);
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
      const xs = hit.map((i) => eps[i]);
      rain.dots(kind, xs, hit.map(inside), kind, 2.6);
    }
  }

  begin(1);
  return update;
}
