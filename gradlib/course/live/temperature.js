// Bias and variance against the temperature, for a bit that is made soft. The numbers are Python's.

import { digits } from "./words.js";

export function draw(stage) {
  const { kinds, steps, logits } = stage.data;
  const xticks = [-1, 0].map((log) => [log, digits(10 ** log)]);
  const common = { x: [-1.52, 0.52], xticks, xlabel: "temperature T", ylog: true };
  const panels = stage.panels([
    { ...common, title: "size of the bias; dotted: gradient", y: [1e-4, 1] },
    { ...common, title: "variance of one term", y: [1e-5, 10] },
  ]);
  for (const panel of panels) stage.handle(panel, "log_t");

  return function update({ t, logit, log_t, budget }) {
    const { gradient, bias, variance } = logits[logit];
    const at = (coefficients) => coefficients.reduce((sum, one) => sum * t + one, 0);
    const here = Math.round((log_t - steps[0]) / (steps[1] - steps[0]));
    panels[0].level("gradient", Math.abs(at(gradient)));
    const errors = kinds.map(({ kind, name, price }) => {
      const sizes = [bias, variance].map((found) => found[kind].map(at).map(Math.abs));
      panels.forEach((panel, i) => {
        panel.line(kind, steps, sizes[i], `curve ${kind}`);
        panel.dots(`${kind} here`, [steps[here]], [sizes[i][here]], kind, 5);
      });
      const [b, v] = sizes.map((size) => size[here]);
      stage.legend(kind, `${name}: bias ${digits(b)}, variance ${digits(v)}`);
      return { name, error: Math.sqrt(b ** 2 + (v * price) / budget) };
    });
    errors.sort((a, b) => a.error - b.error);
    const [first, second] = errors.map(({ name, error }) => `${name} ${digits(error)}`);
    stage.say(`least errors at T = ${digits(10 ** steps[here])}: ${first}, ${second}`);
    stage.legend("exact", `true gradient ${digits(at(gradient))}`);
  };
}
