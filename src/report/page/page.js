"use strict";
// Search, filters, sorting, and opening what a link leads to. Without it the page shows
// the same, in its first order.
(() => {
  const rows = (table) => [...table.tBodies[0].rows];
  const number = (cell) => parseFloat(cell.textContent.replace(/,/g, "")) || 0;

  // What a link leads to may be folded.
  const reveal = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    target.scrollIntoView({ block: target.tagName === "LI" ? "center" : "start" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // The number of a line is a link to it.
  document.addEventListener("click", (event) => {
    const line = event.target.closest("ol.out > li");
    if (!line || !line.id) return;
    const gutter = parseFloat(getComputedStyle(line).paddingLeft);
    if (event.clientX - line.getBoundingClientRect().left < gutter) location.hash = line.id;
  });

  const tests = document.getElementById("tests-table");
  const filter = document.getElementById("filter");
  if (tests && filter) {
    const all = rows(tests).map((row) => ({
      row,
      id: row.cells[1].textContent,
      text: row.cells[1].textContent.toLowerCase(),
      seconds: number(row.cells[row.cells.length - 1]),
    }));
    const sets = filter.dataset.sets.split(";").map((set) => set.split(","));
    const apply = () => {
      const field = (name) => (filter.elements[name] ? filter.elements[name].value : "");
      const words = field("text").toLowerCase().split(/\s+/).filter(Boolean);
      const outcome = field("outcome");
      const leg = field("leg");
      let shown = 0;
      for (const one of all) {
        const fits = words.every((word) => one.text.includes(word))
          && (!outcome || one.row.dataset.o.includes(outcome))
          && (!leg || (sets[one.row.dataset.l] || []).includes(leg));
        one.row.hidden = !fits;
        if (fits) shown += 1;
      }
      filter.elements.count.textContent = `${shown} of ${all.length}`;
    };
    const order = () => {
      const by = filter.elements.order.value;
      const list = [...all];
      if (by === "slow") list.sort((a, b) => b.seconds - a.seconds);
      if (by === "name") list.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
      tests.tBodies[0].append(...list.map((one) => one.row));
    };
    filter.hidden = false;
    filter.addEventListener("input", (event) => {
      if (event.target.name === "order") order();
      else apply();
    });
    filter.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  const files = document.getElementById("coverage-table");
  const search = document.getElementById("coverage-filter");
  if (files && search) {
    const all = rows(files);
    const names = all.map((row) => {
      const link = row.cells[0].querySelector("a");
      return { row, path: row.dataset.path, holder: link || row.cells[0], name: row.cells[0].textContent };
    });
    let sorted = { column: 0, way: "tree" };
    const apply = () => {
      const words = search.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const flat = sorted.column > 0 || words.length > 0;
      let shown = 0;
      for (const one of names) {
        const file = one.path !== undefined;
        const fits = file && words.every((word) => one.path.toLowerCase().includes(word));
        one.row.hidden = flat && !fits;
        // In a flat list a name needs its folders.
        if (file) one.holder.textContent = flat ? one.path : one.name;
        if (fits) shown += 1;
      }
      files.classList.toggle("flat", flat);
      search.elements.count.textContent = `${shown} files`;
    };
    const order = () => {
      const list = [...all];
      const { column, way } = sorted;
      if (column > 0) {
        const sign = way === "up" ? 1 : -1;
        list.sort((a, b) => sign * (number(a.cells[column]) - number(b.cells[column])));
      }
      files.tBodies[0].append(...list);
      [...files.tHead.rows[0].cells].forEach((head, at) => {
        if (at === column && column > 0) head.setAttribute("aria-sort", way === "up" ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
      });
      apply();
    };
    [...files.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const first = head.dataset.sort;
        const again = sorted.column === column && sorted.way === first;
        sorted = { column, way: again ? (first === "up" ? "down" : "up") : first };
        order();
      });
    });
    search.hidden = false;
    search.addEventListener("input", apply);
    search.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }
})();
