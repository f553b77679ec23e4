// needs: panels.js
/* The posterior draw by draw: their densities, the band that they make, each mean with MLE, MAP and posterior mean,
   and EM's path among them. */
const posterior = (root, scene, across, top) => {
  const { data, truth, path } = scene;
  const { draws, mle, map, mean } = scene.posterior;
  const xs = gaussian.grid(across, 121);
  const densities = draws.map((mixture) => xs.map((x) => gaussian.density(x, mixture)));
  const FEWEST = 20;

  draw.add(root, "h2", {}, "The posterior: many points, by belief");
  const bar = draw.add(root, "div");
  const redraw = () => controls && controls.redraw();
  const density = draw.panel(root, { title: "The draws, and the band that holds 95 % of them", x: "x", y: "density", redraw });
  draw.key(root, [
    [{ line: { class: "draw" } }, "a draw"],
    [{ area: { class: "band" } }, "95 % band"],
    [{ line: { class: "mle" } }, "EM’s answer (MLE)"],
    ...(truth ? [[{ line: { class: "truth" } }, "truth"]] : []),
  ]);
  const strip = draw.panel(root, { title: "The two means, each draw a dot", x: "x", height: 0.5, left: 66, redraw });
  draw.key(root, [
    [{ mark: "circle", class: "dot" }, "a draw"],
    [{ mark: "up", fill: "var(--em)" }, "MLE"],
    [{ mark: "diamond", fill: "var(--map)" }, "MAP"],
    [{ mark: "square", fill: "var(--posterior)" }, "posterior mean"],
  ]);

  const joint = draw.panel(root, { title: "Both means at once: EM’s path among the draws", x: "mean 1", y: "mean 2", height: 0.6, redraw });
  draw.key(root, [
    [{ line: { class: "route" } }, "EM’s path so far"],
    [{ mark: "circle", class: "now" }, "EM now"],
  ]);
  const places = [0, 1].map((k) => panels.wider([...path, ...draws].map(({ means }) => means[k])));
  let step = 0;

  const quantile = (sorted, share) => {
    const at = share * (sorted.length - 1);
    const below = Math.floor(at);
    return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  };

  function showDensity(count) {
    panels.frame(density, across, top);
    if (count >= FEWEST) {
      const columns = xs.map((_, i) => densities.slice(0, count).map((values) => values[i]).sort((a, b) => a - b));
      density.area(xs.map((x, i) => [x, quantile(columns[i], 0.025)]), xs.map((x, i) => [x, quantile(columns[i], 0.975)]), { class: "band" });
    }
    densities.slice(Math.max(0, count - FEWEST), count).forEach((values, i, shown) => {
      const newest = i === shown.length - 1;
      density.line(xs.map((x, j) => [x, values[j]]), { class: newest ? "draw newest" : "draw" });
    });
    if (truth) density.line(panels.curve(xs, (x) => gaussian.density(x, truth)), { class: "truth" });
    density.line(panels.curve(xs, (x) => gaussian.density(x, mle)), { class: "mle" });
    panels.points(density, data);
    density.describe(`Densities of ${count} posterior draws with EM's answer${count >= FEWEST ? " and the band that holds 95 % of them" : ""}.`);
  }

  function showMeans(count) {
    strip.frame({ x: across, y: [0, mle.means.length], ticksY: false });
    mle.means.forEach((_, k) => {
      const base = mle.means.length - 1 - k;
      draws.slice(0, count).forEach((mixture, i) => {
        strip.mark(mixture.means[k], base + 0.12 + 0.4 * ((i * 0.618) % 1), "circle", { class: "dot" }, 2.6);
      });
      strip.line([[across[0], base], [across[1], base]], { class: "axis" });
      for (const [estimate, shape, colour, height] of [[mle, "up", "--em", 0.84], [map, "diamond", "--map", 0.72], [mean, "square", "--posterior", 0.6]]) {
        strip.line([[estimate.means[k], base], [estimate.means[k], base + height]], { stroke: `var(${colour})`, "stroke-width": 1.5 });
        strip.mark(estimate.means[k], base + height, shape, { fill: `var(${colour})`, class: "estimate" }, 5.5);
      }
      strip.text(across[0], base + 0.8, `mean ${k + 1}`, { class: "label", dx: 4 });
    });
    strip.describe(mle.means.map((_, k) =>
      `Mean ${k + 1}: MLE ${draw.format(mle.means[k])}, MAP ${draw.format(map.means[k])}, posterior mean ${draw.format(mean.means[k])}.`).join(" "));
  }

  function showJoint(count) {
    joint.frame({ x: places[0], y: places[1] });
    for (const { means } of draws.slice(0, count)) joint.mark(...means, "circle", { class: "dot" }, 2.8);
    joint.line(path.slice(0, step + 1).map(({ means }) => means), { class: "route" });
    for (const { means } of path.slice(0, step + 1)) joint.mark(...means, "circle", { class: "route-point" }, 2.2);
    joint.mark(...map.means, "diamond", { fill: "var(--map)", class: "estimate" }, 5.5);
    joint.mark(...mean.means, "square", { fill: "var(--posterior)", class: "estimate" }, 5.5);
    joint.mark(...mle.means, "up", { fill: "var(--em)", class: "estimate" }, 6);
    joint.mark(...path[step].means, "circle", { class: "now" }, 6);
    joint.describe(`Both means: ${count} draws, and EM's path up to means ${path[step].means.map((value) => draw.format(value)).join(" and ")}.`);
  }

  const controls = draw.controls(bar, {
    label: "Posterior draws", last: draws.length, time: 120,
    show: (count) => {
      showDensity(count);
      showMeans(count);
      showJoint(count);
    },
    describe: (count) => (count === 0 ? `None of ${draws.length} draws yet` : `${count} of ${draws.length} draws`),
  });
  /* EM has come to this step. */
  return (to) => {
    step = to;
    showJoint(controls.step);
  };
};
