// needs: slider.js panels.js
/* One or two Poissons fitted to counts that come from neither: how both methods agree, and what replicates say. */
views.agreement = (root, scene) => {
  const { sizes, cells } = scene;
  const { format } = draw;
  const MODELS = { 0: "one Poisson", 1: "a mixture of two" };
  const CHECKS = { variance: "variance of the counts", zeros: "share of zeros", largest: "largest count" };
  const at = { model: 0, size: 0, check: "variance" };
  let ready = false;
  const redraw = () => ready && show();

  draw.add(root, "p", { class: "soft" }, `Computed beforehand: one data set with mean ${scene.mean} and variance ${scene.mean + scene.mean ** 2 / scene.shape}, of which every size takes the first n counts.`);
  const bar = draw.add(root, "div");
  const row = draw.add(root, "div", { class: "controls" });
  draw.choice(row, "Fit", MODELS, (chosen) => {
    at.model = Number(chosen);
    redraw();
  });
  draw.choice(row, "Ask for", CHECKS, (chosen) => {
    at.check = chosen;
    redraw();
  });
  const output = draw.add(root, "output", { class: "step", "aria-live": "polite" });
  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "Do they agree?" });
  draw.add(left, "h2", {}, "Do EM and the posterior agree?");
  const data = draw.panel(left, { title: "Counts, and what was fitted", x: "count", y: "share", redraw });
  draw.key(left, [
    [{ area: { class: "bar" } }, "data"],
    [{ line: { class: "mle" } }, "EM (MLE)"],
    [{ area: { class: "band" } }, "posterior, 95 % band"],
  ]);
  const scroll = draw.add(left, "div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Both answers" });
  const table = draw.add(scroll, "table");
  const right = draw.add(columns, "section", { "aria-label": "Does the model fit?" });
  draw.add(right, "h2", {}, "Does the model fit?");
  const check = draw.panel(right, { title: "The same figure of 100 replicates", x: "figure", height: 0.42, redraw });
  draw.key(right, [
    [{ mark: "circle", class: "dot" }, "a replicate that the posterior makes"],
    [{ line: { class: "observed" } }, "the data"],
  ]);
  const words = draw.add(right, "p", { class: "found" });
  const list = draw.add(right, "ul", { class: "checks" });

  const beyond = ({ observed, replicates }) =>
    Math.min(replicates.filter((value) => value >= observed).length, replicates.filter((value) => value <= observed).length);

  function showData(cell) {
    const top = 1.08 * Math.max(...cell.histogram, ...cell.upper);
    data.frame({ x: [-0.6, cell.histogram.length - 0.4], y: [0, top] });
    cell.histogram.forEach((share, x) => data.box(x - 0.42, 0, x + 0.42, share, { class: "bar" }));
    data.area(cell.lower.map((y, x) => [x, y]), cell.upper.map((y, x) => [x, y]), { class: "band" });
    data.line(cell.mle.map((y, x) => [x, y]), { class: "mle" });
    data.describe(`Histogram of ${sizes[at.size]} counts with ${MODELS[at.model]} fitted to them.`);
  }

  function showTable(cell) {
    table.replaceChildren();
    const head = draw.add(draw.add(table, "thead"), "tr");
    for (const name of ["", "MLE", "posterior", "shift"]) draw.add(head, name ? "th" : "td", name ? { scope: "col" } : { class: "name" }, name);
    const body = draw.add(table, "tbody");
    for (const { name, mle, mean, sd, shift } of cell.agreed) {
      const line = draw.add(body, "tr");
      draw.add(line, "th", { scope: "row", class: "name" }, name);
      for (const text of [format(mle), `${format(mean)} ± ${format(sd)}`, `${format(shift)} sd`]) draw.add(line, "td", {}, text);
    }
  }

  function showCheck(cell) {
    const { observed, replicates } = cell.checks[at.check];
    check.frame({ x: panels.wider([observed, ...replicates], 0.08), y: [0, 1], ticksY: false, label: CHECKS[at.check] });
    replicates.forEach((value, i) => check.mark(value, 0.12 + 0.76 * ((i * 0.618) % 1), "circle", { class: "dot" }, 3.4));
    check.line([[observed, 0], [observed, 1]], { class: "observed" });
    const count = beyond(cell.checks[at.check]);
    const decimals = at.check === "largest" ? 0 : at.check === "zeros" ? 3 : 1;
    words.textContent =
      `The ${CHECKS[at.check]} is ${format(observed, decimals)}; ` +
      (count === 0 ? "no replicate has one as far out: the model does not make data like these." : `${count} of 100 replicates have one as far out or farther, on that side.`);
    check.describe(words.textContent);
    list.replaceChildren();
    for (const [name, called] of Object.entries(CHECKS)) {
      draw.add(list, "li", {}, `${called}: ${beyond(cell.checks[name]) === 0 ? "contradicts the model" : "nothing found"}`);
    }
  }

  function show() {
    const cell = cells[at.model][at.size];
    const worst = Math.max(...cell.agreed.map(({ shift }) => Math.abs(shift)));
    const found = Object.keys(CHECKS).filter((name) => beyond(cell.checks[name]) === 0);
    output.textContent =
      `n = ${sizes[at.size]}: EM and the posterior ${worst > scene.differs ? "differ" : "agree"} (largest shift ${format(worst)} posterior sd), and ` +
      (found.length ? `the model does not fit (${found.map((name) => CHECKS[name]).join(", ")})` : "no check finds anything");
    showData(cell);
    showTable(cell);
    showCheck(cell);
  }
  slider(bar, {
    label: "Observations n", last: sizes.length - 1, start: 1, printed: 3, words: (i) => `n = ${sizes[i]}`,
    changed: (to) => {
      at.size = to;
      redraw();
    },
  });
  ready = true;
  show();
};
