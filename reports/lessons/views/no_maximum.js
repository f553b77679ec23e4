// needs: panels.js slider.js
/* A component that shrinks onto one observation: the density, the log-likelihood and the posterior density along the
   way, and where EM goes from here without the prior and with it. */
views.no_maximum = (root, scene) => {
  const { data, on, exponents, widths, top, interior, posterior } = scene;
  const { format } = draw;
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const across = panels.wider(data, 0.12);
  const tall = 2.2 * panels.highest([interior || widths.at(-1).mixture], across);
  const ends = [exponents[0], exponents.at(-1)];
  const cell = exponents[1] - exponents[0];
  const likelihoods = exponents.map((x, i) => [x, widths[i].log_likelihood]);
  const objectives = exponents.map((x, i) => [x, widths[i].objective]);
  const window_ = [top.objective - 14, widths[0].log_likelihood + 2];
  const powers = [0, 1, 2, 3, 4, 5].map((power) => [-power, power === 0 ? "1" : `10⁻${SUPERSCRIPTS[power]}`]);
  const sigma = (exponent) => draw.format(10 ** exponent, Math.max(0, 1 - Math.floor(exponent)));
  /* Far below zero the power of ten says enough. */
  const nats = (value) => (value > -1e4 ? format(value) : `below −10${[...String(Math.floor(Math.log10(-value)))].map((digit) => SUPERSCRIPTS[digit]).join("")}`);
  const passed = interior ? exponents.filter((_, i) => widths[i].log_likelihood > interior.log_likelihood).at(-1) : undefined;

  const bar = draw.add(root, "div");
  const output = draw.add(root, "output", { class: "step", "aria-live": "polite" });
  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "The mixture and EM" });
  const right = draw.add(columns, "section", { "aria-label": "Likelihood and posterior" });
  const redraw = () => widen && show(widen.place);

  const density = draw.panel(left, { title: "The density over the data: the spike leaves the picture", x: "x", y: "density", redraw });
  draw.key(left, [
    [{ line: { class: "mixture" } }, "mixture"],
    [{ line: { stroke: panels.LOOKS[0].colour, "stroke-width": 2.5 } }, "component on one observation"],
    [{ line: { stroke: panels.LOOKS[1].colour, "stroke-width": 2.5, "stroke-dasharray": "7 3" } }, "component for all others"],
    [{ mark: "circle", class: "point", fill: "var(--data)" }, "observation"],
  ]);
  const runs = draw.panel(left, { title: "EM started here: the log-likelihood, step by step", x: "step", y: "nats", height: 0.46, redraw });
  draw.key(left, [
    [{ line: { class: "mle" }, mark: "up", fill: "var(--em)" }, "EM for the MLE"],
    [{ line: { class: "mode" }, mark: "diamond", fill: "var(--map)" }, "EM with the prior, for the MAP: what climbs there is the sum with the log-prior"],
    [{ mark: "cross", class: "collapsed" }, "collapsed"],
  ]);
  const ending = draw.add(left, "p", { class: "ending", "aria-live": "polite" });

  const slice = draw.panel(right, { title: "As σ shrinks, all else held", x: "σ of the narrow component", y: "nats", redraw });
  draw.key(right, [
    [{ line: { class: "likelihood" } }, "log-likelihood: no maximum to the left"],
    [{ line: { class: "mode" } }, "with the log-prior"],
    [{ mark: "diamond", fill: "var(--map)", class: "estimate" }, `its maximum, at σ = ${format(10 ** top.exponent)}`],
    ...(interior ? [[{ line: { class: "interior" } }, "log-likelihood of the best interior optimum"]] : []),
  ]);
  const mass = draw.panel(right, { title: "Posterior of the narrower component’s σ, all else free", x: "σ", y: "density", height: 0.38, redraw });
  draw.add(right, "p", { class: "soft" }, [
    `Of ${posterior.draws} posterior draws the narrowest component has σ = ${format(10 ** posterior.least)}.`,
    passed === undefined ? "" : `At σ = ${sigma(passed)} the spike passes the best interior optimum.`,
    `Of ${scene.starts} ordinary starts of EM on these data ${scene.collapsed} collapsed.`,
  ].join(" "));

  function drawDensity({ mixture }) {
    panels.frame(density, across, tall);
    const [spot, deviation] = [mixture.means[0], Math.sqrt(mixture.variances[0])];
    const near = Array.from({ length: 49 }, (_, i) => spot + (i - 24) * deviation * 0.25);
    const xs = [...gaussian.grid(across), ...near].sort((a, b) => a - b);
    density.line(panels.curve(xs, (x) => gaussian.density(x, mixture)), { class: "mixture" });
    [1, 0].forEach((k) => {
      const look = panels.LOOKS[k];
      density.line(panels.curve(xs, (x) => gaussian.part(x, mixture, k)), { stroke: look.colour, "stroke-width": 2, "stroke-dasharray": look.dashes });
    });
    panels.points(density, data, null);
    const peak = gaussian.density(spot, mixture);
    if (peak > 1.08 * tall) {
      const before = density.x(spot) > (density.x(across[0]) + density.x(across[1])) / 2;
      density.text(spot, 0.98 * tall, before ? `up to ${peak.toPrecision(3)} ` : ` up to ${peak.toPrecision(3)}`, { "text-anchor": before ? "end" : "start", dx: before ? -8 : 8 });
    }
    density.describe(`Density with a component on observation ${on + 1}, as high as ${peak.toPrecision(3)} there.`);
  }

  function drawSlice(place) {
    const { log_likelihood: here, objective } = widths[place];
    slice.frame({ x: ends, y: window_, placesX: powers });
    if (interior) slice.line([[ends[0], interior.log_likelihood], [ends[1], interior.log_likelihood]], { class: "interior" });
    slice.line([[exponents[place], window_[0]], [exponents[place], window_[1]]], { class: "drop" });
    slice.line(objectives.filter(([, y]) => y > window_[0] - 500), { class: "mode" });
    slice.line(likelihoods, { class: "likelihood" });
    slice.mark(top.exponent, top.objective, "diamond", { fill: "var(--map)", class: "estimate" }, 6);
    slice.mark(exponents[place], here, "circle", { class: "now" }, 6);
    if (objective > window_[0]) slice.mark(exponents[place], objective, "square", { class: "now" }, 6);
    slice.describe(`At σ = ${sigma(exponents[place])} the log-likelihood is ${format(here)}, with the log-prior ${nats(objective)} nats.`);
  }

  function drawMass(place) {
    mass.frame({ x: ends, y: [0, 1.1 * Math.max(...posterior.density)], placesX: powers });
    posterior.density.forEach((height, i) => mass.box(exponents[i] - cell / 2, 0, exponents[i] + cell / 2, height, { class: "band" }));
    mass.line([[exponents[place], 0], [exponents[place], 9]], { class: "drop" });
    mass.describe(`Posterior of the smaller standard deviation: no draw below ${format(10 ** posterior.least)}.`);
  }

  function drawRuns({ mle, map }) {
    const both = [...mle.log_likelihood, ...map.log_likelihood];
    const longest = Math.max(mle.log_likelihood.length, map.log_likelihood.length, 2);
    const range = panels.wider(both, 0.1);
    runs.frame({ x: [0, longest - 1], y: range[0] < range[1] ? range : [range[0] - 1, range[0] + 1] });
    for (const [run, style, shape, fill] of [[mle, "mle", "up", "var(--em)"], [map, "mode", "diamond", "var(--map)"]]) {
      const steps = run.log_likelihood.map((value, step) => [step, value]);
      runs.line(steps, { class: style });
      steps.forEach(([step, value]) => runs.mark(step, value, shape, { fill, class: "estimate" }, 4));
      if (run.status === "collapsed") runs.mark(...steps.at(-1), "cross", { class: "collapsed" }, 8);
    }
    ending.replaceChildren();
    draw.add(ending, "strong", {}, mle.status === "collapsed" ? `EM from here: collapsed (${mle.reason}), ` : `EM from here: ${mle.status}, `);
    const where = mle.status === "collapsed" ? "" : ` at σ = ${format(10 ** mle.exponent)}`;
    ending.append(`after ${mle.steps} ${mle.steps === 1 ? "step" : "steps"}${where}. With the prior, from the same start: ${map.status} after ${map.steps} steps at σ = ${format(10 ** map.exponent)}.`);
    runs.describe(ending.textContent);
  }

  function show(place) {
    const width = widths[place];
    output.textContent = `Log-likelihood ${format(width.log_likelihood)}, with the log-prior ${nats(width.objective)} nats`;
    drawDensity(width);
    drawSlice(place);
    drawMass(place);
    drawRuns(width);
  }
  const widen = slider(bar, {
    label: "Width σ", last: exponents.length - 1, start: exponents.length - 6, printed: Math.round(exponents.length * 0.6),
    words: (place) => `σ = ${sigma(exponents[place])}`, changed: show,
  });
};
