"use strict";
(() => {
  const table = document.querySelector("table.files");
  if (table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const key = (row, at) => {
      const number = row.cells[at].dataset.n;
      return number === undefined ? row.cells[at].textContent.trim() : Number(number);
    };
    heads.forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        rows.sort((a, b) => {
          const [x, y] = [key(a, at), key(b, at)];
          return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
        });
        body.append(...rows);
      });
    });
    const search = document.querySelector(".search");
    const told = search.querySelector("output");
    search.hidden = false;
    search.querySelector("input").addEventListener("input", (event) => {
      const wanted = event.target.value.toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
        shown += row.hidden ? 0 : 1;
      }
      told.textContent = wanted ? shown + " of " + rows.length + " files" : "";
    });
  }
  const steps = document.querySelector(".steps");
  if (steps) {
    // Only the first line of each gap.
    const gaps = [...document.querySelectorAll("li.missed, li.part")].filter((line) => {
      const before = line.previousElementSibling;
      return !(before && before.className === line.className);
    });
    let at = -1;
    const step = (by) => {
      at = (at + by + gaps.length) % gaps.length;
      gaps[at].scrollIntoView({ block: "center" });
      history.replaceState(null, "", "#" + gaps[at].id);
    };
    steps.hidden = false;
    steps.addEventListener("click", (event) => {
      const by = Number(event.target.dataset.step);
      if (by) step(by);
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "n") step(1);
      if (event.key === "p") step(-1);
    });
  }
})();
