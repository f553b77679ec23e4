// needs: panels.js
/* A map of starts with a ring to drag about it; EM runs from there in the page. */
views.starting = (root, scene) => {
  const { data, limits, optima, cells, deviation, steps, same } = scene;
  const across = [limits[0] - 1, limits[1] + 1];
  const names = optima.map((_, i) => String.fromCharCode(65 + i));
  const top = panels.highest(optima, across);
  const cell = (limits[1] - limits[0]) / cells.length;
  let start = { x: scene.start[0], y: scene.start[1] };
  let run = climb(start);

  function climb({ x, y }) {
    const path = [{ weights: [0.5, 0.5], means: [x, y], variances: [deviation ** 2, deviation ** 2] }];
    const likelihoods = [gaussian.logLikelihood(data, path[0])];
    while (path.length <= steps) {
      path.push(gaussian.step(data, path.at(-1)));
      likelihoods.push(gaussian.logLikelihood(data, path.at(-1)));
      if (path.length > 10 && likelihoods.at(-1) - likelihoods.at(-6) < 1e-6) break;
    }
    const last = likelihoods.at(-1);
    const end = optima.findIndex((optimum) => Math.abs(optimum.log_likelihood - last) < 20 * same);
    return { path, likelihoods, end };
  }
  const ending = () => (run.end < 0 ? "at none of the places on the map" : `at ${names[run.end]}`);

  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "The map of starts" });
  draw.add(left, "h2", {}, "Where to start: drag the ring");
  const redraw = () => controls && controls.redraw();
  const map = draw.panel(left, { title: "Each start, shaded by the place where EM ends", x: "mean 1", y: "mean 2", height: 0.85, redraw });
  draw.key(left, [
    ...optima.map((optimum, i) => [
      { area: { class: `basin basin-${i}` } },
      `${names[i]}: ends at means ${optimum.means.map((mean) => draw.format(mean, 1)).join(" and ")}, log-likelihood ${draw.format(optimum.log_likelihood, 1)}`,
    ]),
    [{ line: { class: "route" } }, "EM’s path"],
    [{ mark: "circle", class: "now" }, "EM now"],
  ]);
  const right = draw.add(columns, "section", { "aria-label": "EM from there" });
  draw.add(right, "h2", {}, "EM from there");
  const bar = draw.add(right, "div");
  const density = draw.panel(right, { title: "The density at this step", x: "x", y: "density", redraw });
  draw.key(right, panels.densityKey(false));
  const chart = draw.panel(right, { title: "The log-likelihood, and the height of each place to end", x: "step", y: "nats", height: 0.45, redraw });

  function restart(where) {
    start = where;
    run = climb(start);
    controls.restart(run.path.length - 1);
    controls.go(run.path.length - 1);
  }
  const ring = draw.handle(map, {
    label: "Start of EM", where: () => start, moved: restart, step: cell / 2,
    describe: () => `means ${draw.format(start.x)} and ${draw.format(start.y)}; EM ends ${ending()}`,
  });
  map.svg.addEventListener("pointerdown", (event) => {
    if (ring.element.contains(event.target)) return;
    const { x, y } = map.at(event);
    if (Math.min(x, y) >= limits[0] && Math.max(x, y) <= limits[1]) restart({ x, y });
  });

  function showMap(step) {
    map.frame({ x: limits, y: limits });
    cells.forEach((row, j) => {
      let from = 0;
      row.forEach((end, i) => {
        if (row[i + 1] === end) return;
        map.box(limits[0] + from * cell, limits[0] + j * cell, limits[0] + (i + 1) * cell, limits[0] + (j + 1) * cell, { class: `basin basin-${end}` });
        from = i + 1;
      });
    });
    for (const [i, { means }] of optima.entries()) {
      for (const [x, y] of [means, [...means].reverse()]) {
        map.text(x, y, names[i], { class: "place", "text-anchor": "middle", dy: 5 });
      }
    }
    map.line(run.path.map(({ means }) => means), { class: "route" });
    for (const { means } of run.path) map.mark(...means, "circle", { class: "route-point" }, 2.2);
    map.mark(...run.path[step].means, "circle", { class: "now" }, 5.5);
    map.svg.setAttribute("aria-label", `Map of starts. From means ${draw.format(start.x)} and ${draw.format(start.y)} EM ends ${ending()}.`);
    ring.place();
  }
  function show(step) {
    const mixture = run.path[step];
    showMap(step);
    panels.density(density, { data, across, top, mixture, shares: gaussian.responsibilities(data, mixture) });
    density.describe(`Density at step ${step}: means ${mixture.means.map((mean) => draw.format(mean)).join(" and ")}.`);
    const shown = [...run.likelihoods.slice(1), ...optima.map((optimum) => optimum.log_likelihood)];
    chart.frame({ x: [0, run.path.length - 1], y: panels.wider(shown, 0.15) });
    optima.forEach((optimum, i) => {
      chart.line([[0, optimum.log_likelihood], [run.path.length - 1, optimum.log_likelihood]], { class: "drop" });
      chart.text(run.path.length - 1, optimum.log_likelihood, names[i], { "text-anchor": "end", dx: -14 - 22 * i, dy: -4, class: "place" });
    });
    chart.line(run.likelihoods.map((value, t) => [t, value]), { class: "likelihood", opacity: 0.35 });
    chart.line(run.likelihoods.slice(0, step + 1).map((value, t) => [t, value]), { class: "likelihood" });
    if (step > 0) chart.mark(step, run.likelihoods[step], "circle", { class: "now" }, 6);
    chart.describe(`Log-likelihood up to step ${step}: ${draw.format(run.likelihoods[step])} nats.`);
  }
  const controls = draw.controls(bar, {
    label: "EM’s steps", last: run.path.length - 1, start: run.path.length - 1, time: 350, show,
    describe: (step) => `From ${draw.format(start.x)} and ${draw.format(start.y)} EM ends ${ending()}. Step ${step} of ${run.path.length - 1}: log-likelihood ${draw.format(run.likelihoods[step], 6)}`,
  });
};
