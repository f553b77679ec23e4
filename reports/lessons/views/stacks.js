// needs: panels.js
/* Counts as stacks of dots, each dot in the colour of its responsibilities or of its drawn label. */
const stacks = (() => {
  /* The place of each count: how many alike lie below it. */
  function heights(counts) {
    const seen = new Map();
    return counts.map((count) => {
      const height = (seen.get(count) || 0) + 1;
      seen.set(count, height);
      return height;
    });
  }

  /* γ ∝ exp(log weight + x · log rate − rate), whatever stands for the three. */
  const responsibilities = (counts, { logWeights, logRates, rates }) =>
    counts.map((x) => {
      const terms = rates.map((rate, k) => logWeights[k] + x * logRates[k] - rate);
      const largest = Math.max(...terms);
      const shares = terms.map((term) => Math.exp(term - largest));
      const whole = shares.reduce((sum, share) => sum + share, 0);
      return shares.map((share) => share / whole);
    });

  function show(panel, counts, shares, rates) {
    const tall = heights(counts);
    const top = Math.max(...tall) + 1;
    panel.frame({ x: [-0.7, Math.max(...counts) + 0.7], y: [0, top], ticksY: false });
    rates.forEach((rate, k) => {
      const { colour, dashes } = panels.LOOKS[k];
      panel.line([[rate, 0], [rate, top]], { stroke: colour, "stroke-width": 2.2, "stroke-dasharray": dashes });
    });
    counts.forEach((count, i) => {
      const likely = shares[i][0] >= 0.5 ? 0 : 1;
      panel.mark(count, tall[i] - 0.4, panels.LOOKS[likely].mark, { class: "point", fill: panels.blended(shares[i]) }, 5);
    });
  }
  return { responsibilities, show };
})();
