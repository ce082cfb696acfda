// Bias and variance against the temperature, for a bit that is made soft. The numbers are Python's.

import { clip } from "./scales.js";
import { digits } from "./words.js";

const KINDS = {
  score: { name: "score function", price: 1 }, // in evaluations a term
  loo: { name: "leave-one-out", price: 2 },
  straight: { name: "straight-through", price: 1 },
  concrete: { name: "concrete", price: 1 },
  rebar: { name: "REBAR", price: 4 },
};

export function draw(stage) {
  const { steps, logits } = stage.data;
  const common = { x: [0.03, 3.3], xlog: true, xlabel: "temperature T", ylog: true };
  const [left, right] = stage.panels([
    { ...common, title: "size of the bias; dotted: gradient", y: [1e-4, 1] },
    { ...common, title: "variance of one term", y: [1e-5, 10] },
  ]);
  const temperatures = steps.map((step) => 10 ** step);
  for (const panel of [left, right])
    stage.handle(panel, "log_t", (v) => [10 ** v.log_t, panel.options.y[0]], (T) => Math.log10(T));

  return function update() {
    const { t, logit, log_t, budget } = stage.values;
    const { gradient, ...found } = logits[Math.abs(logit)];
    const target = logit < 0 ? 1 - t : t; // the mirror image
    const at = (coefficients) => coefficients.reduce((sum, one) => sum * target + one, 0);
    const truth = (logit < 0 ? -1 : 1) * at(gradient);
    const nearest = Math.round((log_t - steps[0]) / (steps[1] - steps[0]));
    const here = clip(nearest, 0, steps.length - 1);
    left.level("gradient", Math.abs(truth));
    const errors = Object.entries(KINDS).map(([kind, { name, price }]) => {
      const bias = found.bias[kind].map(at).map(Math.abs);
      const variance = found.variance[kind].map((values) => Math.max(0, at(values)));
      for (const [panel, values] of [[left, bias], [right, variance]]) {
        panel.line(kind, temperatures, values, `curve ${kind}`);
        panel.dots(`${kind} here`, [temperatures[here]], [values[here]], kind, 5);
      }
      const words = `bias ${digits(bias[here])}, variance ${digits(variance[here])}`;
      stage.legend(kind, `${name}: ${words}`);
      const error = Math.sqrt(bias[here] ** 2 + (variance[here] * price) / budget);
      return { name, error };
    });
    errors.sort((a, b) => a.error - b.error);
    const places = errors.map(({ name, error }) => `${name} ${digits(error)}`);
    const best = places.slice(0, 2).join(", ");
    stage.say(`least errors at T = ${digits(temperatures[here])}: ${best}`);
    stage.legend("exact", `true gradient ${digits(truth)}`);
  };
}
