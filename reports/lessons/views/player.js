// needs: panels.js posterior.js
/* EM step by step, and beside it, on the same axes, the posterior draw by draw. */
views.player = (root, scene) => {
  const { data, truth, path } = scene;
  const across = panels.wider([...data, ...path.flatMap(({ means }) => means)], 0.08);
  const peaks = scene.posterior.draws.map((mixture) => panels.highest([mixture], across)).sort((a, b) => a - b);
  const top = Math.max(panels.highest([...path, ...(truth ? [truth] : [])], across), peaks[Math.floor(0.95 * peaks.length)]);
  const likelihoods = path.map((mixture) => gaussian.logLikelihood(data, mixture));
  let vary = "means 0";
  let follow = () => {};

  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "EM" });
  draw.add(left, "h2", {}, "EM: one point, climbing");
  const bar = draw.add(left, "div");
  const redraw = () => controls && controls.redraw();
  const density = draw.panel(left, { title: "The density at this step", x: "x", y: "density", redraw });
  draw.key(left, panels.densityKey(truth));
  const choice = draw.add(left, "div", { class: "controls" });
  const slice = draw.panel(left, { title: "One parameter varied: the bound touches at the ring", x: "the parameter varied", y: "nats", redraw });
  draw.choice(choice, "Vary", panels.PARAMETERS, (chosen) => {
    vary = chosen;
    redraw();
  });
  draw.key(left, panels.sliceKey());
  const climb = draw.panel(left, { title: "The log-likelihood, step by step", x: "step", y: "nats", height: 0.42, redraw });

  function show(step) {
    const mixture = path[step];
    const shares = gaussian.responsibilities(data, mixture);
    panels.density(density, { data, across, top, mixture, shares, truth });
    density.describe(`Density at step ${step}: means ${mixture.means.map((m) => draw.format(m)).join(" and ")}.`);
    const range = vary.startsWith("weights") ? [0, 1] : across;
    const found = panels.slice(slice, { data, mixture, shares, vary, range });
    slice.describe(
      `Along ${panels.PARAMETERS[vary]} the bound touches the log-likelihood at ${draw.format(found.here)} nats, and is highest at ${draw.format(found.answer)}.`,
    );
    panels.climb(climb, [{ values: likelihoods, style: { class: "likelihood" }, mark: "circle" }], step);
    follow(step);
    climb.describe(`Log-likelihood up to step ${step}: ${draw.format(likelihoods[step])} nats.`);
  }
  const controls = draw.controls(bar, {
    label: "EM’s steps", last: path.length - 1, show, printed: scene.printed,
    describe: (step) => `Step ${step} of ${path.length - 1}: log-likelihood ${draw.format(likelihoods[step], 6)}`,
  });

  const right = draw.add(columns, "section", { "aria-label": "The posterior" });
  follow = posterior(right, scene, across, top);
  follow(0);
};
