// needs: stacks.js
/* EM, variational Bayes and Gibbs on the same counts from the same start, and the exact posterior behind them. */
views.three_ways = (root, scene) => {
  const { counts, em, variational, gibbs, plane } = scene;
  const { format } = draw;
  const last = gibbs.length - 1;
  const at = (path, step) => path[Math.min(step, path.length - 1)];
  const logs = (values) => values.map(Math.log);
  const METHODS = [
    {
      name: "EM", title: "EM: averages z at one point", path: em,
      shares: (now) => stacks.responsibilities(counts, { logWeights: logs(now.weights), logRates: logs(now.rates), rates: now.rates }),
    },
    {
      name: "variational", title: "Variational: averages both, apart", path: variational,
      shares: (now) => stacks.responsibilities(counts, { logWeights: now.log_weights, logRates: now.log_rates, rates: now.rates }),
    },
    { name: "Gibbs", title: "Gibbs: draws z", path: gibbs, shares: (now) => [...now.labels].map((label) => (label === "0" ? [1, 0] : [0, 1])) },
  ];

  const bar = draw.add(root, "div");
  const columns = draw.add(root, "div", { class: "columns three" });
  const redraw = () => controls && controls.redraw();
  for (const method of METHODS) {
    const section = draw.add(columns, "section", { "aria-label": method.title });
    draw.add(section, "h2", {}, method.title);
    method.stack = draw.panel(section, { title: "The counts and their labels", x: "count", height: 0.62, redraw });
    method.plane = draw.panel(section, { title: "Both rates", x: "lower rate", y: "higher rate", height: 0.8, left: 50, redraw });
  }
  draw.key(root, [
    [{ mark: "circle", fill: "var(--one)", class: "point" }, "a count of component 1"],
    [{ mark: "circle", fill: panels.blended([0.5]), class: "point" }, "of either, half and half"],
    [{ mark: "square", fill: "var(--two)", class: "point" }, "of component 2"],
    [{ line: { stroke: "var(--one)", "stroke-width": 2.2 } }, "rate 1"],
    [{ line: { stroke: "var(--two)", "stroke-width": 2.2, "stroke-dasharray": "7 3" } }, "rate 2"],
    [{ area: { class: "cell", opacity: 0.5 } }, "exact posterior"],
    [{ line: { class: "route" } }, "the way so far"],
    [{ line: { class: "ellipse" } }, "two standard deviations of q"],
    [{ mark: "circle", class: "now" }, "now"],
  ]);
  table();

  function cells(panel) {
    panel.frame({ x: plane.x, y: plane.y });
    const wide = (plane.x[1] - plane.x[0]) / plane.cells.length;
    const tall = (plane.y[1] - plane.y[0]) / plane.cells.length;
    plane.cells.forEach((row, i) => row.forEach((share, j) => {
      if (share === 0) return;
      panel.box(plane.x[0] + i * wide, plane.y[0] + j * tall, plane.x[0] + (i + 1) * wide, plane.y[0] + (j + 1) * tall, { class: "cell", opacity: 0.6 * share });
    }));
  }

  function showPlane({ plane: panel, path }, step) {
    cells(panel);
    const way = path.slice(0, step + 1).map(({ rates }) => rates);
    const now = at(path, step);
    if (path === gibbs) {
      for (const rates of way) panel.mark(...rates, "circle", { class: "chain" }, 2.6);
      panel.line(way.slice(-4), { class: "route" });
    } else {
      panel.line(way, { class: "route" });
      for (const rates of way) panel.mark(...rates, "circle", { class: "route-point" }, 2);
    }
    if (now.deviations) {
      const around = Array.from({ length: 61 }, (_, i) => (2 * Math.PI * i) / 60);
      panel.line(around.map((angle) => [now.rates[0] + 2 * now.deviations[0] * Math.cos(angle), now.rates[1] + 2 * now.deviations[1] * Math.sin(angle)]), { class: "ellipse" });
    }
    panel.mark(...now.rates, "circle", { class: "now" }, 6);
  }

  const rates = ({ rates }) => rates.map((rate) => format(rate)).join(" and ");

  function table() {
    const scroll = draw.add(root, "div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "What each says in the end" });
    const made = draw.add(scroll, "table");
    const head = draw.add(draw.add(made, "thead"), "tr");
    for (const name of ["In the end", "EM", "variational", "Gibbs, 4000 steps", "exact posterior"]) draw.add(head, "th", { scope: "col", class: name === "In the end" ? "name" : null }, name);
    const body = draw.add(made, "tbody");
    for (const row of scene.table) {
      const line = draw.add(body, "tr");
      draw.add(line, "th", { scope: "row", class: "name" }, row.name);
      for (const method of ["em", "variational", "gibbs", "exact"]) {
        const [centre, width] = row[method];
        draw.add(line, "td", {}, width === null ? format(centre) : `${format(centre)} ± ${format(width)}`);
      }
    }
    draw.add(root, "p", { class: "soft" }, "Means and standard deviations; EM has a point alone. Gibbs has a Monte Carlo error, which falls as its steps go on.");
  }

  function show(step) {
    for (const method of METHODS) {
      const now = at(method.path, step);
      stacks.show(method.stack, counts, method.shares(now), now.rates);
      method.stack.describe(`${method.title}, step ${step}: rates ${rates(now)}.`);
      showPlane(method, step);
      method.plane.describe(`${method.title}: the way of both rates up to ${rates(now)}.`);
    }
  }
  const controls = draw.controls(bar, {
    label: "Steps of all three", last, show, printed: scene.printed, time: 350,
    describe: (step) => `Step ${step} of ${last}: rates ${METHODS.map(({ name, path }) => `${rates(at(path, step))} (${name})`).join(", ")}`,
  });
};
