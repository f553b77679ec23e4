// needs: panels.js
/* A chain that switches its labels, and the same draws relabelled. */
views.switching = (root, scene) => {
  const { data, draws, turned, truth } = scene;
  const across = panels.wider(data, 0.1);
  const swapped = (mixture) => Object.fromEntries(Object.entries(mixture).map(([name, values]) => [name, [...values].reverse()]));
  const relabelledDraws = draws.map((mixture, i) => (turned[i] ? swapped(mixture) : mixture));
  const spread = draws.flatMap(({ means }) => means).sort((a, b) => a - b);
  const range = panels.wider([spread[Math.floor(0.005 * spread.length)], spread[Math.floor(0.995 * spread.length)]], 0.15);
  const BINS = 36;
  let relabelled = false;
  const shown = () => (relabelled ? relabelledDraws : draws);

  const bar = draw.add(root, "div");
  const redraw = () => controls && controls.redraw();
  const choose = draw.add(root, "div", { class: "switches" });
  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "The trace" });
  draw.add(left, "h2", {}, "What depends on the labels");
  const trace = draw.panel(left, { title: "The two means, draw after draw", x: "draw", y: "mean", height: 0.5, redraw });
  const marginal = draw.panel(left, { title: "How often each mean took each value", x: "mean", y: "share of draws", height: 0.5, redraw });
  const means = draw.add(left, "p", { class: "step", id: "posterior-means" });
  draw.key(left, [
    [{ mark: "circle", fill: panels.LOOKS[0].colour }, "mean 1"],
    [{ mark: "square", fill: panels.LOOKS[1].colour }, "mean 2"],
    [{ line: { stroke: panels.LOOKS[0].colour, "stroke-width": 2.5 } }, "values of mean 1"],
    [{ line: { stroke: panels.LOOKS[1].colour, "stroke-width": 2.5, "stroke-dasharray": "7 3" } }, "values of mean 2"],
  ]);
  const right = draw.add(columns, "section", { "aria-label": "The density" });
  draw.add(right, "h2", {}, "What does not: the density");
  const density = draw.panel(right, { title: "The density of each draw, and their mean", x: "x", y: "density", redraw });
  draw.key(right, [
    [{ line: { class: "draw" } }, "a draw"], [{ line: { class: "draw newest" } }, "mean of the draws so far"], [{ line: { class: "truth" } }, "truth"],
  ]);
  const xs = gaussian.grid(across, 121);
  const top = panels.highest([truth], across) * 1.6;

  function showTrace(count) {
    trace.frame({ x: [0, draws.length], y: range });
    shown().slice(0, count).forEach((mixture, i) => {
      mixture.means.forEach((mean, k) => {
        if (mean > range[0] && mean < range[1]) trace.mark(i + 1, mean, panels.LOOKS[k].mark, { fill: panels.LOOKS[k].colour, class: "faint" }, 2.8);
      });
    });
    trace.describe(`Trace of ${count} draws, ${relabelled ? "relabelled: each mean stays in its band" : `as drawn: the labels changed places ${changes(count)} times`}.`);
  }
  function showMarginal(count) {
    const width = (range[1] - range[0]) / BINS;
    const shares = [0, 1].map((k) => {
      const bins = new Array(BINS).fill(0);
      for (const mixture of shown().slice(0, count)) {
        const bin = Math.floor((mixture.means[k] - range[0]) / width);
        if (bin >= 0 && bin < BINS) bins[bin] += 1 / count;
      }
      return bins;
    });
    marginal.frame({ x: range, y: [0, Math.max(0.05, ...shares.flat()) * 1.1] });
    shares.forEach((bins, k) => {
      const steps = bins.flatMap((share, i) => [[range[0] + i * width, share], [range[0] + (i + 1) * width, share]]);
      const look = { stroke: panels.LOOKS[k].colour, "stroke-width": 2.4, "stroke-dasharray": panels.LOOKS[k].dashes };
      marginal.area(steps.map(([x]) => [x, 0]), steps, { fill: panels.LOOKS[k].colour, opacity: 0.14 });
      marginal.line(steps, look);
    });
    const average = [0, 1].map((k) => shown().slice(0, count).reduce((sum, mixture) => sum + mixture.means[k], 0) / count);
    if (count) average.forEach((mean, k) => marginal.mark(mean, 0, "up", { fill: panels.LOOKS[k].colour, class: "estimate" }, 6));
    means.textContent = count ? `Posterior means so far: mean 1 is ${draw.format(average[0])}, mean 2 is ${draw.format(average[1])}` : "";
    marginal.describe(`Histogram of both means over ${count} draws. ${means.textContent}`);
  }
  function showDensity(count) {
    panels.frame(density, across, top);
    const part = shown().slice(0, count);
    const curves = part.map((mixture) => xs.map((x) => gaussian.density(x, mixture)));
    curves.slice(-60).forEach((values) => density.line(xs.map((x, i) => [x, values[i]]), { class: "draw" }));
    if (count) density.line(xs.map((x, i) => [x, curves.reduce((sum, values) => sum + values[i], 0) / count]), { class: "draw newest" });
    density.line(panels.curve(xs, (x) => gaussian.density(x, truth)), { class: "truth" });
    panels.points(density, data);
    density.describe(`Densities of ${count} draws and their mean; the same with and without relabelling.`);
  }
  const changes = (count) => turned.slice(1, count).filter((value, i) => value !== turned[i]).length;

  const controls = draw.controls(bar, {
    label: "Draws", last: draws.length, start: draws.length, time: 120, stride: 3,
    show: (count) => {
      showTrace(count);
      showMarginal(count);
      showDensity(count);
    },
    describe: (count) => `${count} of ${draws.length} draws: the labels changed places ${changes(count)} times`,
  });
  draw.toggle(choose, "Relabel the draws", (on) => {
    relabelled = on;
    redraw();
  });
};
