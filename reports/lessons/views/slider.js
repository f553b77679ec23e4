/* A native slider over a list of values, with its label before it and the value in words behind it. On paper the place
   `printed` is shown. */
function slider(parent, { label, words, last, start, printed, changed }) {
  const bar = draw.add(parent, "div", { class: "controls slider" });
  const wrapped = draw.add(bar, "label", {}, `${label} `);
  const range = draw.add(wrapped, "input", { type: "range", min: 0, max: last, step: 1 });
  const output = draw.add(bar, "output");
  let place = -1;

  function go(to) {
    if (to === place) return;
    place = to;
    range.value = place;
    output.textContent = words(place);
    draw.set(range, { "aria-valuetext": words(place) });
    changed(place);
  }
  range.addEventListener("input", () => go(Number(range.value)));
  const printing = matchMedia("print");
  let before = start;
  printing.addEventListener("change", () => {
    if (printing.matches) before = place;
    go(printing.matches ? printed : before);
  });
  go(start);
  return { go, get place() { return place; } };
}

/* Ticks of a logarithmic axis: each of these values at its logarithm. */
const logarithmic = (values, words = String) => values.map((value) => [Math.log10(value), words(value)]);

/* The normal density with this centre and deviation. */
const normal = (x, centre = 0, deviation = 1) =>
  Math.exp(-0.5 * ((x - centre) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));

/* Evenly spaced values of a curve as points. */
const evenly = ([low, high], values) => values.map((value, i) => [low + ((high - low) * i) / (values.length - 1), value]);
