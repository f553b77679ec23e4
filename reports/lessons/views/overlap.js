// needs: panels.js slider.js
/* MLE, MAP and posterior of two Poissons for one size and one separation out of a grid that was computed beforehand. */
views.overlap = (root, scene) => {
  const { sizes, separations, rows } = scene;
  const { format } = draw;
  const NAMES = { difference: "difference of the rates", share: "share of the lower rate’s component" };
  const at = { size: 0, separation: 0, ready: false };

  draw.add(root, "p", { class: "soft" }, `Computed beforehand${scene.seed === null ? "" : ` with seed ${scene.seed}`}: one sample for each separation, of which the smaller sizes are the first counts. The MLE is the best of ${scene.starts} starts of EM. Another seed gives other samples.`);
  const bar = draw.add(root, "div");
  const output = draw.add(root, "output", { class: "step", "aria-live": "polite" });
  const columns = draw.add(root, "div", { class: "columns" });
  const left = draw.add(columns, "section", { "aria-label": "The data" });
  const right = draw.add(columns, "section", { "aria-label": "The parameters" });
  const redraw = () => at.ready && show();
  const data = draw.panel(left, { title: "The counts, EM’s mixture and the posterior’s band", x: "count", y: "share", redraw });
  draw.key(left, [
    [{ area: { class: "bar" } }, "share of the counts"],
    [{ line: { class: "mle" } }, "mixture at the MLE"],
    [{ area: { class: "band" } }, "posterior, 95 % at each count"],
  ]);
  const caption = draw.add(left, "p", { class: "caption" });
  draw.add(left, "p", { class: "soft" }, `The shift of the MLE from the posterior mean in posterior sd, of the difference and below it of the share. In bold what is more than ${scene.differs} off.`);
  const scroll = draw.add(left, "div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "The shift everywhere on the grid" });
  const table = draw.add(scroll, "table", { class: "shifts", "aria-label": "Shift of difference and share by separation and n" });
  const shown = {};
  for (const name of Object.keys(NAMES)) {
    shown[name] = draw.panel(right, { title: `Posterior of the ${NAMES[name]}`, x: NAMES[name], y: "density", height: 0.5, redraw });
    shown[name].words = draw.add(right, "p", { class: "found" });
  }
  draw.key(right, [
    [{ line: { class: "posterior" } }, "posterior"],
    [{ line: { class: "normal" } }, "normal about the MLE, as wide as the standard error"],
    [{ mark: "up", fill: "var(--em)", class: "estimate" }, "MLE"],
    [{ mark: "diamond", fill: "var(--map)", class: "estimate" }, "MAP"],
    [{ mark: "square", fill: "var(--posterior)", class: "estimate" }, "posterior mean"],
    [{ line: { class: "truth" } }, "truth"],
  ]);

  function drawData(row, cell) {
    const most = Math.max(...row.cells.flatMap(({ histogram, upper }) => [...histogram, ...upper]));
    const last = cell.histogram.length - 1;
    data.frame({ x: [-0.5, last + 0.5], y: [0, 1.06 * most] });
    cell.histogram.forEach((height, x) => data.box(x - 0.45, 0, x + 0.45, height, { class: "bar" }));
    data.area(cell.lower.map((y, x) => [x, y]), cell.upper.map((y, x) => [x, y]), { class: "band" });
    data.line(cell.mle.map((y, x) => [x, y]), { class: "mle" });
    data.describe(`Histogram of ${sizes[at.size]} counts from rates ${row.rates.map((rate) => format(rate)).join(" and ")}, with EM's mixture over it.`);
  }

  function drawParameter(name, row, cell) {
    const panel = shown[name];
    const { mle, map, mean, sd, error, shift, distance, density } = cell[name];
    const range = panels.wider([...row.ranges[name], mle, map], 0.05);
    const xs = gaussian.grid(range, 281);
    const curve = evenly(row.ranges[name], density);
    const bell = error === null ? [] : xs.map((x) => [x, normal(x, mle, error)]);
    const top = 1.12 * Math.max(...curve.map(([, y]) => y), ...bell.map(([, y]) => y));
    panel.frame({ x: range, y: [-0.1 * top, top], ticksY: false });
    panel.line([[range[0], 0], [range[1], 0]], { class: "axis" });
    panel.area(curve.map(([x]) => [x, 0]), curve, { class: "band" });
    panel.line(curve, { class: "posterior" });
    panel.line([[row.truth[name], 0], [row.truth[name], top]], { class: "truth" });
    if (error !== null) panel.line(bell, { class: "normal" });
    panel.mark(mean, -0.05 * top, "square", { fill: "var(--posterior)", class: "estimate" }, 7);
    panel.mark(map, -0.05 * top, "diamond", { fill: "var(--map)", class: "estimate" }, 6);
    panel.mark(mle, -0.05 * top, "up", { fill: "var(--em)", class: "estimate" }, 6);
    panel.words.textContent =
      `MLE ${format(mle)}, MAP ${format(map)}, posterior ${format(mean)} ± ${format(sd)}: the MLE is shifted by ${format(shift)} posterior sd. ` +
      (error === null ? "There is no normal about this MLE: it lies on the edge, or the information there is singular."
        : `Standard error ${format(error)}; the posterior and the normal differ by ${format(distance)} in total variation.`);
    panel.describe(`Posterior of the ${NAMES[name]}. ${panel.words.textContent}`);
  }

  function fill() {
    table.replaceChildren();
    const head = draw.add(draw.add(table, "thead"), "tr");
    draw.add(head, "th", { scope: "col" }, "apart");
    sizes.forEach((n) => draw.add(head, "th", { scope: "col" }, `n = ${n}`));
    const body = draw.add(table, "tbody");
    rows.forEach((row, i) => {
      const line = draw.add(body, "tr");
      draw.add(line, "th", { scope: "row" }, `${separations[i]} sd`);
      row.cells.forEach((cell, j) => {
        const here = i === at.separation && j === at.size;
        const td = draw.add(line, "td", { class: here ? "here" : null, "aria-current": here ? "true" : null });
        for (const name of Object.keys(NAMES)) draw.add(td, Math.abs(cell[name].shift) > scene.differs ? "b" : "span", {}, format(cell[name].shift));
      });
    });
  }

  function show() {
    const row = rows[at.separation];
    const cell = row.cells[at.size];
    const worst = Math.max(...Object.keys(NAMES).map((name) => Math.abs(cell[name].shift)));
    output.textContent = `${separations[at.separation]} sd apart, n = ${sizes[at.size]}: ${worst > scene.differs ? "they part" : "they agree"}, the larger shift is ${format(worst)} posterior sd`;
    caption.textContent = `True rates ${row.rates.map((rate) => format(rate)).join(" and ")}. EM: ${cell.status}.`;
    drawData(row, cell);
    for (const name of Object.keys(NAMES)) drawParameter(name, row, cell);
    fill();
  }
  const place = (name) => (to) => {
    at[name] = to;
    redraw();
  };
  slider(bar, { label: "Separation", last: separations.length - 1, start: 0, printed: 0, words: (i) => `${separations[i]} sd`, changed: place("separation") });
  slider(bar, { label: "Observations n", last: sizes.length - 1, start: 0, printed: 0, words: (i) => `n = ${sizes[i]}`, changed: place("size") });
  at.ready = true;
  show();
};
