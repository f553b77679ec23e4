// A button on each block of code copies it; of a Python session it copies what was typed, without prompts and answers.
for (const block of document.querySelectorAll("div.highlight")) {
  const code = block.querySelector("pre");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(typed(code.textContent));
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.append(button);
}

function typed(text) {
  const lines = text.trimEnd().split("\n");
  const isSession = lines.some((line) => line.startsWith(">>> "));
  const kept = isSession ? lines.filter((line) => /^(>>>|\.\.\.)( |$)/.test(line)).map((line) => line.slice(4)) : lines;
  return kept.join("\n") + "\n";
}
