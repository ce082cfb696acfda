// Samples rain on the curves of both estimators, and the two running means race to the truth.

import {
  clip,
  digits,
  ESTIMATORS,
  exact,
  grid,
  KINDS,
  LETTERS,
  NAMES,
  normals,
  running,
  symmetric,
  verdict,
} from "./numbers.js";

const SAMPLES = 1000;
const FALL = 0.8; // seconds that a drop is in the air
const CURVE = grid(-3.5, 3.5, 280);

export function draw(stage) {
  const [rain, means] = stage.panels([
    { share: 0.43, title: "one drop, one ε: its two gradients", x: [-3.5, 3.5], xlabel: "ε" },
    { share: 0.57, title: "running means − truth ± 2 s.e.", x: [0, SAMPLES], xlabel: "samples" },
  ]);
  let [clock, seed, eps, runners, truth] = [0, 1, normals(1, SAMPLES), [], 0];
  const motion = stage.motion(
    (seconds) => {
      clock = Math.min(SAMPLES, clock + stage.values.speed * seconds);
      paint();
      return clock < SAMPLES;
    },
    (on) => (play.textContent = on ? "❚❚ Pause" : "▶ Play"),
  );
  const play = stage.button("▶ Play", () => {
    if (clock >= SAMPLES) clock = 0;
    motion.run(!motion.running);
  });
  stage.button("New samples", () => begin(seed + 1));

  function begin(next) {
    [clock, seed, eps] = [stage.still ? SAMPLES : 0, next, normals(next, SAMPLES)];
    stage.refresh();
    motion.run(!stage.still);
  }

  function update() {
    const { values, start } = stage;
    const [cost, name] = [stage.cost(), values.parameter];
    const found = exact(cost, values, name);
    const term = (kind) => (e) => ESTIMATORS[kind](cost, values, e, name);
    runners = KINDS.map((kind) => {
      const terms = eps.map(term(kind));
      return { kind, terms, ...running(terms), curve: CURVE.map(term(kind)) };
    });
    setAxes(found, name, { ...start, parameter: name });
    truth = found.score.mean;
    rain.level("truth", truth);
    means.level("truth", 0);
    for (const { kind, curve } of runners) {
      rain.line(kind, CURVE, curve, `curve thin ${kind}`);
      means.path(`${kind} funnel`, funnel(found[kind]), `faint ${kind}`);
    }
    stage.say(`d/d${LETTERS[name]}: ${verdict(found, cost)}`);
    stage.legend({ exact: `true gradient ${digits(truth)}` });
    for (const runner of runners) runner.variance = digits(found[runner.kind].variance);
    paint();
  }

  /** Wide enough for the first setting of this cost; wider where most would be outside. */
  function setAxes(found, name, first) {
    const largest = (list) => Math.max(...list.filter(Number.isFinite), 1e-3);
    const cloud = (cost, q) => {
      const sizes = (kind) => (e) => Math.abs(ESTIMATORS[kind](cost, q, e, name));
      return largest(KINDS.flatMap((kind) => grid(-2, 2, 40).map(sizes(kind))));
    };
    const spread = ({ score, pathwise }) =>
      0.3 * Math.sqrt(largest([score.variance, pathwise.variance])) +
      1.3 * Math.abs(pathwise.mean - score.mean || 0);
    const [at, here] = [stage.cost(first), stage.cost()];
    rain.range(symmetric(cloud(at, first), 0.5 * cloud(here, stage.values)));
    means.range(symmetric(spread(exact(at, first, name)), 0.7 * spread(found)));
  }

  /** Where the mean of n samples lies in 95 % of all races. */
  function funnel({ mean, variance }) {
    if (!(variance < Infinity)) return "";
    const ns = grid(0.02, 1, 120).map((part) => SAMPLES * part ** 2);
    const edge = (side) =>
      ns.map((n) => {
        const y = means.Y(mean - truth + 2 * side * Math.sqrt(variance / n));
        return `${means.X(n).toFixed(1)},${clip(y, -1e4, 1e4).toFixed(1)}`;
      });
    return `M${edge(1).join("L")}M${edge(-1).join("L")}`;
  }

  function paint() {
    const landed = Math.min(SAMPLES, Math.floor(clock));
    for (const runner of runners) runner.colour = stage.colour(runner.kind);
    paintRain(rain.brush(), landed);
    paintRace(means.brush(), landed);
    const standing = ({ kind, variance, means, errors }) => {
      const [mean, error] = [means[landed - 1], 2 * errors[landed - 1]];
      const now = landed > 1 ? `: ${digits(mean)} ± ${error.toPrecision(2)}` : "";
      return [kind, `${NAMES[kind]}, variance ${variance}${now}`];
    };
    stage.legend(Object.fromEntries(runners.map(standing)));
  }

  function paintRain(brush, landed) {
    const { y: top, height } = rain.box;
    const air = stage.values.speed * FALL;
    const end = clock === 0 && !motion.running ? 0 : Math.min(SAMPLES, Math.ceil(clock + air));
    const fallen = (i) => top + height * Math.min(1, 1 - (i - clock) / air);
    brush.fillStyle = "#999";
    for (let i = landed; i < end; i++) brush.fillRect(rain.X(eps[i]) - 0.75, fallen(i) - 9, 1.5, 9);
    for (const { kind, colour, terms } of runners) {
      brush.fillStyle = colour;
      for (let i = Math.max(0, landed - 300); i < end; i++) {
        const y = clip(rain.Y(terms[i]), top + 3, top + height - 3);
        const below = fallen(i) - y;
        if (below < 0) continue; // not there yet
        brush.globalAlpha = i < landed ? 0.2 + 0.5 * (1 - (landed - i) / 300) : 0.9;
        mark(brush, kind, rain.X(eps[i]), y, i < landed ? 2.3 : 2.3 + 4 * Math.exp(-below / 12));
      }
    }
  }

  function paintRace(brush, landed) {
    const point = (n, y) => brush.lineTo(means.X(n + 1), clip(means.Y(y - truth), -1e4, 1e4));
    brush.lineWidth = 2.2;
    brush.lineJoin = "round";
    for (const { colour, means: mean, errors } of runners) {
      brush.fillStyle = brush.strokeStyle = colour;
      brush.globalAlpha = 0.2;
      brush.beginPath();
      for (let n = 1; n < landed; n++) point(n, mean[n] + 2 * errors[n]);
      for (let n = landed - 1; n > 0; n--) point(n, mean[n] - 2 * errors[n]);
      brush.fill();
      brush.globalAlpha = 1;
      brush.beginPath();
      for (let n = 0; n < landed; n++) point(n, mean[n]);
      brush.stroke();
    }
  }

  begin(1);
  update.reset = () => begin(1);
  return update;
}

/** A disc, or a triangle for pathwise. */
function mark(brush, kind, x, y, size) {
  brush.beginPath();
  if (kind === "score") brush.arc(x, y, size, 0, 7);
  else {
    brush.moveTo(x, y - 1.2 * size);
    brush.lineTo(x + 1.1 * size, y + 0.7 * size);
    brush.lineTo(x - 1.1 * size, y + 0.7 * size);
  }
  brush.fill();
}
