// needs: panels.js slider.js
/* The posterior on the axis on which the normal about the MLE stands still, and how both widths and their distance fall. */
views.meeting = (root, scene) => {
  const { sizes, axis } = scene;
  const { format } = draw;
  const NAMES = { difference: "difference of the rates", share: "share of the lower rate’s component" };
  const logs = sizes.map(Math.log10);
  const ends = [logs[0] - 0.1, logs.at(-1) + 0.1];
  const some = logarithmic(sizes.filter((_, i) => i % 2 === 0));
  let name = "difference";
  let grow = null;

  draw.add(root, "p", { class: "soft" }, `Computed beforehand${scene.seed === null ? "" : ` with seed ${scene.seed}`}: one data set of rates ${scene.rates.map((rate) => format(rate)).join(" and ")}, of which every size takes the first n counts.`);
  const bar = draw.add(root, "div");
  const row = draw.add(root, "div", { class: "controls" });
  draw.choice(row, "Parameter", NAMES, (chosen) => {
    name = chosen;
    redraw();
  });
  const output = draw.add(root, "output", { class: "step", "aria-live": "polite" });
  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "Posterior and normal" });
  const right = draw.add(columns, "section", { "aria-label": "As n grows" });
  const redraw = () => grow && show(grow.place);
  const density = draw.panel(left, { title: "Posterior, standardised by MLE and standard error", x: "(θ − MLE) / standard error", y: "density", redraw });
  draw.key(left, [
    [{ line: { class: "posterior" } }, "posterior"],
    [{ line: { class: "normal" } }, "standard normal"],
    [{ mark: "square", fill: "var(--posterior)", class: "estimate" }, "posterior mean"],
    [{ mark: "up", fill: "var(--em)", class: "estimate" }, "MLE"],
    [{ line: { class: "truth" } }, "truth"],
  ]);
  const words = draw.add(left, "p", { class: "found" });
  const widths = draw.panel(right, { title: "Width against n, both logarithmic", x: "n", y: "width", height: 0.5, redraw });
  draw.key(right, [
    [{ line: { class: "posterior" }, mark: "square", fill: "var(--posterior)" }, "posterior sd"],
    [{ line: { class: "normal" }, mark: "up", fill: "var(--em)" }, "standard error of the MLE"],
    [{ line: { class: "slope" } }, "slope −1/2"],
  ]);
  const distances = draw.panel(right, { title: "Total variation distance of posterior and normal", x: "n", y: "distance", height: 0.5, redraw });
  draw.key(right, [
    [{ line: { class: "likelihood" }, mark: "circle", fill: "var(--ink)" }, "distance"],
    [{ line: { class: "slope" } }, "slope −1/2"],
  ]);

  function drawDensity(place) {
    const found = scene.parameters[name][place];
    const { mle, error, mean, sd, density: heights } = found;
    const curve = evenly(axis, heights);
    const top = 1.15 * Math.max(normal(0), ...scene.parameters[name].slice(2).flatMap((one) => one.density));
    const tall = Math.max(top, 1.05 * Math.max(...heights));
    const standardised = (value) => (error === null ? (value - mean) / sd : (value - mle) / error);
    density.frame({ x: axis, y: [-0.1 * tall, tall] });
    density.line([[axis[0], 0], [axis[1], 0]], { class: "axis" });
    density.area(curve.map(([x]) => [x, 0]), curve, { class: "band" });
    density.line(curve, { class: "posterior" });
    density.line([[standardised(scene.truth[name]), 0], [standardised(scene.truth[name]), tall]], { class: "truth" });
    density.line(gaussian.grid(axis).map((x) => [x, normal(x)]), { class: "normal" });
    density.mark(standardised(mean), -0.05 * tall, "square", { fill: "var(--posterior)", class: "estimate" }, 7);
    density.mark(standardised(mle), -0.05 * tall, "up", { fill: "var(--em)", class: "estimate" }, 6);
    words.textContent = error === null
      ? `MLE ${format(mle, 3)}, posterior ${format(mean, 3)} ± ${format(sd, 3)}. This MLE has no standard error, since it lies on the edge or the information there is singular: the axis is that of the posterior’s own mean and sd.`
      : `MLE ${format(mle, 3)} with standard error ${format(error, 3)}; posterior ${format(mean, 3)} ± ${format(sd, 3)}. The widths have the ratio ${format(sd / error)}, and the MLE is shifted by ${format(found.shift)} posterior sd.`;
    density.describe(`Posterior of the ${NAMES[name]} against the normal, n = ${sizes[place]}. ${words.textContent}`);
  }

  const decades = (values) => {
    const low = Math.floor(Math.min(...values));
    const high = Math.ceil(Math.max(...values));
    return [low, high, logarithmic(Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)), (value) => String(Number(value.toPrecision(1))))];
  };

  /* Series of values by n on logarithmic axes, with the line of slope -1/2 through the last value known. */
  function drawFall(panel, place, series) {
    if (series[0].values.every((value) => value === null)) return;
    const all = series.flatMap(({ values }) => values.filter((value) => value !== null).map(Math.log10));
    const [low, high, places] = decades(all);
    panel.frame({ x: ends, y: [low, high], placesX: some, placesY: places });
    panel.line([[logs[place], low], [logs[place], high]], { class: "drop" });
    const last = series[0].values.findLastIndex((value) => value !== null);
    panel.line(ends.map((x) => [x, Math.log10(series[0].values[last]) - 0.5 * (x - logs[last])]), { class: "slope" });
    for (const { values, style, shape, fill } of series) {
      const known = values.map((value, i) => [logs[i], value === null ? null : Math.log10(value)]).filter(([, y]) => y !== null);
      panel.line(known, { class: style });
      known.forEach(([x, y]) => panel.mark(x, y, shape, { fill, class: "estimate" }, x === logs[place] ? 7 : 4.5));
    }
  }

  function show(place) {
    const found = scene.parameters[name];
    const here = found[place];
    output.textContent = `n = ${sizes[place]}: ${here.distance === null ? "no normal to compare with" : `total variation distance ${format(here.distance, 3)}`}`;
    drawDensity(place);
    drawFall(widths, place, [
      { values: found.map(({ sd }) => sd), style: "posterior", shape: "square", fill: "var(--posterior)" },
      { values: found.map(({ error }) => error), style: "normal", shape: "up", fill: "var(--em)" },
    ]);
    widths.describe(`Posterior sd at n = ${sizes[place]}: ${format(here.sd, 3)}; at n = ${sizes.at(-1)}: ${format(found.at(-1).sd, 3)}.`);
    drawFall(distances, place, [{ values: found.map(({ distance }) => distance), style: "likelihood", shape: "circle", fill: "var(--ink)" }]);
    distances.describe(output.textContent);
  }
  grow = slider(bar, { label: "Observations n", last: sizes.length - 1, start: 0, printed: 2, words: (i) => `n = ${sizes[i]}`, changed: show });
};
