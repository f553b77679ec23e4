// needs: gaussian.js
/* Panels that several lessons share. Components are told apart by colour, by dashes and by the shape of their points. */
const panels = (() => {
  const LOOKS = [
    { colour: "var(--one)", dashes: null, mark: "circle" },
    { colour: "var(--two)", dashes: "7 3", mark: "square" },
    { colour: "var(--three)", dashes: "2 3", mark: "up" },
  ];
  const PARAMETERS = { "means 0": "mean 1", "means 1": "mean 2", "weights 0": "weight 1" };
  /* How far below the current point the picture of the bound goes, in nats. */
  const BELOW = 14;

  const wider = (values, share = 0.1) => {
    const low = Math.min(...values);
    const high = Math.max(...values);
    return [low - share * (high - low), high + share * (high - low)];
  };

  /* A colour between those of the components, by the responsibilities. */
  const blended = (shares) => `color-mix(in oklab, var(--one) ${(100 * shares[0]).toFixed(1)}%, var(--two))`;

  /* The highest density among some mixtures, for an axis that holds still. */
  const highest = (mixtures, across) =>
    Math.max(...mixtures.flatMap((mixture) => gaussian.grid(across, 121).map((x) => gaussian.density(x, mixture))));

  const curve = (xs, f) => xs.map((x) => [x, f(x)]);

  /* The data on the axis, coloured by responsibility where it is known; under the axis line there is room for them. */
  function points(panel, data, shares) {
    const low = panel.limits.y[0];
    data.forEach((x, i) => {
      const likely = shares ? shares[i].indexOf(Math.max(...shares[i])) : 0;
      const height = low * (0.3 + 0.5 * ((i * 0.618) % 1));
      panel.mark(x, height, shares ? LOOKS[likely].mark : "circle", {
        class: "point", fill: shares ? blended(shares[i]) : "var(--data)",
      }, 4);
    });
  }

  function frame(panel, across, top) {
    panel.frame({ x: across, y: [-0.16 * top, 1.08 * top] });
    panel.line([[across[0], 0], [across[1], 0]], { class: "axis" });
  }

  /* Component densities, the mixture, the truth dashed, and the points coloured by responsibility. */
  function density(panel, { data, across, top, mixture, shares, truth }) {
    frame(panel, across, top);
    const xs = gaussian.grid(across);
    gaussian.components(mixture).forEach((k) => {
      const look = LOOKS[k];
      panel.area(curve(xs, () => 0), curve(xs, (x) => gaussian.part(x, mixture, k)), { fill: look.colour, opacity: 0.16 });
      panel.line(curve(xs, (x) => gaussian.part(x, mixture, k)), { stroke: look.colour, "stroke-width": 2, "stroke-dasharray": look.dashes });
    });
    if (truth) panel.line(curve(xs, (x) => gaussian.density(x, truth)), { class: "truth" });
    panel.line(curve(xs, (x) => gaussian.density(x, mixture)), { class: "mixture" });
    points(panel, data, shares);
  }

  const densityKey = (truth) => [
    [{ line: { class: "mixture" } }, "mixture"],
    [{ line: { stroke: LOOKS[0].colour, "stroke-width": 2.5 } }, "component 1"],
    [{ line: { stroke: LOOKS[1].colour, "stroke-width": 2.5, "stroke-dasharray": "7 3" } }, "component 2"],
    ...(truth ? [[{ line: { class: "truth" } }, "truth"]] : []),
    [{ mark: "circle", fill: blended([0.5]), class: "point" }, "observation, coloured by responsibility"],
  ];

  /* With one parameter varied and the others held: the log-likelihood, and the lower bound that `shares` make. */
  function slice(panel, { data, mixture, shares, vary, range }) {
    const [kind, k] = vary.split(" ");
    const at = (value) => {
      const changed = [...mixture[kind]];
      changed[k] = value;
      if (kind === "weights") changed[1 - k] = 1 - value;
      return { ...mixture, [kind]: changed };
    };
    const inset = kind === "weights" ? 1e-3 : 0;
    const xs = gaussian.grid([range[0] + inset, range[1] - inset], 121);
    const likelihood = curve(xs, (x) => gaussian.logLikelihood(data, at(x)));
    const now = mixture[kind][k];
    const answer = gaussian.mStep(data, shares)[kind][k];
    const best = gaussian.bound(data, shares, at(answer));
    const touch = gaussian.bound(data, shares, mixture);
    const here = gaussian.logLikelihood(data, mixture);
    const low = Math.min(here, touch) - BELOW;
    panel.frame({ label: PARAMETERS[vary], x: range, y: [low, Math.max(...likelihood.map(([, value]) => value)) + 0.15 * BELOW] });
    panel.line([[now, low], [now, here]], { class: "drop" });
    panel.line([[answer, low], [answer, best]], { class: "drop" });
    panel.line(likelihood, { class: "likelihood" });
    panel.line(curve(xs, (x) => gaussian.bound(data, shares, at(x))), { class: "bound" });
    panel.mark(now, here, "circle", { class: "now" }, 6);
    panel.mark(answer, best, "down", { class: "answer-mark" }, 6);
    return { here, touch, answer, best };
  }

  const sliceKey = () => [
    [{ line: { class: "likelihood" } }, "log-likelihood"],
    [{ line: { class: "bound" } }, "lower bound"],
    [{ mark: "circle", class: "now" }, "now"],
    [{ mark: "down", class: "answer-mark" }, "top of the bound: where the M-step goes"],
  ];

  /* The log-likelihood by step, up to the current one drawn boldly. `series` are {values, style, mark}; the first value is
     that of step `from`. */
  function climb(panel, series, step, from = 0) {
    const longest = Math.max(...series.map(({ values }) => values.length));
    panel.frame({ x: [from, from + longest - 1], y: wider(series.flatMap(({ values }) => values), 0.08) });
    for (const { values, style, mark } of series) {
      const steps = values.map((value, t) => [from + t, value]);
      panel.line(steps, { ...style, opacity: 0.35 });
      panel.line(steps.slice(0, step + 1), style);
      const now = Math.min(step, values.length - 1);
      panel.mark(from + now, values[now], mark, { class: "now" }, 6);
    }
  }

  return { LOOKS, PARAMETERS, wider, blended, highest, curve, points, frame, density, densityKey, slice, sliceKey, climb };
})();
