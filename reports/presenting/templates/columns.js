const sought = document.getElementById("find-column");
const rows = [...document.querySelectorAll("#rates tbody tr")];
sought.addEventListener("input", () => {
  const text = sought.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.dataset.name.includes(text);
});
