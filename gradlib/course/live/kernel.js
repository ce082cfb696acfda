// The gap theorem's kernel under the bell: where it is orange, the score function gains.

import { density, KINDS, score } from "./estimators.js";
import { moments } from "./quadrature.js";
import { grid } from "./scales.js";
import { bellHandles, COST_PANEL, drawCost, withVariance } from "./scene.js";
import { digits, verdict } from "./words.js";

const EPS = grid(-8, 8, 640);
const SIGNS = { score: -1, pathwise: 1 }; // of the gap, where that estimator wins

export function draw(stage) {
  const common = { ...COST_PANEL, share: 1, y: [-1.15, 1.15] };
  const [top, bottom] = stage.panels([
    { ...common, xlabel: "", height: 170 },
    { ...common, title: "kernel × density: its area is the gap", yticks: [], height: 210 },
  ]);
  bellHandles(stage, bottom);

  return function update(q, cost) {
    const at = (f) => Number(f((q.angle * Math.PI) / 180).toFixed(15)); // 0 at a right angle
    const [a, b] = [at(Math.cos), at(Math.sin)];
    const speed = (eps) => a + b * eps; // dz/dphi
    const kernel = (z, eps) =>
      cost.r(z) * cost.bend(z) + ((1 + eps * eps) * cost.r(z) ** 2) / (2 * q.sigma ** 2);
    const terms = (z, eps) => [
      (cost.r(z) * (a * score(eps, "mu") + b * score(eps, "sigma"))) / q.sigma,
      cost.slope(z) * speed(eps),
      kernel(z, eps) * speed(eps) ** 2,
    ];
    const [first, second, area] = moments(cost, q, terms);
    const gap = first.variance - second.variance;
    const kinks = masses(cost, q, speed);
    const whole = kinks.reduce((sum, [, mass]) => sum + mass, area.mean);
    const holds = Math.abs(gap - whole) <= 1e-8 * (first.variance + second.variance);
    drawCost(stage, top);
    drawKernel(q, (z, eps) => terms(z, eps)[2], kinks);

    const found = { score: first, pathwise: second };
    stage.say(`φ moves μ by ${digits(a)}, σ by ${digits(b)}: ${verdict(found, cost)}`);
    const parts = ` = area ${digits(area.mean)} + kinks ${digits(whole - area.mean)}`;
    const sum = `gap ${digits(gap)}${kinks.length ? parts : ""}`;
    stage.legend("exact", holds ? sum : "the theorem does not hold for this cost");
    for (const kind of KINDS) stage.legend(kind, withVariance(kind, found[kind].variance));
  };

  /** Relative to its highest point; a kink is an arrow. */
  function drawKernel({ mu, sigma }, height, kinks) {
    const zs = EPS.map((eps) => mu + sigma * eps);
    const heights = EPS.map((eps, i) => height(zs[i], eps) * density(eps));
    const most = Math.max(...heights.map(Math.abs).filter(Number.isFinite)) || 1;
    const shown = heights.map((h) => h / most);
    const bell = (z) => (0.8 * density((z - mu) / sigma)) / density(0);
    bottom.area("bell", zs, bell, "bell");
    for (const [kind, sign] of Object.entries(SIGNS)) {
      const gain = shown.map((h) => sign * Math.max(0, sign * h));
      bottom.area(kind, zs, gain, `filled ${kind}`);
      const spikes = kinks.filter(([, mass]) => sign * mass > 0).map(([z]) => [z, 0, z, sign]);
      bottom.arrows(`${kind} kinks`, spikes, kind);
    }
    bottom.line("kernel", zs, shown, "ink");
    bottom.level("zero", 0, "axis");
  }
}

/** Kinks [z, mass]: r times the rise of r' there, times the density of Z and (dz/dphi)^2. */
function masses(cost, { mu, sigma }, speed) {
  const at = (z) => {
    const [eps, near] = [(z - mu) / sigma, 1e-9 * Math.max(Math.abs(z), sigma)];
    const rise = cost.slope(z + near) - cost.slope(z - near);
    return [z, (cost.r(z) * rise * density(eps) * speed(eps) ** 2) / sigma, rise];
  };
  return cost.breaks.map(at).filter(([, , rise]) => Math.abs(rise) > 1e-6);
}
