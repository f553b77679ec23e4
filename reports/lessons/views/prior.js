// needs: slider.js panels.js
/* One unknown share under a prior that can be dragged: likelihood, MAP and posterior, computed here. */
views.prior = (root, scene) => {
  const { truth, sizes, worth } = scene;
  const { format } = draw;
  const CELLS = 400;
  const shares = Array.from({ length: CELLS }, (_, i) => (i + 0.5) / CELLS);
  const across = panels.wider(scene.data, 0.06);
  const at = { size: 2, centre: 0.75, worth: 20 };
  let ready = false;
  let of = null;
  const redraw = () => ready && show();

  /* What does not change while the prior is dragged. */
  function likelihood(n) {
    const data = scene.data.slice(0, n);
    const densities = data.map((x) => [0, 1].map((k) => Math.exp(-0.5 * (x - truth.means[k]) ** 2 / truth.variances[k]) / Math.sqrt(2 * Math.PI * truth.variances[k])));
    const logs = shares.map((share) => densities.reduce((sum, [one, two]) => sum + Math.log(share * one + (1 - share) * two), 0));
    return { n, data, densities, logs };
  }

  /* EM for the share, with the prior as `strength` observations more of which `centre` are of the first component. */
  function climb({ n, densities }, centre, strength) {
    let share = 0.5;
    for (let step = 0; step < 5000; step += 1) {
      const expected = densities.reduce((sum, [one, two]) => sum + (share * one) / (share * one + (1 - share) * two), 0);
      const next = (expected + strength * centre) / (n + strength);
      if (Math.abs(next - share) < 1e-12) return next;
      share = next;
    }
    return share;
  }

  const logPrior = (share, centre, strength) => strength * (centre * Math.log(share) + (1 - centre) * Math.log(1 - share));
  function density(logs) {
    const largest = Math.max(...logs);
    const heights = logs.map((value) => Math.exp(value - largest));
    const whole = heights.reduce((sum, height) => sum + height, 0) / CELLS;
    return heights.map((height) => height / whole);
  }
  function posterior({ logs }, centre, strength) {
    const heights = density(logs.map((value, i) => value + logPrior(shares[i], centre, strength)));
    const mean = heights.reduce((sum, height, i) => sum + height * shares[i], 0) / CELLS;
    const variance = heights.reduce((sum, height, i) => sum + height * (shares[i] - mean) ** 2, 0) / CELLS;
    return { heights, mean, sd: Math.sqrt(variance) };
  }
  views.prior.answers = (n, centre, strength) => {
    const own = likelihood(n);
    const { mean, sd } = posterior(own, centre, strength);
    return { mle: climb(own, 0, 0), map: climb(own, centre, strength), mean, sd };
  };

  const bar = draw.add(root, "div");
  const output = draw.add(root, "output", { class: "step", "aria-live": "polite" });
  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "The prior" });
  const right = draw.add(columns, "section", { "aria-label": "What becomes of it" });
  const plane = draw.panel(left, { title: "The prior: drag the ring", x: "its mode m, the share it believes in", y: "worth s, in observations", height: 0.5, redraw });
  const curves = draw.panel(right, { title: "Prior, likelihood and posterior of the share", x: "share of component 1", y: "density", redraw });
  draw.key(right, [
    [{ line: { class: "belief" } }, "prior"],
    [{ line: { class: "likelihood" } }, "likelihood, as a density"],
    [{ line: { class: "posterior" } }, "posterior"],
    [{ mark: "up", fill: "var(--em)", class: "estimate" }, "MLE (EM)"],
    [{ mark: "diamond", fill: "var(--map)", class: "estimate" }, "MAP"],
    [{ mark: "square", fill: "var(--posterior)", class: "estimate" }, "posterior mean"],
    [{ line: { class: "truth" } }, "truth"],
  ]);
  const fall = draw.panel(right, { title: "As the prior grows stronger, at this m", x: "worth s", y: "share", height: 0.5, redraw });
  const points = draw.panel(left, { title: "The data, and the mixture at MAP", x: "x", y: "density", height: 0.5, redraw });
  draw.key(left, panels.densityKey(true));
  const ring = draw.handle(plane, {
    label: "The prior", step: 0.025,
    where: () => ({ x: at.centre, y: at.worth / worth }),
    moved: ({ x, y }) => {
      at.centre = Math.round(Math.max(0.01, Math.min(0.99, x)) * 1000) / 1000;
      at.worth = Math.round(y * worth * 10) / 10;
      redraw();
    },
    describe: () => `${format(at.centre)}, worth ${format(at.worth, 1)} observations`,
  });

  function show() {
    const mle = climb(of, 0, 0);
    const map = climb(of, at.centre, at.worth);
    const found = posterior(of, at.centre, at.worth);
    output.textContent =
      `Prior ${format(at.centre)} worth ${format(at.worth, 1)}, n = ${of.n}: EM ${format(mle, 3)}, MAP ${format(map, 3)}, posterior ${format(found.mean, 3)} ± ${format(found.sd, 3)}`;
    const quarters = [0, 1, 2, 3, 4].map((i) => [i / 4, String((i * worth) / 4)]);
    plane.frame({ x: [0, 1], y: [0, 1], placesY: quarters });
    plane.line([[mle, 0], [mle, 1]], { class: "mle" });
    plane.text(mle, 0.93, "EM", { class: "label", dx: 6 });
    ring.place();

    const lines = {
      belief: density(shares.map((share) => logPrior(share, at.centre, at.worth))), likelihood: density(of.logs), posterior: found.heights,
    };
    const top = 1.1 * Math.max(...Object.values(lines).flat());
    curves.frame({ x: [0, 1], y: [-0.1 * top, top], ticksY: false });
    curves.line([[0, 0], [1, 0]], { class: "axis" });
    const curve = (heights) => heights.map((height, i) => [shares[i], height]);
    curves.area(shares.map((share) => [share, 0]), curve(lines.posterior), { class: "band" });
    for (const [style, heights] of Object.entries(lines)) curves.line(curve(heights), { class: style });
    curves.line([[truth.weights[0], 0], [truth.weights[0], top]], { class: "truth" });
    curves.mark(found.mean, -0.05 * top, "square", { fill: "var(--posterior)", class: "estimate" }, 7);
    curves.mark(map, -0.05 * top, "diamond", { fill: "var(--map)", class: "estimate" }, 6);
    curves.mark(mle, -0.05 * top, "up", { fill: "var(--em)", class: "estimate" }, 6);
    curves.describe(output.textContent);

    const strengths = Array.from({ length: 31 }, (_, i) => (i * worth) / 30);
    fall.frame({ x: [0, worth], y: [0, 1] });
    fall.line([[at.worth, 0], [at.worth, 1]], { class: "drop" });
    fall.line([[0, mle], [worth, mle]], { class: "mle" });
    fall.line(strengths.map((strength) => [strength, climb(of, at.centre, strength)]), { class: "mode" });
    fall.line(strengths.map((strength) => [strength, posterior(of, at.centre, strength).mean]), { class: "posterior" });
    fall.mark(at.worth, mle, "up", { fill: "var(--em)", class: "estimate" }, 6);
    fall.mark(at.worth, map, "diamond", { fill: "var(--map)", class: "estimate" }, 6);
    fall.mark(at.worth, found.mean, "square", { fill: "var(--posterior)", class: "estimate" }, 6);
    fall.describe(`As the prior grows stronger MAP and posterior mean go from ${format(mle)} towards ${format(at.centre)}.`);

    const mixture = { ...truth, weights: [map, 1 - map] };
    const top2 = panels.highest([{ ...truth, weights: [1, 1] }], across);
    panels.density(points, { data: of.data, across, top: top2, mixture, shares: gaussian.responsibilities(of.data, mixture), truth });
    points.describe(`${of.n} observations with the mixture at MAP.`);
  }
  slider(bar, {
    label: "Observations n", last: sizes.length - 1, start: 2, printed: 2, words: (i) => `n = ${sizes[i]}`,
    changed: (to) => {
      at.size = to;
      of = likelihood(sizes[to]);
      redraw();
    },
  });
  ready = true;
  show();
};
