// Filters the table of calls. The page is whole without it.
"use strict";
{
  const bar = document.getElementById("filter");
  const words = document.getElementById("words");
  const found = document.getElementById("found");
  const body = document.getElementById("all-calls");
  if (bar && words && found && body) {
    const endings = [...bar.querySelectorAll("input[type=checkbox]")];
    const rows = [...body.rows].map((row) => ({
      row,
      ending: row.dataset.ending,
      text: row.textContent.toLowerCase(),
    }));
    const number = (count) => count.toLocaleString("en");

    const filter = () => {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const shown = new Set(endings.filter((box) => box.checked).map((box) => box.value));
      let count = 0;
      for (const { row, ending, text } of rows) {
        const fits = shown.has(ending) && wanted.every((word) => text.includes(word));
        row.hidden = !fits;
        count += fits ? 1 : 0;
      }
      found.textContent = `${number(count)} of ${number(rows.length)} shown`;
    };

    // A link can carry a search: report.html#find=csv-report
    const asked = new URLSearchParams(location.hash.slice(1)).get("find");
    if (asked !== null) {
      words.value = asked;
    }
    bar.hidden = false;
    words.addEventListener("input", filter);
    for (const box of endings) {
      box.addEventListener("change", filter);
    }
    filter();
  }
}
