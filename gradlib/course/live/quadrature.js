// Means and variances under a Gaussian, exact by the rules of gradlib's quadrature.py, and nan where
// those rules do not vouch for them. tests/test_live.py compares them with gradlib.

import { cached, span } from "./scales.js";

const REACH = 38; // in standard deviations: further out the normal density is below 1e-313
const TOLERANCE = 1e-11; // relative to the integral of the absolute integrand, the scale
const SCALE_TOLERANCE = 3e-3; // the scale is a yardstick: it only has to settle
const NOISE = 1e-6; // of the scale: smaller changes that do not shrink are rounding
const HOPELESS = 1e-3; // of the scale, missed at an end: no refinement will find so much
const STEPS = [1, 4, 64, 1024]; // in units of what the nodes leave out: 1/x falls by 16 with each
const MAX_NODES = 2 ** 15;
const GOLDEN = (1 + Math.sqrt(5)) / 2; // steps in a rational ratio may agree on a wrong value

/** Mean and variance under eps ~ N(0, 1) of each number that terms(z, eps) lists.
 *
 * They are refined until nothing moves; nan where that does not come, where they may be infinite,
 * or where the cost has a flaw. A mean that is mere rounding is 0. */
export function moments(cost, q, terms, tolerance = TOLERANCE) {
  const panels = arrange(cost, q);
  const found = Array(2 * terms(q.mu, 0).length).fill(NaN); // means, then variances
  let open = cost.flaw ? [] : [...found.keys()];
  for (let look = 0, before; open.length; look++) {
    const nodes = rule(panels, panels.first + Math.max(0, look - 0.5));
    if (nodes.eps.length > MAX_NODES) break;
    const now = sums(nodes, q, terms);
    const lost = before ? losses(panels, q, terms) : null;
    open = open.filter((i) => {
      const [value, scale] = [now.values[i], now.scales[i]];
      if (!Number.isFinite(value + scale)) return false;
      if (!before) return true;
      now.moved[i] = Math.abs(value - before.values[i]);
      const still = now.moved[i] <= tolerance * scale;
      const settled = still && Math.abs(scale - before.scales[i]) <= SCALE_TOLERANCE * scale;
      const noise = (2 * i < found.length ? 1e-12 : 1e-26) * scale; // of means, of variances
      if (settled && lost[i] <= tolerance * scale) found[i] = Math.abs(value) > noise ? value : 0;
      const shrinks = now.moved[i] > NOISE * scale || !(now.moved[i] >= before.moved[i] / 2);
      return !settled && (still || shrinks) && (look < 2 || lost[i] <= HOPELESS * scale);
    });
    before = now;
  }
  const count = found.length / 2;
  return found.slice(0, count).map((mean, i) => ({ mean, variance: found[count + i] }));
}

const ulp = (x) => Math.max(Math.abs(x) * 2 ** -52, Number.MIN_VALUE);

/** The ends of the panels in eps, how near to them z is mere rounding, and the first level. */
function arrange(cost, { mu, sigma }) {
  const inner = cost.breaks.map((z) => (z - mu) / sigma).filter((eps) => Math.abs(eps) < REACH);
  const width = (eps) => 8 * ulp(Math.abs(eps) + Math.abs(mu) / sigma);
  const ends = [-REACH];
  for (const eps of [...inner.sort((a, b) => a - b), REACH])
    if (eps - ends.at(-1) > 16 * width(eps)) ends.push(eps);
  const widths = ends.map(width);
  if (ends.length === 2) return { ends, near: widths, first: 0 };
  const lengths = ends.slice(2, -1).map((end, i) => end - ends[i + 1]);
  const longest = Math.max(1, ends[1], -ends.at(-2), ...lengths);
  const level = Math.log(Math.max(2 * longest, 25 / (ends.length - 1))) / Math.log(GOLDEN);
  const tiny = Math.min(...widths) < 1e-18 ? 1e-300 : 1e-20;
  const outer = (i) => i === 0 || i === ends.length - 1;
  const near = widths.map((width, i) => (outer(i) ? width : Math.max(width, tiny)));
  return { ends, near, first: Math.ceil(2 * Math.max(level, 1)) / 2, tiny };
}

/** Nodes on all panels: eps, and the square roots of weight times density.
 *
 * Each factor gets half of the density: a square may overflow where its product does not. */
function rule({ ends, near, tiny }, level) {
  if (ends.length === 2) return wholeLine(level);
  const [eps, roots] = [[], []];
  const add = (at, weight) => {
    eps.push(at);
    roots.push(Math.sqrt(weight) * rootBell(at));
  };
  const last = ends.length - 2;
  for (const [x, weight] of halfLine(level, tiny)) {
    const [left, right] = [Math.max(x, near[1]), Math.max(x, near[last])];
    if (left < ends[1] + REACH) add(ends[1] - left, weight);
    if (right < REACH - ends[last]) add(ends[last] + right, weight);
  }
  for (let i = 1; i < last; i++) {
    const length = ends[i + 1] - ends[i];
    for (const [left, distance, weight] of doubleExponential(level, tiny)) {
      const from = Math.max(length * distance, near[left ? i : i + 1]);
      add(left ? ends[i] + from : ends[i + 1] - from, length * weight);
    }
  }
  return { eps, roots };
}

/** Trapezoid rule in eps. */
const wholeLine = cached((level) => {
  const step = 0.5 * GOLDEN ** -level;
  const right = span(0, Math.ceil(REACH / step - 0.5)).map((i) => (i + 0.5) * step);
  const eps = right.flatMap((x) => [x, -x]);
  return { eps, roots: eps.map((x) => Math.sqrt(step) * rootBell(x)) };
});

/** Trapezoid rule in t for x = exp(t - exp(-t)) on (0, infinity): [x, weight]. */
const halfLine = cached((level, tiny) => {
  const step = GOLDEN ** -level;
  const first = Math.floor(-Math.log(-Math.log(tiny)) / step);
  return span(first, Math.ceil(4.5 / step)).map((i) => {
    const x = Math.exp(i * step - Math.exp(-i * step));
    return [x, step * x * (1 + Math.exp(-i * step))];
  });
});

/** For x = tanh(pi/2 sinh t) on a panel of length 1: [left half?, distance to its end, weight]. */
const doubleExponential = cached((level, tiny) => {
  const step = GOLDEN ** -level;
  const last = Math.ceil(Math.asinh(-Math.log(tiny) / Math.PI) / step);
  return span(-last, last + 1).map((i) => {
    const near = 1 / (1 + Math.exp(Math.PI * Math.sinh(Math.abs(i * step))));
    return [i < 0, near, step * Math.PI * Math.cosh(i * step) * near * (1 - near)];
  });
});

/** Means and variances of the terms, and their scales. */
function sums({ eps, roots }, { mu, sigma }, terms) {
  const rows = eps.map((e) => terms(mu + sigma * e, e));
  const found = rows[0].map((_, i) => {
    let [mean, size, square, spread] = [0, 0, 0, 0];
    rows.forEach((row, j) => {
      const part = row[i] * roots[j];
      mean += part * roots[j];
      size += Math.abs(part) * roots[j];
      square += part * part;
    });
    rows.forEach((row, j) => (spread += (roots[j] * (row[i] - mean)) ** 2));
    return [mean, size, square, spread];
  });
  const [means, sizes, squares, spreads] = [0, 1, 2, 3].map((k) => found.map((row) => row[k]));
  return { values: [...means, ...spreads], scales: [...sizes, ...squares], moved: [] };
}

const rootBell = (eps) => Math.exp(-0.25 * eps * eps) / (2 * Math.PI) ** 0.25;

/** What the nodes leave out at the ends, of all means and variances; infinite where like 1/x. */
function losses({ ends, near }, { mu, sigma }, terms) {
  const at = (eps) => {
    const sizes = terms(mu + sigma * eps, eps).map((t) => Math.abs(t) * rootBell(eps));
    return [...sizes.map((size) => size * rootBell(eps)), ...sizes.map((size) => size ** 2)];
  };
  const worst = at(0).fill(0);
  const last = ends.length - 1;
  ends.forEach((end, i) => {
    const inwards = i === 0 ? [1] : i === last ? [-1] : [-1, 1];
    for (const step of inwards.map((side) => side * near[i])) {
      const found = STEPS.map((times) => at(end + times * step));
      worst.forEach((w, j) => {
        const [close, a, b, c] = found.map((sizes) => sizes[j]);
        const likeAPole = a > 15 * b && b > 15.9 * c && c > 0;
        const missed = near[i] * Math.abs(close - (inwards[1] ? a : 0));
        worst[j] = likeAPole ? Infinity : missed <= w ? w : missed; // nan stays
      });
    }
  });
  return worst;
}
