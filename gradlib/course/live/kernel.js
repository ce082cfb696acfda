// The gap theorem's kernel under the bell: where it is orange, the score function gains.

import { density, digits, grid, moments, score, verdict } from "./numbers.js";
import { COST_PANEL, drawCost } from "./scene.js";

const EPS = grid(-8, 8, 640);

export function draw(stage) {
  const [top, bottom] = stage.panels(
    [[{ ...COST_PANEL, xlabel: "", tall: 0.45 }, { x: [-6, 6], xlabel: "z", yticks: [], tall: 0.55 }]],
    380,
  );
  bottom.limits.y = [-1.15, 1.15];
  stage.handle(bottom, "mu", ({ mu }) => [mu, -1.15], (z) => z);
  stage.handle(bottom, "sigma", (q) => [q.mu + q.sigma, -1.15], (z) => Math.abs(z - stage.values.mu));

  return function update() {
    const { values } = stage;
    const { mu, sigma, angle } = values;
    const cost = stage.cost();
    const [a, b] = [Math.cos, Math.sin].map((f) => f((angle * Math.PI) / 180));
    const speed = (eps) => a + b * eps; // dz/dphi
    const weight = (eps) => a * score(eps, "mu") + b * score(eps, "sigma");
    const terms = (z, eps) => [
      (cost.r(z) * weight(eps)) / sigma,
      cost.slope(z) * speed(eps),
      kernel(cost, z, eps, sigma) * speed(eps) ** 2,
    ];
    const [first, second, area] = moments(cost, values, terms);
    const gap = first.variance - second.variance;
    const kinks = masses(cost, values, speed);
    const whole = kinks.reduce((sum, [, mass]) => sum + mass, area.mean);
    const holds = Math.abs(gap - whole) <= 1e-8 * (first.variance + second.variance);

    drawCost(top, cost, values);
    const zs = EPS.map((eps) => mu + sigma * eps);
    const height = EPS.map((eps, i) => (terms(zs[i], eps)[2] * density(eps)) / sigma);
    const most = Math.max(...height.map(Math.abs).filter(Number.isFinite)) || 1;
    const shown = height.map((h) => h / most);
    bottom.area("bell", zs, EPS.map((eps) => (0.8 * density(eps)) / density(0)), "bell");
    bottom.area("gain", zs, shown.map((h) => Math.max(h, 0)), "filled pathwise");
    bottom.area("loss", zs, shown.map((h) => Math.min(h, 0)), "filled score");
    bottom.line("kernel", zs, shown, "ink");
    bottom.level("zero", 0, "axis");
    const spikes = kinks.map(([z, mass]) => [z, 0, z, Math.sign(mass)]);
    for (const kind of ["score", "pathwise"])
      bottom.arrows(`${kind} spikes`, spikes.filter((s) => s[3] > 0 === (kind === "pathwise")), kind);
    bottom.range({ title: "the kernel, times density and (dz/dφ)²: its area is the gap" });

    const found = { score: first, pathwise: second };
    stage.say(`φ moves μ by ${digits(a)}, σ by ${digits(b)}: ${verdict(found, cost)}`);
    const parts = kinks.length ? ` = area ${digits(area.mean)} + kinks ${digits(whole - area.mean)}` : "";
    stage.legend({
      exact: holds ? `gap ${digits(gap)}${parts}` : "the theorem does not hold for this cost",
      score: `score function, variance ${digits(first.variance)}`,
      pathwise: `pathwise, variance ${digits(second.variance)}`,
    });
  };
}

/** k = r r'' + (1 + eps^2) r^2 / (2 sigma^2), without the point masses of kinks. */
const kernel = (cost, z, eps, sigma) =>
  cost.r(z) * cost.bend(z) + ((1 + eps * eps) * cost.r(z) ** 2) / (2 * sigma ** 2);

/** Kinks [z, mass]: r times the rise of r' there, times the density of Z and (dz/dphi)^2. */
function masses(cost, { mu, sigma }, speed) {
  const at = (z) => {
    const [eps, near] = [(z - mu) / sigma, 1e-9 * Math.max(Math.abs(z), sigma)];
    const rise = cost.slope(z + near) - cost.slope(z - near);
    return [z, (cost.r(z) * rise * density(eps) * speed(eps) ** 2) / sigma, rise];
  };
  return cost.breaks.map(at).filter(([, , rise]) => Math.abs(rise) > 1e-6);
}
