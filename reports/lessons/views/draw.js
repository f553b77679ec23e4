"use strict";
/* What every lesson is drawn with: elements, panels with axes, the control bar, switches and handles. */
const views = {};
const draw = (() => {
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  const printing = matchMedia("print");
  const MINUS = "\u2212";

  const scene = () => JSON.parse(document.querySelector("#scene").textContent);

  /* A number as people read it: so many decimals, and a real minus sign. */
  const format = (value, decimals = 2) => {
    const text = value.toFixed(decimals);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", MINUS);
  };

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
    return element;
  }

  function add(parent, name, attributes = {}, text = null) {
    const element = set(document.createElement(name), attributes);
    if (text !== null) element.textContent = text;
    parent.append(element);
    return element;
  }

  function addSvg(parent, name, attributes = {}, text = null) {
    const element = set(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
    if (text !== null) element.textContent = text;
    parent.append(element);
    return element;
  }

  function ticks(low, high, most) {
    const rough = (high - low) / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i += 1) found.push([i * step, format(i * step, decimals)]);
    return found;
  }

  const MARKS = {
    circle: (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    square: (r) => `M${-0.88 * r} ${-0.88 * r}h${1.76 * r}v${1.76 * r}h${-1.76 * r}z`,
    up: (r) => `M0 ${-1.2 * r}L${1.1 * r} ${0.8 * r}H${-1.1 * r}z`,
    down: (r) => `M0 ${1.2 * r}L${1.1 * r} ${-0.8 * r}H${-1.1 * r}z`,
    diamond: (r) => `M0 ${-1.25 * r}L${1.25 * r} 0L0 ${1.25 * r}L${-1.25 * r} 0z`,
    cross: (r) => `M${-r} ${-r}L${r} ${r}M${-r} ${r}L${r} ${-r}`,
  };

  /* A panel with axes. `frame({x, y})` clears it and draws the axes for these limits, with even ticks unless `placesX` or
     `placesY` lists others as [place, label]; then `line`, `area`, `mark` and
     `text` draw in the units of the data. It is as wide as the page lets it be, and calls `redraw` when that changes. */
  function panel(parent, { title, x = "", y = "", height = 0.62, left = y ? 66 : 14, redraw }) {
    const figure = add(parent, "figure", { class: "panel" });
    if (title) add(figure, "figcaption", { class: "title" }, title);
    const svg = addSvg(figure, "svg", { role: "img", "aria-label": title });
    const drawing = addSvg(svg, "g");
    const clip = `clip-${(panel.count = (panel.count || 0) + 1)}`;
    const margin = { left, right: 14, top: 10, bottom: x ? 42 : 24 };
    const self = { figure, svg, limits: { x: [0, 1], y: [0, 1] } };
    let width = 0;
    let tall = 0;

    function measure() {
      const wide = Math.round(Math.min(Math.max(figure.clientWidth || 480, 260), 640));
      const changed = wide !== width;
      width = wide;
      tall = Math.round(Math.max(width * height, 300 * height));
      set(svg, { viewBox: `0 0 ${width} ${tall}` });
      return changed;
    }
    const part = (value, [low, high]) => (value - low) / (high - low);
    self.x = (value) => margin.left + part(value, self.limits.x) * (width - margin.left - margin.right);
    self.y = (value) => tall - margin.bottom - part(value, self.limits.y) * (tall - margin.top - margin.bottom);
    /* From a pointer's place on the screen to the units of the data. */
    self.at = (event) => {
      const box = svg.getBoundingClientRect();
      const across = ((event.clientX - box.left) / box.width) * width;
      const down = ((event.clientY - box.top) / box.height) * tall;
      const { x: [left, right], y: [low, high] } = self.limits;
      return {
        x: left + ((across - margin.left) / (width - margin.left - margin.right)) * (right - left),
        y: low + ((tall - margin.bottom - down) / (tall - margin.top - margin.bottom)) * (high - low),
      };
    };

    self.frame = ({ x: across, y: up, ticksY = true, placesX = null, placesY = null, label = x }) => {
      self.limits = { x: across, y: up };
      drawing.replaceChildren();
      const inner = addSvg(addSvg(drawing, "clipPath", { id: clip }), "rect", {
        x: margin.left, y: margin.top, width: width - margin.left - margin.right, height: tall - margin.top - margin.bottom,
      });
      const axes = addSvg(drawing, "g", { class: "axes" });
      for (const [value, label] of placesX || ticks(...across, Math.max(3, width / 80))) {
        addSvg(axes, "path", { d: `M${self.x(value)} ${margin.top}V${tall - margin.bottom}` });
        addSvg(axes, "text", { x: self.x(value), y: tall - margin.bottom + 15, "text-anchor": "middle" }, label);
      }
      if (ticksY) {
        for (const [value, label] of placesY || ticks(...up, Math.max(2, tall / 55))) {
          addSvg(axes, "path", { d: `M${margin.left} ${self.y(value)}H${width - margin.right}` });
          if (y) addSvg(axes, "text", { x: margin.left - 6, y: self.y(value) + 4, "text-anchor": "end" }, label);
        }
      }
      addSvg(axes, "path", { class: "axis", d: `M${margin.left} ${tall - margin.bottom}H${width - margin.right}` });
      if (label) addSvg(axes, "text", { class: "label", x: (margin.left + width - margin.right) / 2, y: tall - 8, "text-anchor": "middle" }, label);
      if (y) {
        const middle = (margin.top + tall - margin.bottom) / 2;
        addSvg(axes, "text", { class: "label", x: 0, y: 0, "text-anchor": "middle", transform: `translate(12 ${middle}) rotate(-90)` }, y);
      }
      self.layer = addSvg(drawing, "g", { "clip-path": `url(#${clip})` });
      self.over = addSvg(drawing, "g");
      return inner;
    };

    const place = ([across, up]) => `${self.x(across).toFixed(1)} ${Math.max(-9999, Math.min(9999, self.y(up))).toFixed(1)}`;
    self.line = (points, attributes) => addSvg(self.layer, "path", { fill: "none", d: `M${points.map(place).join("L")}`, ...attributes });
    /* Between two curves over the same places. */
    self.area = (lower, upper, attributes) =>
      addSvg(self.layer, "path", { d: `M${lower.map(place).join("L")}L${[...upper].reverse().map(place).join("L")}z`, ...attributes });
    self.box = (left, low, right, high, attributes) =>
      addSvg(self.layer, "rect", {
        x: self.x(left), y: self.y(high), width: self.x(right) - self.x(left), height: self.y(low) - self.y(high), ...attributes,
      });
    self.mark = (across, up, shape, attributes, size = 5) =>
      addSvg(self.over, "path", { d: MARKS[shape](size), transform: `translate(${self.x(across).toFixed(2)} ${self.y(up).toFixed(2)})`, ...attributes });
    self.text = (across, up, text, attributes = {}) => addSvg(self.over, "text", { x: self.x(across), y: self.y(up), ...attributes }, text);
    self.describe = (text) => set(svg, { "aria-label": text });

    measure();
    if (redraw) new ResizeObserver(() => measure() && redraw()).observe(figure);
    return self;
  }

  const ICONS = {
    first: "M6 5v14M19 5l-9 7 9 7z", back: "M17 5L7 12l10 7z", play: "M7 4l13 8-13 8z", pause: "M8 5v14M16 5v14",
    forward: "M7 5l10 7-10 7z", last: "M18 5v14M5 5l9 7-9 7z",
  };

  function button(parent, name, icon) {
    const made = add(parent, "button", { type: "button", "aria-label": name, title: name });
    const svg = addSvg(made, "svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
    addSvg(svg, "path", { d: ICONS[icon] });
    return made;
  }

  /* The control bar over steps 0 … `last`. `show(step)` draws a step, `describe(step)` says it in words. Arrow keys, Home,
     End and space work wherever the focus is within the bar. On paper the step `printed` is shown. `time` is the
     milliseconds of a step while playing; with reduced motion a step takes at least a second. */
  function controls(parent, { label, last, show, describe, start = 0, printed = last, time = 700, stride = 1 }) {
    const bar = add(parent, "div", { class: "controls", role: "group", "aria-label": label });
    const buttons = add(bar, "div", { class: "buttons" });
    const first = button(buttons, "First step", "first");
    const back = button(buttons, "Step back", "back");
    const play = button(buttons, "Play", "play");
    const forward = button(buttons, "Step forward", "forward");
    const end = button(buttons, "Last step", "last");
    const slider = add(bar, "input", { type: "range", min: 0, max: last, step: 1, "aria-label": `${label}: step` });
    const output = add(parent, "output", { class: "step" });
    let timer = null;
    let step = -1;

    function go(to) {
      const next = Math.max(0, Math.min(last, to));
      if (next === step) return;
      step = next;
      slider.value = step;
      output.textContent = describe(step);
      set(slider, { "aria-valuetext": output.textContent });
      show(step);
    }
    function stop() {
      clearInterval(timer);
      timer = null;
      look();
    }
    function look() {
      const name = timer === null ? "Play" : "Pause";
      set(play, { "aria-label": name, title: name });
      set(play.querySelector("path"), { d: ICONS[timer === null ? "play" : "pause"] });
      set(output, { "aria-live": timer === null ? "polite" : "off" });
    }
    function toggle() {
      if (timer !== null) return stop();
      if (step === last) go(0);
      timer = setInterval(() => {
        go(step + stride);
        if (step === last) stop();
      }, reducedMotion.matches ? Math.max(1000, time) : time);
      look();
    }
    const jump = (to) => {
      if (timer !== null) stop();
      go(to);
    };
    first.addEventListener("click", () => jump(0));
    back.addEventListener("click", () => jump(step - 1));
    play.addEventListener("click", toggle);
    forward.addEventListener("click", () => jump(step + 1));
    end.addEventListener("click", () => jump(last));
    slider.addEventListener("input", () => jump(Number(slider.value)));
    bar.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const to = { ArrowLeft: step - 1, ArrowDown: step - 1, ArrowRight: step + 1, ArrowUp: step + 1, Home: 0, End: last }[event.key];
      if (to !== undefined) jump(to);
      else if (event.key === " " && event.target === slider) toggle();
      else return;
      event.preventDefault();
    });
    let before = start;
    printing.addEventListener("change", () => {
      if (printing.matches) before = step;
      jump(printing.matches ? printed : before);
    });
    look();
    go(start);
    return { bar, go: jump, redraw: () => show(step), get step() { return step; }, restart: (newLast) => {
      last = newLast;
      set(slider, { max: last });
      step = -1;
      jump(Math.min(Number(slider.value), last));
    } };
  }

  /* A switch that is on or off. */
  function toggle(parent, label, changed, on = false) {
    const made = add(parent, "button", { type: "button", role: "switch", class: "switch", "aria-checked": on }, label);
    made.addEventListener("click", () => {
      set(made, { "aria-checked": made.getAttribute("aria-checked") !== "true" });
      changed(made.getAttribute("aria-checked") === "true");
    });
    return made;
  }

  /* One of several, with a label before it. */
  function choice(parent, label, options, changed) {
    const wrapped = add(parent, "label", { class: "choice" }, `${label} `);
    const select = add(wrapped, "select");
    for (const [value, text] of Object.entries(options)) add(select, "option", { value }, text);
    select.addEventListener("change", () => changed(select.value));
    return select;
  }

  /* A mark that can be dragged by mouse and finger and moved by the arrow keys. `where()` is its place in the panel,
     `moved({x, y})` is told where it should go, `describe()` says where it is. */
  function handle(on, { label, where, moved, describe, step, shape = "circle", attributes = {} }) {
    set(on.svg, { role: "group" });
    const made = addSvg(on.svg, "g", { class: "handle", tabindex: 0, role: "slider", "aria-label": label, ...attributes });
    addSvg(made, "circle", { r: 20, class: "reach" });
    addSvg(made, "path", { d: MARKS[shape](9) });
    const place = () => {
      const { x, y } = where();
      set(made, {
        transform: `translate(${on.x(x).toFixed(2)} ${on.y(y).toFixed(2)})`, "aria-valuetext": describe(), "aria-valuenow": x.toFixed(3),
        "aria-valuemin": on.limits.x[0].toFixed(3), "aria-valuemax": on.limits.x[1].toFixed(3),
      });
    };
    const within = ({ x, y }) => ({
      x: Math.max(on.limits.x[0], Math.min(on.limits.x[1], x)), y: Math.max(on.limits.y[0], Math.min(on.limits.y[1], y)),
    });
    made.addEventListener("pointerdown", (event) => {
      made.setPointerCapture(event.pointerId);
      made.focus({ preventScroll: true });
      event.preventDefault();
    });
    made.addEventListener("pointermove", (event) => made.hasPointerCapture(event.pointerId) && moved(within(on.at(event))));
    made.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
      if (!by) return;
      event.preventDefault();
      const { x, y } = where();
      const far = step * (event.shiftKey ? 5 : 1);
      moved(within({ x: x + far * by[0], y: y + far * by[1] }));
    });
    return { place, element: made };
  }

  /* What the lines and marks mean: a list of [look, words], a look being {line: attributes} or {mark: shape, ...attributes}. */
  function key(parent, entries) {
    const list = add(parent, "ul", { class: "key" });
    for (const [look, words] of entries) {
      const item = add(list, "li");
      const svg = addSvg(item, "svg", { viewBox: "0 0 32 12", "aria-hidden": "true" });
      const { line, area, mark, ...attributes } = look;
      if (area) addSvg(svg, "rect", { x: 2, y: 1, width: 28, height: 10, ...area });
      if (line) addSvg(svg, "path", { d: "M0 6H32", fill: "none", ...line });
      if (mark) addSvg(svg, "path", { d: MARKS[mark](4.5), transform: "translate(16 6)", ...attributes });
      item.append(words);
    }
    return list;
  }

  return { add, addSvg, set, scene, format, panel, controls, toggle, choice, handle, key, reducedMotion };
})();
