// needs: panels.js
/* Two EMs side by side from one start, the one with the weights in its E-step and the one without. */
views.forgotten = (root, scene) => {
  const { data, truth, right, wrong } = scene;
  const across = panels.wider(data, 0.06);
  const top = panels.highest([truth, ...right.slice(1), ...wrong.slice(1)], across);
  const programs = [
    { title: "With the weights: γ ∝ π · p(x)", path: right, shares: gaussian.responsibilities, style: { class: "likelihood" }, mark: "circle" },
    { title: "Without them: γ ∝ p(x), the bug", path: wrong, shares: gaussian.withoutWeights, style: { class: "likelihood wrong" }, mark: "square" },
  ];
  for (const program of programs) program.values = program.path.map((mixture) => gaussian.logLikelihood(data, mixture));
  const last = Math.max(right.length, wrong.length) - 1;
  let vary = "means 0";

  const bar = draw.add(root, "div");
  const redraw = () => controls && controls.redraw();
  const choose = draw.add(root, "div", { class: "controls" });
  draw.choice(choose, "In the lower pictures vary", panels.PARAMETERS, (chosen) => {
    vary = chosen;
    redraw();
  });
  const columns = draw.add(root, "div", { class: "columns" });
  for (const program of programs) {
    const section = draw.add(columns, "section", { "aria-label": program.title });
    draw.add(section, "h2", {}, program.title);
    program.density = draw.panel(section, { title: "The density at this step", x: "x", y: "density", height: 0.5, redraw });
    program.slice = draw.panel(section, { title: "One parameter varied: does the bound touch?", x: "the parameter varied", y: "nats", height: 0.5, redraw });
    program.says = draw.add(section, "p", { class: "step" });
  }
  draw.key(root, [...panels.densityKey(true), ...panels.sliceKey()]);
  const climb = draw.panel(root, { title: "The log-likelihood of both, computed as it should be", x: "step", y: "nats", height: 0.4, redraw });
  draw.key(root, [
    [{ line: { class: "likelihood" }, mark: "circle", class: "now" }, "with the weights"],
    [{ line: { class: "likelihood wrong" }, mark: "square", class: "now" }, "without"],
  ]);
  table();

  function show(step) {
    for (const program of programs) {
      const mixture = program.path[Math.min(step, program.path.length - 1)];
      const shares = program.shares(data, mixture);
      panels.density(program.density, { data, across, top, mixture, shares, truth });
      program.density.describe(`${program.title}, step ${step}: means ${mixture.means.map((mean) => draw.format(mean)).join(" and ")}.`);
      const range = vary.startsWith("weights") ? [0, 1] : across;
      const { here, touch } = panels.slice(program.slice, { data, mixture, shares, vary, range });
      const gap = Math.abs(here - touch);
      program.says.textContent = gap < 1e-9 * Math.abs(here) ? "The bound touches." : `The bound stays ${draw.format(gap)} nats below.`;
      program.slice.describe(`${program.title}: ${program.says.textContent}`);
    }
    // The start lies so far below the rest that it would flatten the curves.
    panels.climb(climb, programs.map(({ values, style, mark }) => ({ values: values.slice(1), style, mark })), Math.max(0, step - 1), 1);
    climb.describe(`Log-likelihoods at step ${step}: ${at(step).join(" and ")} nats.`);
  }
  const at = (step) => programs.map(({ values }) => draw.format(values[Math.min(step, values.length - 1)], 6));

  function table() {
    const scroll = draw.add(root, "div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Where both end" });
    const made = draw.add(scroll, "table");
    const head = draw.add(draw.add(made, "thead"), "tr");
    for (const name of ["Where both end", "truth", "with the weights", "without", "off by"]) draw.add(head, "th", { scope: "col", class: name.startsWith("Where") ? "name" : null }, name);
    const body = draw.add(made, "tbody");
    const ends = [truth, right.at(-1), wrong.at(-1)];
    const rows = [
      ["weight 1", ({ weights }) => weights[0]], ["mean 1", ({ means }) => means[0]], ["mean 2", ({ means }) => means[1]],
      ["standard deviation 1", ({ variances }) => Math.sqrt(variances[0])], ["standard deviation 2", ({ variances }) => Math.sqrt(variances[1])],
      ["log-likelihood", (mixture) => gaussian.logLikelihood(data, mixture)],
    ];
    for (const [name, of] of rows) {
      const row = draw.add(body, "tr");
      draw.add(row, "th", { scope: "row", class: "name" }, name);
      const values = ends.map(of);
      for (const value of [...values, values[2] - values[1]]) draw.add(row, "td", {}, draw.format(value));
    }
    draw.add(root, "p", { class: "soft" }, "“Off by” is the difference between the two programs, not between either and the truth, which 200 observations do not tell exactly.");
  }

  const controls = draw.controls(bar, {
    label: "Steps of both", last, show, printed: scene.printed,
    describe: (step) => `Step ${step} of ${last}: log-likelihood ${at(step)[0]} with the weights, ${at(step)[1]} without`,
  });
};
